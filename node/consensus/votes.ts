/** Counting votes of one type in one round. One vote per validator counts; a second, different one is evidence. */
import { EMPTY, equal, toHex } from '../base/bytes.ts';
import type { BlockId, Vote } from './types.ts';

/** Text form of a block id, for maps. Empty for nil. */
export type BlockKey = string;

/** What a vote for nil names. */
export const NIL_BLOCK_ID: BlockId = { hash: EMPTY, parts: { total: 0, hash: EMPTY } };

export interface Tally {
  /** By position in the validator set: the first vote seen. */
  readonly votes: readonly (Vote | undefined)[];
  readonly power: ReadonlyMap<BlockKey, bigint>;
  readonly total: bigint;
}

export function blockKey(id: BlockId): BlockKey {
  if (id.hash.length === 0) return '';
  return `${toHex(id.hash)}/${id.parts.total}/${toHex(id.parts.hash)}`;
}

export function sameBlock(a: BlockId, b: BlockId): boolean {
  return (
    equal(a.hash, b.hash) && a.parts.total === b.parts.total && equal(a.parts.hash, b.parts.hash)
  );
}

export function isNil(id: BlockId): boolean {
  return id.hash.length === 0;
}

export function emptyTally(size: number): Tally {
  return { votes: Array.from({ length: size }, () => undefined), power: new Map(), total: 0n };
}

export type AddedVote =
  | { readonly result: 'added'; readonly tally: Tally }
  | { readonly result: 'duplicate' }
  | { readonly result: 'conflict'; readonly first: Vote };

/** The tally with this vote; the old one is left as it is. `power` is the voter's. */
export function addVote(tally: Tally, vote: Vote, power: bigint): AddedVote {
  const first = tally.votes[vote.index];
  if (first) {
    return sameBlock(first.blockId, vote.blockId)
      ? { result: 'duplicate' }
      : { result: 'conflict', first };
  }
  const key = blockKey(vote.blockId);
  const votes = tally.votes.slice();
  votes[vote.index] = vote;
  const sums = new Map(tally.power);
  sums.set(key, (sums.get(key) ?? 0n) + power);
  return { result: 'added', tally: { votes, power: sums, total: tally.total + power } };
}

/** Strictly more than two thirds. */
export function isQuorum(power: bigint, total: bigint): boolean {
  return power * 3n > total * 2n;
}

/** Strictly more than one third: at least one honest validator is among them. */
export function isOverOneThird(power: bigint, total: bigint): boolean {
  return power * 3n > total;
}

/** The value (possibly nil) with more than two thirds of `totalPower`, as one of the votes for it. */
export function quorumVote(tally: Tally, totalPower: bigint): Vote | undefined {
  for (const [key, power] of tally.power) {
    if (!isQuorum(power, totalPower)) continue;
    return tally.votes.find((vote) => vote !== undefined && blockKey(vote.blockId) === key);
  }
  return undefined;
}
