/**
 * THE transition of the payment ledger: what an operation does to the leaves, and what closing a batch
 * does. Block execution and the prover's witness both run this one function; the circuit accepts exactly
 * what it produces. Pure: leaves are read and written through the interface, nothing else is touched.
 */
import { assert, BitscaleError, type ErrorKind } from '../../node/base/errors.ts';
import * as errors from './errors.ts';
import * as op from './intent.ts';
import type { Leaf } from './tree.ts';
import { fits } from './words.ts';

export interface LeafStore {
  get(index: number): Leaf | undefined;
  set(index: number, leaf: Leaf): void;
}

/** An operation as executed: an intent, or one of the unsigned operations with R = the identity and S = 0. */
export interface Operation extends op.IntentFields {
  readonly ax: bigint;
  readonly ay: bigint;
  readonly rx: bigint;
  readonly ry: bigint;
  readonly s: bigint;
  /** Row of the batch's quote table that a conversion draws on; 0 otherwise. */
  readonly quoteIdx: bigint;
}

/** A standing quote and its id. */
export interface Offer {
  readonly id: string;
  readonly quote: op.Quote;
}

/** What a batch draws on a quote. */
export interface QuoteRow extends Offer {
  readonly totalIn: bigint;
  readonly totalOut: bigint;
}

/** How much one batch holds: the shape of the circuit that proves it. */
export interface BatchShape {
  readonly depth: number;
  readonly slots: number;
  readonly quotes: number;
  readonly feeTokens: number;
}

export interface OpenBatch {
  /** 1, 2, 3, ... */
  readonly number: bigint;
  /** Unix seconds of the block that executed the first operation. */
  readonly time: bigint;
  readonly operations: readonly Operation[];
  readonly quotes: readonly QuoteRow[];
  /** Fees by token id, in ascending order of tokens. */
  readonly fees: readonly (readonly [token: bigint, total: bigint])[];
}

/** What an unsigned operation carries in place of a signature. */
export const NO_SIGNATURE = { rx: 0n, ry: 1n, s: 0n } as const;
const NO_FIELDS = {
  sIdx: 0n, rIdx: 0n, token: 0n, tokenOut: 0n, amount: 0n, amountOut: 0n,
  fee: 0n, nonce: 0n, expiry: 0n, memo: 0n, quoteIdx: 0n,
} as const; // prettier-ignore

export const NOOP: Operation = { ...NO_FIELDS, ...NO_SIGNATURE, op: op.OP_NOOP, ax: 0n, ay: 1n };

export function registerOperation(f: {
  rIdx: bigint;
  token: bigint;
  ax: bigint;
  ay: bigint;
}): Operation {
  return { ...NO_FIELDS, ...NO_SIGNATURE, op: op.OP_REGISTER, ...f };
}

export function depositOperation(f: {
  rIdx: bigint;
  token: bigint;
  amount: bigint;
  ax: bigint;
  ay: bigint;
}): Operation {
  return { ...NO_FIELDS, ...NO_SIGNATURE, op: op.OP_DEPOSIT, ...f };
}

export function openBatch(number: bigint, time: bigint): OpenBatch {
  return { number, time, operations: [], quotes: [], fees: [] };
}

const fail = (kind: ErrorKind, detail: string): never => {
  throw new BitscaleError(kind, detail);
};

/**
 * Must this batch be closed before the operation can run? It must when a slot, a quote row or a fee token
 * is missing, and when the paying leaf of one of its quotes would be spent or offered a second time: the
 * quote settles that leaf at the end, and its nonce and balance must be what they were when it was used.
 */
export function needsNewBatch(
  batch: OpenBatch,
  operation: Operation,
  shape: BatchShape,
  quote?: Offer,
) {
  if (batch.operations.length >= shape.slots) return true;
  const paying = (index: bigint): boolean => batch.quotes.some((row) => row.quote.outIdx === index);
  if (isSigned(operation.op) && paying(operation.sIdx)) return true;
  if (quote && !batch.quotes.some((row) => row.id === quote.id)) {
    if (batch.quotes.length >= shape.quotes || paying(quote.quote.outIdx)) return true;
  }
  const listed = batch.fees.some(([token]) => token === operation.token);
  return operation.fee > 0n && !listed && batch.fees.length >= shape.feeTokens;
}

export const isSigned = (code: bigint): boolean =>
  code === op.OP_TRANSFER || code === op.OP_WITHDRAW || code === op.OP_CONVERT;

/**
 * Runs one operation whose signature has been checked. Throws BitscaleError with nothing written when the
 * ledger refuses it. `quote` is the standing quote a conversion names.
 */
