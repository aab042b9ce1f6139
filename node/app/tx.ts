/** Reading a transaction. Exactly one byte string encodes a transaction, so its hash names it. */
import type { Any } from 'cosmjs-types/google/protobuf/any';
import type { AuthInfo, Fee, SignerInfo, TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_CACHED_TX_BYTES, MAX_CACHED_TXS, MAX_TX_BYTES } from '../base/limits.ts';
import { INVALID_REQUEST, TX_DECODE, TX_TOO_LARGE } from '../base/sdk-errors.ts';
import { RecentMap } from '../base/recent-map.ts';
import { PlainReader } from '../base/plain-reader.ts';
import { strictDecode } from '../base/strict-decode.ts';
import { timeToNanos, ZERO_TIME } from '../base/time.ts';
import { txName } from '../base/tx-hash.ts';
import { toText } from '../store/kv.ts';
import type { AddressText } from './address-text.ts';
import type { AnyMessageHandler } from './module.ts';
import { KeyCache } from './key-cache.ts';
import type { PublicKey } from './public-key.ts';
import type { Registry } from './registry.ts';
import { innerSignatures } from './signature-parts.ts';
import type { TxNotes } from './tx-notes.ts';
import { readTxParts } from './tx-parts.ts';

export interface TxMessage {
  readonly handler: AnyMessageHandler;
  readonly value: unknown;
  /** Never empty. */
  readonly signers: readonly Bytes[];
}

/** Without the keys, and with the fee apart. */
interface AuthInfoRest extends Omit<AuthInfo, 'signerInfos' | 'fee'> {
  readonly signerInfos: readonly Omit<SignerInfo, 'publicKey'>[];
}

export interface Tx {
  readonly bytes: Bytes;
  /** Upper-case hexadecimal SHA-256 of the bytes, as clients print it. */
  readonly hash: string;
  /** The bytes before the signatures. */
  readonly signed: Bytes;
  readonly body: Omit<TxBody, 'messages'>;
  readonly authInfo: AuthInfoRest;
  readonly signatures: readonly Bytes[];
  readonly messages: readonly TxMessage[];
  readonly fee: Fee;
  /** Signers of the messages in order of first appearance, then the fee payer when it is another. */
  readonly signers: readonly Bytes[];
  readonly feePayer: Bytes;
  /** The timeout timestamp, nanoseconds since 1970; undefined for none. */
  readonly timeout: bigint | undefined;
  /** Keys as given, by signer; an error for a key that cannot be used. */
  readonly pubKeys: readonly (PublicKey | BitscaleError | undefined)[];
  /** For each signature the ones inside it; empty when none of them is one of a multisig. */
  readonly innerSignatures: readonly (readonly Bytes[])[];
  readonly notes: TxNotes;
}

/** Of the year 9999, the last one that a protobuf timestamp may name. */
const LAST_SECOND = 253_402_300_799n;
/** Any in Any is refused deeper than this: the body is one level, its messages the next. */
const MESSAGE_DEPTH = 2;
/** A key is an Any inside SignerInfo inside AuthInfo. */
const KEY_DEPTH = 2;
const NONE: never[] = [];

interface DecoderParts {
  readonly registry: Registry;
  readonly addresses: AddressText;
  readonly keys: KeyCache;
}

/** Decodes each transaction once: CheckTx, rechecks, proposals and the block itself share the result. */
export class TxDecoder {
  readonly #parts: DecoderParts;
  readonly #byHash = new RecentMap<Tx>(MAX_CACHED_TXS);
  /** Those that are too large to be kept for longer than somebody else keeps them. */
  readonly #large = new WeakMap<Bytes, Tx>();

  constructor(registry: Registry, addresses: AddressText) {
    this.#parts = { registry, addresses, keys: new KeyCache() };
  }

  /** Throws BitscaleError: sdk/21 too large, sdk/2 not canonical, sdk/18 no message, sdk/7 bad signer. */
  decode(bytes: Bytes): Tx {
    if (bytes.length > MAX_TX_BYTES) {
      throw new BitscaleError(TX_TOO_LARGE, `${bytes.length} bytes, at most ${MAX_TX_BYTES}`);
    }
    const hash = txName(bytes);
    return this.#byHash.get(hash) ?? this.#large.get(bytes) ?? this.#decodeNew(bytes, hash);
  }

