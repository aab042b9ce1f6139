/** Checks of users' intents and quotes that need no account state: forms, ranges and signatures. */
import { BitscaleError } from '../../node/base/errors.ts';
import { ERR_KEY, ERR_MALFORMED, ERR_SIGNATURE } from './errors.ts';
import * as op from './intent.ts';
import { isAccountKey, verify, type PublicKey } from './schnorr.ts';
import { isSigned } from './transition.ts';
import { fits } from './words.ts';

const MEMO_BITS = 248n;
const ADDRESS_BITS = 160n;

const refuse = (detail: string): never => {
  throw new BitscaleError(ERR_MALFORMED, detail);
};

/** Every field in its range and zero where the operation does not use it, as the circuit demands. */
export function checkIntent(intent: op.Intent): void {
  if (!isSigned(intent.op)) refuse(`operation ${intent.op} cannot be an intent`);
  for (const field of ['sIdx', 'rIdx', 'token', 'tokenOut', 'nonce', 'expiry'] as const) {
    if (!fits('opWord', field, intent[field])) refuse(`${field} is out of range`);
  }
  if (intent.amount === 0n) refuse('amount must not be 0');
  if (intent.memo >> MEMO_BITS !== 0n) refuse('memo must be below 2^248');
  const converts = intent.op === op.OP_CONVERT;
  if (!converts && (intent.tokenOut !== 0n || intent.amountOut !== 0n || intent.quoteId !== '')) {
    refuse('token_out, amount_out and quote_id belong to conversions only');
  }
  if (converts && intent.amountOut === 0n) refuse('amount_out must not be 0');
  if (intent.op === op.OP_WITHDRAW) {
    if (intent.rIdx !== 0n) refuse('a withdrawal has no receiving account');
    if (intent.memo === 0n || intent.memo >> ADDRESS_BITS !== 0n) {
      refuse('the memo of a withdrawal must be an L1 address');
    }
  }
}

const QUOTE_FIELDS = [
  ...(['inIdx', 'outIdx', 'tokenIn', 'tokenOut'] as const),
  ...(['nonce', 'uses', 'expiry'] as const),
];

export function checkQuoteFields(quote: op.Quote): void {
  for (const field of QUOTE_FIELDS) {
    if (!fits('quoteWord0', field, quote[field])) refuse(`${field} is out of range`);
  }
  if (quote.num === 0n || quote.den === 0n) refuse('num and den must not be 0');
  if (quote.uses === 0n || quote.max === 0n) refuse('uses and max must not be 0');
  if (quote.tokenIn === quote.tokenOut || quote.inIdx === quote.outIdx) {
    refuse('a quote converts between two tokens and two accounts');
  }
}

export function checkAccountKey(key: PublicKey): void {
  if (!isAccountKey(key)) {
    throw new BitscaleError(ERR_KEY, 'the key must be a point of the prime subgroup');
  }
}

const CACHED_SIGNATURES = 16_384;

/**
 * Signature checks, each done once per node: the same intent is seen in CheckTx, in proposals and in the
 * block. Keyed by the hash and S, which together fix everything that is verified.
 */
export class SignatureChecks {
  readonly #valid = new Set<string>();

  check(hash: bigint, signed: op.Intent | op.Quote): void {
    const key = `${hash}/${signed.s}`;
    if (this.#valid.has(key)) return;
    if (!verify(hash, signed, signed)) {
      throw new BitscaleError(ERR_SIGNATURE, `of ${op.hashId(hash)}`);
    }
    if (this.#valid.size >= CACHED_SIGNATURES) this.#valid.clear();
    this.#valid.add(key);
  }
}
