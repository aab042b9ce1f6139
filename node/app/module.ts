/**
 * How a module plugs into the chain. A module is made by a plain factory function and listed by hand in
 * node/chain.ts; the registry refuses two that claim the same store, message type or query path.
 */
import type { Bytes } from '../base/bytes.ts';
import type { Json } from '../base/json.ts';
import type { PlainReader } from '../base/plain-reader.ts';
import type { Codec } from '../base/strict-decode.ts';
import type { ValidatorUpdate } from './abci.ts';
import type { KvPair } from '../store/kv.ts';
import type { Context } from './context.ts';

export type { Codec };

/** `iavl`: part of the app hash, provable, all versions. `plain`: newest version only, unproved. */
export type StoreSpec =
  | { readonly name: string; readonly kind: 'iavl' }
  | { readonly name: string; readonly kind: 'plain'; readonly recovery: PlainRecovery };

/**
 * How a plain store is filled on a node that starts from a snapshot, where the provable stores alone are certain.
 * The same keys must be there as on the other nodes, and values of the same length: gas counts both.
 */
export interface PlainRecovery {
  /** Pairs that snapshots carry, keys ascending: what never changes, and belongs to the height of `context`. */
  carried?(context: Context): Iterable<KvPair>;
  /** Writes a carried pair if provable state vouches for it. Throws BitscaleError when it does not. */
  accept?(context: Context, pair: KvPair): void;
  /** Builds what is not carried and checks that nothing is missing; each step is written before the next. */
  finish?(context: Context): Iterable<void>;
}

/** What a message answers: goes into TxMsgData. */
export interface MessageResponse {
  readonly typeUrl: string;
  readonly value: Bytes;
}

/** A message as hardware wallets show and sign it. */
export interface AminoForm<M> {
  /** For example `cosmos-sdk/MsgSend`. */
  readonly type: string;
  /** Snake-case members, integers as text, empty lists written out. Undefined: this message has no such form. */
  toJson(message: M): Json | undefined;
}

export interface MessageHandler<M> {
  /** For example `/cosmos.bank.v1beta1.MsgSend`; the third word from the end names the module in events. */
  readonly typeUrl: string;
  readonly codec: Codec<M>;
  /** What `codec` reads, from the form in which it usually comes; for messages that come often. */
  readPlain?(reader: PlainReader): M;
  /** For SIGN_MODE_LEGACY_AMINO_JSON; without it the message cannot be signed in that mode. */
  readonly amino?: AminoForm<M>;
  /** Addresses that must have signed, in order, without duplicates. Throws on an address that is none. */
  signers(message: M): readonly Bytes[];
  /** Checks that need no state. Throws BitscaleError. */
  validate(message: M): void;
  /** Throws BitscaleError to refuse; anything else thrown stops the node. */
  execute(context: Context, message: M): MessageResponse;
}

export interface QueryHandler<Req, Res> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly request: Codec<Req>;
  readonly response: Codec<Res>;
  run(context: Context, request: Req): Res;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- lists of handlers of different message types */
export type AnyMessageHandler = MessageHandler<any>;
export type AnyQueryHandler = QueryHandler<any, any>;

/** The messages of all modules. */
export interface MessageRouter {
  message(typeUrl: string): AnyMessageHandler | undefined;
}

/** Names a broken rule of the state, or undefined when it holds. Run by tests and the audit command. */
export type InvariantCheck = (context: Context) => string | undefined;

export interface Module {
  readonly name: string;
  readonly stores: readonly StoreSpec[];
  readonly messages: readonly AnyMessageHandler[];
  readonly queries: readonly AnyQueryHandler[];
  readonly invariants?: readonly { readonly name: string; readonly check: InvariantCheck }[];
  /** Called when all modules are known, before anything else: for a module that runs messages of others. */
  connect?(router: MessageRouter): void;
  /** `json` is the module's part of `app_state`; undefined when the file has none. */
  initGenesis(context: Context, json: unknown): readonly ValidatorUpdate[] | void;
  /** Plain JSON that initGenesis accepts. */
  exportGenesis(context: Context): unknown;
  /** Why another program must execute the next block; undefined: this one may. See Abci.haltReason. */
  haltReason?(context: Context): string | undefined;
  /** The lowest block that somebody still needs because of this module; without it, none. */
  retainHeight?(context: Context): number;
  /** Must never throw on anything a user can cause. */
  beginBlock?(context: Context): void;
  endBlock?(context: Context): readonly ValidatorUpdate[] | void;
}

/** Declares a query; the types of request and response follow from the codecs. */
export function query<Req, Res>(
  path: string,
  [request, response]: readonly [Codec<Req>, Codec<Res>],
  run: (context: Context, request: Req) => Res,
): QueryHandler<Req, Res> {
  return { path, request, response, run };
}
