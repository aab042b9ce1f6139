/**
 * What an owner signs: an intent moves money of one leaf, a quote offers to convert. Both are plain
 * values; packing, hashing, signing and checking live here so that wallets and nodes share them.
 */
import { bytesToBigInt, concat, toHex, utf8, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { fieldToBytes, keccakToField } from './field.ts';
import { messageHash, sign, verify, type PublicKey, type Signature } from './schnorr.ts';
import { pack } from './words.ts';

export const OP_NOOP = 0n;
export const OP_REGISTER = 1n;
export const OP_TRANSFER = 2n;
export const OP_DEPOSIT = 3n;
export const OP_WITHDRAW = 4n;
export const OP_CONVERT = 5n;

/** The fields of the two operation words and the memo word. */
export interface IntentFields {
  readonly op: bigint;
  readonly sIdx: bigint;
  readonly rIdx: bigint;
  readonly token: bigint;
  readonly tokenOut: bigint;
  readonly amount: bigint;
  readonly amountOut: bigint;
  readonly fee: bigint;
  readonly nonce: bigint;
  /** Unix seconds; the intent is void afterwards. */
  readonly expiry: bigint;
  /** Below 2^248. For a withdrawal the L1 address as an integer. */
  readonly memo: bigint;
}

export interface Intent extends IntentFields, PublicKey, Signature {
  /** Of a conversion: which standing quote fills it. Not signed: the signed amounts bind the rate. */
  readonly quoteId: string;
}

export interface QuoteFields {
  /** Leaf that receives tokenIn; leaf that pays tokenOut. */
  readonly inIdx: bigint;
  readonly outIdx: bigint;
  readonly tokenIn: bigint;
  readonly tokenOut: bigint;
  /** Good while the paying leaf's nonce is in [nonce, nonce + uses): one use a batch. */
  readonly nonce: bigint;
  readonly uses: bigint;
  readonly expiry: bigint;
  /** amountOut = floor(amountIn * num / den). */
  readonly num: bigint;
  readonly den: bigint;
  /** Largest sum of amountOut in one batch. */
  readonly max: bigint;
}

export interface Quote extends QuoteFields, PublicKey, Signature {}

/** The ledger of one chain bound to one L1 contract; every signature carries it. */
export function ledgerDomain(chainId: string, l1ChainId: bigint, rollup: Bytes): bigint {
  const prefix = utf8('bitscale.ledger.v1');
  return keccakToField(concat(prefix, utf8(chainId), fieldToBytes(l1ChainId), rollup));
}

/** A memo text as the word that is signed; the empty text is 0. */
export function memoWord(text: string): bigint {
  return text === '' ? 0n : bytesToBigInt(sha256(utf8(text))) >> 8n;
}

export function operationWord(f: IntentFields): bigint {
  const { op, sIdx, rIdx, token, tokenOut, nonce, expiry } = f;
  return pack('opWord', { op, sIdx, rIdx, token, tokenOut, nonce, expiry });
}

export function amountWord(f: Pick<IntentFields, 'amount' | 'amountOut' | 'fee'>): bigint {
  return pack('amountWord', { amount: f.amount, amountOut: f.amountOut, fee: f.fee });
}

export function quoteWords(q: QuoteFields): { q0: bigint; q1: bigint } {
  const { inIdx, outIdx, tokenIn, tokenOut, nonce, uses, expiry, num, den, max } = q;
  return {
    q0: pack('quoteWord0', { inIdx, outIdx, tokenIn, tokenOut, nonce, uses, expiry }),
    q1: pack('quoteWord1', { num, den, max }),
  };
}

/** h* of an intent: 32 bytes in hexadecimal are its id everywhere. */
export function intentHash(domain: bigint, intent: Omit<Intent, 's' | 'quoteId'>): bigint {
  const words = { domain, w0: operationWord(intent), w1: amountWord(intent), memo: intent.memo };
  return messageHash(words, intent, intent);
}

/** Quotes have a domain of their own, so that neither can be read as the other. */
export function quoteHash(domain: bigint, quote: Omit<Quote, 's'>): bigint {
  const { q0, q1 } = quoteWords(quote);
  return messageHash({ domain: domain + 1n, w0: q0, w1: q1, memo: 0n }, quote, quote);
}

export function hashId(hash: bigint): string {
  return toHex(fieldToBytes(hash));
}

export function signIntent(
  domain: bigint,
  secret: bigint,
  key: PublicKey,
  fields: IntentFields & { quoteId?: string },
): Intent {
  const words = { domain, w0: operationWord(fields), w1: amountWord(fields), memo: fields.memo };
  const { ax, ay } = key;
  return { quoteId: '', ...fields, ax, ay, ...sign(secret, words) };
}

export function signQuote(
  domain: bigint,
  secret: bigint,
  key: PublicKey,
  fields: QuoteFields,
): Quote {
  const { q0, q1 } = quoteWords(fields);
  const { ax, ay } = key;
  return { ...fields, ax, ay, ...sign(secret, { domain: domain + 1n, w0: q0, w1: q1, memo: 0n }) };
}

export function verifyIntent(domain: bigint, intent: Intent): boolean {
  return verify(intentHash(domain, intent), intent, intent);
}
