/**
 * The submission as the specification says it, written apart from the node and from Solidity: packed
 * public words, rolling hash, challenge z, value y, and the arguments of `submit`.
 */
import { readFileSync } from 'node:fs';
import { AbiCoder, concat, keccak256, solidityPacked, toBeHex, toUtf8Bytes } from 'ethers';
import { R } from './known-key.ts';

type Table = Record<string, [string, number][]>;
const LAYOUT_FILE = new URL('../../../circuits/layout.json', import.meta.url);
const LAYOUT = JSON.parse(readFileSync(LAYOUT_FILE, 'utf8')) as Table;
const coder = AbiCoder.defaultAbiCoder();

export interface Deposit {
  readonly kind: 'deposit';
  readonly token: bigint;
  readonly amount: bigint;
  readonly ax: bigint;
  readonly ay: bigint;
}
export interface Withdrawal {
  readonly kind: 'withdrawal';
  readonly token: bigint;
  readonly amount: bigint;
  readonly recipient: string;
}
export type SlotRecord = Deposit | Withdrawal | { readonly kind: 'none' };

export interface BatchContent {
  readonly batchNo: bigint;
  readonly time: bigint;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  readonly slots: readonly SlotRecord[];
  /** Strictly increasing by token. */
  readonly fees: readonly { readonly token: bigint; readonly total: bigint }[];
}

export interface Place {
  readonly l1ChainId: bigint;
  readonly rollup: string;
  readonly prover: string;
}

/** First field lowest, as the table lists them. */
export function pack(word: string, fields: Record<string, bigint>): bigint {
  let out = 0n;
  let shift = 0n;
  for (const [name, width] of LAYOUT[word] ?? []) {
    out |= (fields[name] ?? 0n) << shift;
    shift += BigInt(width);
  }
  return out;
}

function slotWords(slot: SlotRecord): bigint[] {
  if (slot.kind === 'none') return [0n, 0n, 0n];
  const { token, amount } = slot;
  if (slot.kind === 'withdrawal') {
    const recipient = BigInt(slot.recipient);
    return [pack('publicWord', { kind: 2n, token, amount, recipient }), 0n, 0n];
  }
  return [pack('publicWord', { kind: 1n, token, amount }), slot.ax, slot.ay];
}

/** P: header, three words per slot, fee words. */
export function publicWords(batch: BatchContent): bigint[] {
  const depositCount = BigInt(batch.slots.filter(({ kind }) => kind === 'deposit').length);
  const header = pack('headerWord', { batchNo: batch.batchNo, time: batch.time, depositCount });
  const fees = batch.fees.map(({ token, total }) => pack('feeWord', { token, total }));
  return [header, ...batch.slots.flatMap(slotWords), ...fees];
}

export const hashOfWords = (words: readonly bigint[]): string =>
  keccak256(concat(words.map((word) => toBeHex(word, 32))));

export type Statement = Pick<BatchContent, 'batchNo' | 'oldRoot' | 'newRoot' | 'commitment'>;

/** z: everything that is fixed before the proof is made, the prover included. */
export function challenge(place: Place, of: Statement, words: readonly bigint[]): bigint {
  const types = ['bytes32', 'uint256', 'address', 'address', ...Array<string>(4).fill('uint256')];
  const encoded = coder.encode(
    [...types, 'bytes32'],
    [
      keccak256(toUtf8Bytes('bitscale.batch.v1')),
      place.l1ChainId,
      place.rollup,
      place.prover,
      of.batchNo,
      of.oldRoot,
      of.newRoot,
      of.commitment,
      hashOfWords(words),
    ],
  );
  return BigInt(keccak256(encoded)) % R;
}

/** y = sum words[k] z^k mod r */
export const evaluate = (words: readonly bigint[], z: bigint): bigint =>
  words.reduceRight((y, word) => (y * z + word) % R, 0n);

export function rollingHash(before: string, of: Statement, words: readonly bigint[]): string {
  return keccak256(
    coder.encode(
      ['bytes32', 'uint64', 'uint256', 'uint256', 'uint256', 'bytes32'],
      [before, of.batchNo, of.oldRoot, of.newRoot, of.commitment, hashOfWords(words)],
    ),
  );
}

/** What every intent is signed for. */
export function ledgerDomain(chainId: string, l1ChainId: bigint, rollup: string): bigint {
  const packed = solidityPacked(
    ['string', 'string', 'uint256', 'address'],
    ['bitscale.ledger.v1', chainId, l1ChainId, rollup],
  );
  return BigInt(keccak256(packed)) >> 8n;
}

/** domain, oldRoot, newRoot, C, z, y */
export function publicInputs(
  domain: bigint,
  place: Place,
  of: Statement,
  words: readonly bigint[],
): bigint[] {
  const z = challenge(place, of, words);
  return [domain, of.oldRoot, of.newRoot, of.commitment, z, evaluate(words, z)];
}

export function attestationDigest(
  place: Pick<Place, 'l1ChainId' | 'rollup'>,
  batchNo: bigint,
  rolling: string,
): string {
  return keccak256(
    coder.encode(
      ['bytes32', 'uint256', 'address', 'uint64', 'bytes32'],
      [
        keccak256(toUtf8Bytes('bitscale.attest.v1')),
        place.l1ChainId,
        place.rollup,
        batchNo,
        rolling,
      ],
    ),
  );
}