  /** Undefined when the bytes are no transaction. */
  tryDecode(bytes: Bytes): Tx | undefined {
    try {
      return this.decode(bytes);
    } catch (error) {
      if (error instanceof BitscaleError) return undefined;
      throw error;
    }
  }

  #decodeNew(bytes: Bytes, hash: string): Tx {
    const tx = decodeTx(bytes, hash, this.#parts);
    if (bytes.length > MAX_CACHED_TX_BYTES) this.#large.set(bytes, tx);
    else this.#byHash.set(hash, tx);
    return tx;
  }
}

function decodeTx(bytes: Bytes, hash: string, { registry, addresses, keys }: DecoderParts): Tx {
  const { signed, body, authInfo, signatures } = readTxParts(bytes);
  if (body.messages.length === 0) {
    throw new BitscaleError(INVALID_REQUEST, 'must contain at least one message');
  }
  checkOptions(body, registry);
  const messages = body.messages.map((any) => decodeMessage(any, registry));
  if (!authInfo.fee) throw new BitscaleError(INVALID_REQUEST, 'missing fee');
  const { signers, feePayer } = signersOf(messages, authInfo.fee, addresses);
  const { signerInfos } = authInfo;
  const pubKeys = signerInfos.map(({ publicKey }) => publicKey && keys.read(publicKey, KEY_DEPTH));
  // What has been read is not kept as it was written, too.
  body.messages = NONE;
  for (const info of signerInfos) info.publicKey = undefined;
  return {
    bytes,
    hash,
    signed,
    body,
    authInfo,
    signatures,
    messages,
    fee: authInfo.fee,
    signers,
    feePayer,
    timeout: timeoutOf(body),
    pubKeys,
    innerSignatures: signerInfos.some(({ modeInfo }) => modeInfo?.multi)
      ? signatures.map((signature, index) => innerSignatures(signerInfos[index], signature))
      : NONE,
    notes: { facts: undefined, fee: undefined },
  };
}

/** A message in place of an option cannot be decoded; an option that nobody knows is refused by the ante rules. */
function checkOptions(body: TxBody, registry: Registry): void {
  const critical = body.extensionOptions.find(({ typeUrl }) => registry.message(typeUrl));
  const option = critical ?? body.nonCriticalExtensionOptions[0];
  if (option) throw new BitscaleError(TX_DECODE, `no registered extension ${option.typeUrl}`);
}

/** The SDK takes the second 0 for "none". */
function timeoutOf({ timeoutTimestamp }: TxBody): bigint | undefined {
  if (!timeoutTimestamp) return undefined;
  const { seconds, nanos } = timeoutTimestamp;
  const isTime =
    seconds >= ZERO_TIME.seconds && seconds <= LAST_SECOND && nanos >= 0 && nanos < 1e9;
  if (!isTime) throw new BitscaleError(TX_DECODE, 'the timeout timestamp is no time');
  return seconds === 0n ? undefined : timeToNanos({ seconds, nanos });
}

function decodeMessage(any: Any, registry: Registry): TxMessage {
  const handler = registry.message(any.typeUrl);
  if (!handler) {
    throw new BitscaleError(TX_DECODE, `unable to resolve type URL ${any.typeUrl}`);
  }
  const reader = new PlainReader(any.value);
  const plain: unknown = handler.readPlain?.(reader);
  const isRead = plain !== undefined && reader.isDone;
  const value = isRead ? plain : strictDecode<unknown>(handler.codec, any.value, MESSAGE_DEPTH);
  const signers = handler.signers(value);
  if (signers.length === 0) throw new BitscaleError(INVALID_REQUEST, 'a message without signer');
  return { handler, value, signers };
}

function signersOf(messages: readonly TxMessage[], fee: Fee, addresses: AddressText) {
  const first = messages[0]!.signers;
  if (messages.length === 1 && fee.payer === '') return { signers: first, feePayer: first[0]! };
  const signers = new Map<string, Bytes>();
  const add = (address: Bytes): void => {
    const key = toText(address);
    if (!signers.has(key)) signers.set(key, address);
  };
  for (const message of messages) message.signers.forEach(add);
  const feePayer = fee.payer === '' ? first[0]! : addresses.read(fee.payer);
  add(feePayer);
  return { signers: [...signers.values()], feePayer };
}