export function apply(
  leaves: LeafStore,
  batch: OpenBatch,
  operation: Operation,
  quote?: Offer,
): OpenBatch {
  switch (operation.op) {
    case op.OP_REGISTER:
      return register(leaves, batch, operation);
    case op.OP_DEPOSIT:
      return deposit(leaves, batch, operation);
    case op.OP_TRANSFER:
      return transfer(leaves, batch, operation);
    case op.OP_WITHDRAW:
      debit(leaves, operation, batch.time);
      return record(batch, operation);
    case op.OP_CONVERT:
      return convert(leaves, batch, operation, quote);
    default:
      return fail(errors.ERR_MALFORMED, `operation ${operation.op}`);
  }
}

function register(leaves: LeafStore, batch: OpenBatch, o: Operation): OpenBatch {
  if (leaves.get(Number(o.rIdx)) !== undefined) fail(errors.ERR_ACCOUNT_EXISTS, `index ${o.rIdx}`);
  leaves.set(Number(o.rIdx), { ax: o.ax, ay: o.ay, token: o.token, nonce: 0n, balance: 0n });
  return record(batch, o);
}

function deposit(leaves: LeafStore, batch: OpenBatch, o: Operation): OpenBatch {
  const leaf = leaves.get(Number(o.rIdx));
  assert(
    leaf?.ax === o.ax && leaf.ay === o.ay && leaf.token === o.token,
    'deposit to a foreign leaf',
  );
  checkRoom(leaves, o, o.amount);
  credit(leaves, o.rIdx, o.amount);
  return record(batch, o);
}

function transfer(leaves: LeafStore, batch: OpenBatch, o: Operation): OpenBatch {
  checkReceiver(leaves, o.rIdx, o.token);
  checkRoom(leaves, o, o.amount);
  debit(leaves, o, batch.time);
  credit(leaves, o.rIdx, o.amount);
  return record(batch, o);
}

function convert(leaves: LeafStore, batch: OpenBatch, o: Operation, offer?: Offer): OpenBatch {
  if (offer === undefined) return fail(errors.ERR_UNKNOWN_QUOTE, 'no such standing quote');
  const { quote } = offer;
  const at = batch.quotes.findIndex((row) => row.id === offer.id);
  const row = batch.quotes[at] ?? { ...offer, totalIn: 0n, totalOut: 0n };
  checkQuote(leaves, quote, batch.time);
  if (quote.tokenIn !== o.token || quote.tokenOut !== o.tokenOut) {
    fail(errors.ERR_TOKEN, `the quote converts token ${quote.tokenIn} to ${quote.tokenOut}`);
  }
  if (o.sIdx === quote.outIdx) fail(errors.ERR_MALFORMED, 'a provider cannot fill its own quote');
  if ((o.amount * quote.num) / quote.den !== o.amountOut) {
    fail(errors.ERR_RATE, `expected amount_out ${(o.amount * quote.num) / quote.den}`);
  }
  const totalOut = row.totalOut + o.amountOut;
  const paying = leaves.get(Number(quote.outIdx)) as Leaf;
  if (totalOut > quote.max || totalOut > paying.balance) {
    fail(errors.ERR_QUOTE_EXHAUSTED, `${quote.max - row.totalOut} left in this batch`);
  }
  checkReceiver(leaves, o.rIdx, o.tokenOut);
  checkRoom(leaves, o, o.amountOut);
  debit(leaves, o, batch.time);
  credit(leaves, o.rIdx, o.amountOut);
  const quotes = [...batch.quotes];
  const index = at === -1 ? quotes.length : at;
  quotes[index] = { ...row, totalIn: row.totalIn + o.amount, totalOut };
  return { ...record(batch, { ...o, quoteIdx: BigInt(index) }), quotes };
}

/** Can this quote be drawn on now? The same conditions the circuit checks when it settles the quote. */
export function checkQuote(leaves: LeafStore, quote: op.Quote, time: bigint): void {
  if (quote.expiry < time)
    fail(errors.ERR_EXPIRED, `quote expired at ${quote.expiry}, now ${time}`);
  const paying = leaves.get(Number(quote.outIdx));
  const earning = leaves.get(Number(quote.inIdx));
  if (!paying || !earning) return fail(errors.ERR_UNKNOWN_ACCOUNT, 'account of the quote');
  if (paying.ax !== quote.ax || paying.ay !== quote.ay) fail(errors.ERR_WRONG_OWNER, 'quote');
  if (paying.token !== quote.tokenOut || earning.token !== quote.tokenIn) {
    fail(errors.ERR_TOKEN, 'accounts of the quote');
  }
  if (paying.nonce < quote.nonce || paying.nonce >= quote.nonce + quote.uses) {
    const range = `[${quote.nonce}, ${quote.nonce + quote.uses})`;
    fail(errors.ERR_QUOTE_EXHAUSTED, `account nonce ${paying.nonce} is outside ${range}`);
  }
  if (!fits('leafWord', 'nonce', paying.nonce + 1n)) {
    fail(errors.ERR_QUOTE_EXHAUSTED, 'nonces of the paying account are used up');
  }
}

