/**
 * The words of a batch: what its commitment C covers and what L1 gets to see. Every field of every
 * operation, every discrete choice and every total is in C; the public words are functions of them.
 */
import { assert } from '../../node/base/errors.ts';
import { bytesToBigInt, concat, utf8, type Bytes } from '../../node/base/bytes.ts';
import { keccak256 } from '../../node/base/hash.ts';
import { FIELD, fieldToBytes, sponge } from './field.ts';
import * as op from './intent.ts';
import { messageHash } from './schnorr.ts';
import { NOOP, type BatchShape, type OpenBatch, type Operation } from './transition.ts';
import { pack } from './words.ts';

export interface SealedBatch extends OpenBatch {
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  /** C. */
  readonly commitment: bigint;
  readonly publicWords: readonly bigint[];
}

const PUBLIC_NONE = 0n;
const PUBLIC_DEPOSIT = 1n;
const PUBLIC_WITHDRAWAL = 2n;

export function sealBatch(
  domain: bigint,
  shape: BatchShape,
  batch: OpenBatch,
  roots: { oldRoot: bigint; newRoot: bigint },
): SealedBatch {
  const words = committedWords(domain, shape, batch);
  return { ...batch, ...roots, commitment: sponge(words), publicWords: publicWords(shape, batch) };
}

/** The operations, padded with NOOP to the number of slots. */
export function paddedOperations(shape: BatchShape, batch: OpenBatch): Operation[] {
  assert(batch.operations.length <= shape.slots, 'more operations than slots');
  const padding = Array<Operation>(shape.slots - batch.operations.length).fill(NOOP);
  return [...batch.operations, ...padding];
}

/** Exactly `shape.feeTokens` entries with strictly increasing tokens; unused entries have total 0. */
export function feeTable(shape: BatchShape, batch: OpenBatch): (readonly [bigint, bigint])[] {
  const table = [...batch.fees];
  assert(table.length <= shape.feeTokens, 'more fee tokens than the table holds');
  let next = (table.at(-1)?.[0] ?? -1n) + 1n;
  while (table.length < shape.feeTokens) table.push([next++, 0n]);
  return table;
}

function headerWord(batch: OpenBatch): bigint {
  const deposits = batch.operations.filter((o) => o.op === op.OP_DEPOSIT).length;
  return pack('headerWord', {
    batchNo: batch.number,
    time: batch.time,
    depositCount: BigInt(deposits),
  });
}

const feeWords = (shape: BatchShape, batch: OpenBatch): bigint[] =>
  feeTable(shape, batch).map(([token, total]) => pack('feeWord', { total, token }));

/** h* of a slot; unsigned slots have one too, so that their key is in the commitment. */
function operationHash(domain: bigint, o: Operation): bigint {
  const words = { domain, w0: op.operationWord(o), w1: op.amountWord(o), memo: o.memo };
  return messageHash(words, o, o);
}

function committedWords(domain: bigint, shape: BatchShape, batch: OpenBatch): bigint[] {
  const words = [headerWord(batch)];
  for (const o of paddedOperations(shape, batch)) {
    words.push(slotWord(o), op.amountWord(o), operationHash(domain, o));
  }
  for (let j = 0; j < shape.quotes; j++) {
    const row = batch.quotes[j];
    if (row === undefined) {
      words.push(0n, 0n, paddingQuoteHash(domain), 0n);
      continue;
    }
    const { q0, q1 } = op.quoteWords(row.quote);
    const totals = pack('totalsWord', { totalIn: row.totalIn, totalOut: row.totalOut });
    words.push(q0, q1, op.quoteHash(domain, row.quote), totals);
  }
  return [...words, ...feeWords(shape, batch)];
}

function slotWord(o: Operation): bigint {
  const { sIdx, rIdx, token, tokenOut, nonce, expiry, quoteIdx } = o;
  return pack('slotWord', { op: o.op, sIdx, rIdx, token, tokenOut, nonce, expiry, quoteIdx });
}

/** An unused quote row hashes zero words under the identity as key and R. */
function paddingQuoteHash(domain: bigint): bigint {
  const words = { domain: domain + 1n, w0: 0n, w1: 0n, memo: 0n };
  return messageHash(words, { ax: 0n, ay: 1n }, { rx: 0n, ry: 1n });
}

/** What L1 sees: the header, deposits and withdrawals slot by slot, and the fee table. */
export function publicWords(shape: BatchShape, batch: OpenBatch): bigint[] {
  const words = [headerWord(batch)];
  for (const o of paddedOperations(shape, batch)) {
    const deposited = o.op === op.OP_DEPOSIT;
    words.push(publicWord(o), deposited ? o.ax : 0n, deposited ? o.ay : 0n);
  }
  return [...words, ...feeWords(shape, batch)];
}

function publicWord(o: Operation): bigint {
  const { token, amount } = o;
  if (o.op === op.OP_DEPOSIT) {
    return pack('publicWord', { kind: PUBLIC_DEPOSIT, token, amount, recipient: 0n });
  }
  if (o.op === op.OP_WITHDRAW) {
    return pack('publicWord', { kind: PUBLIC_WITHDRAWAL, token, amount, recipient: o.memo });
  }
  return pack('publicWord', { kind: PUBLIC_NONE, token: 0n, amount: 0n, recipient: 0n });
}

/** The value of the polynomial whose coefficients are the public words. */
export function evaluate(words: readonly bigint[], z: bigint): bigint {
  let y = 0n;
  for (const word of [...words].reverse()) y = (y * z + word) % FIELD;
  return y;
}

/** keccak256 of the public words, 32 bytes each. */
function publicWordsHash(words: readonly bigint[]): Bytes {
  return keccak256(concat(...words.map(fieldToBytes)));
}

/** The hash chain over batch headers that validators attest to; 32 zero bytes before the first batch. */
export function rollingHash(before: Bytes, batch: SealedBatch): Bytes {
  const { number, oldRoot, newRoot, commitment } = batch;
  const fields = [number, oldRoot, newRoot, commitment].map(fieldToBytes);
  return keccak256(concat(before, ...fields, publicWordsHash(batch.publicWords)));
}

/** Where L1 draws the challenge from; all of it is fixed before z is known. */
export interface ChallengeContext {
  readonly l1ChainId: bigint;
  /** 20 bytes. */
  readonly rollup: Bytes;
  /** 20 bytes; the sender of the submission. */
  readonly prover: Bytes;
}

const BATCH_DOMAIN = keccak256(utf8('bitscale.batch.v1'));

/** z: binds the proof to the chain, the contract, the prover and everything that L1 sees. */
export function batchChallenge(context: ChallengeContext, batch: SealedBatch): bigint {
  const address = (bytes: Bytes): Bytes => fieldToBytes(bytesToBigInt(bytes));
  const { number, oldRoot, newRoot, commitment } = batch;
  const preimage = concat(
    BATCH_DOMAIN,
    fieldToBytes(context.l1ChainId),
    address(context.rollup),
    address(context.prover),
    ...[number, oldRoot, newRoot, commitment].map(fieldToBytes),
    publicWordsHash(batch.publicWords),
  );
  return bytesToBigInt(keccak256(preimage)) % FIELD;
}

/** In the order of the circuit: domain, oldRoot, newRoot, C, z, y. */
export function publicInputs(domain: bigint, batch: SealedBatch, z: bigint): bigint[] {
  const { oldRoot, newRoot, commitment, publicWords } = batch;
  return [domain, oldRoot, newRoot, commitment, z, evaluate(publicWords, z)];
}
