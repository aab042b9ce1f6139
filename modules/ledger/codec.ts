/** Between the messages on the wire and the plain values of intents, quotes and batches. */
import { BitscaleError } from '../../node/base/errors.ts';
import { EMPTY } from '../../node/base/bytes.ts';
import type * as wire from '../../proto/gen/bitscale/ledger/v1/types.ts';
import { ERR_MALFORMED } from './errors.ts';
import { fieldFromBytes, fieldToBytes } from './field.ts';
import type { Intent, Quote } from './intent.ts';
import type { PublicKey, Signature } from './schnorr.ts';
import type { OpenBatch, Operation } from './transition.ts';

function field(bytes: Uint8Array | undefined, name: string): bigint {
  const value = fieldFromBytes(bytes ?? EMPTY);
  if (value === undefined) {
    throw new BitscaleError(ERR_MALFORMED, `${name} must be 32 bytes below the field order`);
  }
  return value;
}

export function keyFromWire(key: wire.LedgerKey | undefined): PublicKey {
  return { ax: field(key?.ax, 'owner.ax'), ay: field(key?.ay, 'owner.ay') };
}

export function keyToWire(key: PublicKey): wire.LedgerKey {
  return { ax: fieldToBytes(key.ax), ay: fieldToBytes(key.ay) };
}

function signatureFromWire(signature: wire.LedgerSignature | undefined): Signature {
  return {
    rx: field(signature?.rx, 'signature.rx'),
    ry: field(signature?.ry, 'signature.ry'),
    s: field(signature?.s, 'signature.s'),
  };
}

function signatureToWire({ rx, ry, s }: Signature): wire.LedgerSignature {
  return { rx: fieldToBytes(rx), ry: fieldToBytes(ry), s: fieldToBytes(s) };
}

/** Throws BitscaleError when a field is not of its form; ranges and meaning are checked elsewhere. */
export function intentFromWire(message: wire.Intent): Intent {
  return {
    op: BigInt(message.op),
    sIdx: BigInt(message.sIdx),
    rIdx: BigInt(message.rIdx),
    token: BigInt(message.token),
    tokenOut: BigInt(message.tokenOut),
    amount: message.amount,
    amountOut: message.amountOut,
    fee: message.fee,
    nonce: message.nonce,
    expiry: message.expiry,
    memo: field(message.memo, 'memo'),
    quoteId: message.quoteId,
    ...keyFromWire(message.owner),
    ...signatureFromWire(message.signature),
  };
}

export function intentToWire(intent: Intent): wire.Intent {
  return {
    op: Number(intent.op),
    sIdx: Number(intent.sIdx),
    rIdx: Number(intent.rIdx),
    token: Number(intent.token),
    tokenOut: Number(intent.tokenOut),
    amount: intent.amount,
    amountOut: intent.amountOut,
    fee: intent.fee,
    nonce: intent.nonce,
    expiry: intent.expiry,
    memo: fieldToBytes(intent.memo),
    quoteId: intent.quoteId,
    owner: keyToWire(intent),
    signature: signatureToWire(intent),
  };
}

export function quoteFromWire(message: wire.Quote): Quote {
  return {
    inIdx: BigInt(message.inIdx),
    outIdx: BigInt(message.outIdx),
    tokenIn: BigInt(message.tokenIn),
    tokenOut: BigInt(message.tokenOut),
    nonce: message.nonce,
    uses: BigInt(message.uses),
    expiry: message.expiry,
    num: message.num,
    den: message.den,
    max: message.max,
    ...keyFromWire(message.owner),
    ...signatureFromWire(message.signature),
  };
}

export function quoteToWire(quote: Quote): wire.Quote {
  return {
    inIdx: Number(quote.inIdx),
    outIdx: Number(quote.outIdx),
    tokenIn: Number(quote.tokenIn),
    tokenOut: Number(quote.tokenOut),
    nonce: quote.nonce,
    uses: Number(quote.uses),
    expiry: quote.expiry,
    num: quote.num,
    den: quote.den,
    max: quote.max,
    owner: keyToWire(quote),
    signature: signatureToWire(quote),
  };
}

export function batchToWire(batch: OpenBatch): wire.BatchContent {
  return {
    number: batch.number,
    time: batch.time,
    operations: batch.operations.map((o) => ({
      intent: intentToWire({ ...o, quoteId: '' }),
      quoteIdx: Number(o.quoteIdx),
    })),
    quotes: batch.quotes.map(({ id, quote, totalIn, totalOut }) => ({
      id,
      quote: quoteToWire(quote),
      totalIn,
      totalOut,
    })),
    fees: batch.fees.map(([token, total]) => ({ token: Number(token), total })),
  };
}

export function batchFromWire(content: wire.BatchContent): OpenBatch {
  return {
    number: content.number,
    time: content.time,
    operations: content.operations.map(operationFromWire),
    quotes: content.quotes.map((row) => ({
      id: row.id,
      quote: quoteFromWire(required(row.quote, 'quote')),
      totalIn: row.totalIn,
      totalOut: row.totalOut,
    })),
    fees: content.fees.map(({ token, total }) => [BigInt(token), total] as const),
  };
}

function operationFromWire(message: wire.BatchOperation): Operation {
  const { quoteId: _, ...fields } = intentFromWire(required(message.intent, 'intent'));
  return { ...fields, quoteIdx: BigInt(message.quoteIdx) };
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new BitscaleError(ERR_MALFORMED, `${name} is missing`);
  return value;
}