function checkReceiver(leaves: LeafStore, index: bigint, token: bigint): void {
  const leaf = leaves.get(Number(index));
  if (leaf === undefined) return fail(errors.ERR_UNKNOWN_ACCOUNT, `receiver ${index}`);
  if (leaf.token !== token)
    fail(errors.ERR_TOKEN, `receiver holds token ${leaf.token}, not ${token}`);
}

function debit(leaves: LeafStore, o: Operation, time: bigint): void {
  const leaf = leaves.get(Number(o.sIdx));
  if (leaf === undefined) return fail(errors.ERR_UNKNOWN_ACCOUNT, `sender ${o.sIdx}`);
  if (leaf.ax !== o.ax || leaf.ay !== o.ay) fail(errors.ERR_WRONG_OWNER, `account ${o.sIdx}`);
  if (leaf.token !== o.token) fail(errors.ERR_TOKEN, `account ${o.sIdx} holds token ${leaf.token}`);
  if (leaf.nonce !== o.nonce) fail(errors.ERR_NONCE, `expected ${leaf.nonce}, got ${o.nonce}`);
  if (o.expiry < time) fail(errors.ERR_EXPIRED, `expired at ${o.expiry}, now ${time}`);
  const total = o.amount + o.fee;
  if (leaf.balance < total) fail(errors.ERR_FUNDS, `${leaf.balance} is smaller than ${total}`);
  const nonce = leaf.nonce + 1n;
  if (!fits('leafWord', 'nonce', nonce))
    fail(errors.ERR_NONCE, 'nonces of this account are used up');
  leaves.set(Number(o.sIdx), { ...leaf, nonce, balance: leaf.balance - total });
}

/**
 * Can the receiver hold it? The supply of a token stays below 2^64, but until its batch closes the paying
 * leaf of a quote still holds what has been paid out of it, so the sum of leaves may be above the supply.
 */
function checkRoom(leaves: LeafStore, o: Operation, amount: bigint): void {
  if (isSigned(o.op) && o.sIdx === o.rIdx) return;
  const balance = (leaves.get(Number(o.rIdx))?.balance ?? 0n) + amount;
  if (!fits('leafWord', 'balance', balance)) {
    fail(errors.ERR_BALANCE_LIMIT, `account ${o.rIdx} would hold ${balance}`);
  }
}

function credit(leaves: LeafStore, index: bigint, amount: bigint): void {
  const leaf = leaves.get(Number(index));
  assert(leaf !== undefined, 'credit to an empty leaf');
  const balance = leaf.balance + amount;
  assert(fits('leafWord', 'balance', balance), 'more of a token than its supply');
  leaves.set(Number(index), { ...leaf, balance });
}

function record(batch: OpenBatch, o: Operation): OpenBatch {
  const operations = [...batch.operations, o];
  if (o.fee === 0n) return { ...batch, operations };
  const before = batch.fees.find(([token]) => token === o.token)?.[1] ?? 0n;
  const others = batch.fees.filter(([token]) => token !== o.token);
  const fees = [...others, [o.token, before + o.fee] as const].sort((a, b) =>
    a[0] < b[0] ? -1 : 1,
  );
  return { ...batch, operations, fees };
}

/** Settles the quotes: each provider pays and earns once. To be run when the batch is closed. */
export function settleQuotes(leaves: LeafStore, batch: OpenBatch): void {
  for (const { quote, totalIn, totalOut } of batch.quotes) {
    const paying = leaves.get(Number(quote.outIdx));
    assert(paying !== undefined && paying.balance >= totalOut, 'a quote cannot pay');
    const nonce = paying.nonce + 1n;
    assert(fits('leafWord', 'nonce', nonce), 'nonces of a quote are used up');
    leaves.set(Number(quote.outIdx), { ...paying, nonce, balance: paying.balance - totalOut });
    credit(leaves, quote.inIdx, totalIn);
  }
}

/** Every leaf a batch may have changed, in ascending order. */
export function touchedLeaves(batch: OpenBatch): number[] {
  const touched = new Set<number>();
  for (const o of batch.operations) {
    if (isSigned(o.op)) touched.add(Number(o.sIdx));
    if (o.op !== op.OP_WITHDRAW && o.op !== op.OP_NOOP) touched.add(Number(o.rIdx));
  }
  for (const { quote } of batch.quotes) {
    touched.add(Number(quote.outIdx)).add(Number(quote.inIdx));
  }
  return [...touched].sort((a, b) => a - b);
}
