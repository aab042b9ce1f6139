/**
 * The ledger for wallets and operators: keys, signing of intents and quotes, and the message types for a
 * CosmJS registry. Pure code that needs no node.
 */
import type { GeneratedType } from '@cosmjs/proto-signing';
import type { AminoConverters } from '@cosmjs/stargate';
import '../../node/base/exact-varints.ts';
import { fromAmino, toAmino } from '../../node/base/amino.ts';
import { bytesToBigInt, type Bytes } from '../../node/base/bytes.ts';
import * as tx from '../../proto/gen/bitscale/ledger/v1/tx.ts';
import { POST_QUOTES, REGISTER_ACCOUNT, SUBMIT_INTENTS, type AminoMessage } from './amino.ts';
import { intentToWire, keyToWire, quoteToWire } from './codec.ts';
import { intentHash, hashId, signIntent, signQuote } from './intent.ts';
import type { Intent, IntentFields, Quote, QuoteFields } from './intent.ts';
import { publicKey, secretFromSeed, type PublicKey } from './schnorr.ts';

export { memoWord, OP_CONVERT, OP_TRANSFER, OP_WITHDRAW } from './intent.ts';
export type { IntentFields, QuoteFields } from './intent.ts';
export type { PublicKey } from './schnorr.ts';
export { intentToWire, keyToWire, quoteToWire };

// CosmJS types the writer as protobufjs', ours is protobuf-es'; the registry only calls finish() on it.
const registryType = (codec: unknown): GeneratedType => codec as GeneratedType;

/** For `new Registry([...defaultRegistryTypes, ...LEDGER_TYPES])`. */
export const LEDGER_TYPES: readonly [string, GeneratedType][] = [
  ['/bitscale.ledger.v1.MsgSubmitIntents', registryType(tx.MsgSubmitIntents)],
  ['/bitscale.ledger.v1.MsgPostQuotes', registryType(tx.MsgPostQuotes)],
  ['/bitscale.ledger.v1.MsgRegisterAccount', registryType(tx.MsgRegisterAccount)],
];

const converter = (codec: Wire, { type, shape }: AminoMessage) => ({
  aminoType: type,
  toAmino: (message: object) => toAmino(shape, message),
  fromAmino: (json: unknown) => codec.fromPartial(fromAmino(shape, json)),
});

interface Wire {
  fromPartial(fields: Record<string, unknown>): unknown;
}

/** For `new AminoTypes({ ...createDefaultAminoConverters(), ...LEDGER_AMINO })`: signing with a hardware wallet. */
export const LEDGER_AMINO: AminoConverters = {
  '/bitscale.ledger.v1.MsgSubmitIntents': converter(tx.MsgSubmitIntents, SUBMIT_INTENTS),
  '/bitscale.ledger.v1.MsgPostQuotes': converter(tx.MsgPostQuotes, POST_QUOTES),
  '/bitscale.ledger.v1.MsgRegisterAccount': converter(tx.MsgRegisterAccount, REGISTER_ACCOUNT),
};

/**
 * The one message that a wallet signs to derive its ledger key. Whoever gets this text signed by an owner
 * controls the owner's ledger accounts: wallets must show it and refuse it to unknown sites.
 */
export const KEY_MESSAGE =
  'BitScale ledger key v1. Sign this only in a wallet you trust: the signature controls your ledger accounts.';

/** A ledger account holder: the secret never leaves this object. */
export class LedgerWallet {
  readonly #secret: bigint;
  readonly key: PublicKey;

  private constructor(secret: bigint) {
    this.#secret = secret;
    this.key = publicKey(secret);
  }

  /** From the owner's (deterministic) signature over KEY_MESSAGE, or any other 32 or more secret bytes. */
  static fromSeed(seed: Bytes): LedgerWallet {
    return new LedgerWallet(secretFromSeed(seed));
  }

  signIntent(
    domain: Bytes,
    fields: Partial<IntentFields> & { op: bigint; quoteId?: string },
  ): Intent {
    const whole = { ...EMPTY_INTENT, ...fields };
    return signIntent(bytesToBigInt(domain), this.#secret, this.key, whole);
  }

  signQuote(domain: Bytes, fields: QuoteFields): Quote {
    return signQuote(bytesToBigInt(domain), this.#secret, this.key, fields);
  }
}

const EMPTY_INTENT: IntentFields = {
  op: 0n,
  sIdx: 0n,
  rIdx: 0n,
  token: 0n,
  tokenOut: 0n,
  amount: 0n,
  amountOut: 0n,
  fee: 0n,
  nonce: 0n,
  expiry: 0n,
  memo: 0n,
};

/** The id under which the chain reports on an intent. */
export function intentId(domain: Bytes, intent: Intent): string {
  return hashId(intentHash(bytesToBigInt(domain), intent));
}
