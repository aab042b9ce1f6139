/**
 * Evidence of an attack on light clients. Blocks carry double votes only, so that becomes evidence which is one:
 * precommits for the other header by validators who signed the chain's own in the same round. Who signed both in
 * different rounds cannot be told from one who was right to; CometBFT punishes nobody for that either.
 */
import { concat, equal, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { compareBlockIds } from '../consensus/evidence.ts';
import { PRECOMMIT, type Commit, type CommitSig } from '../consensus/types.ts';
import type { DuplicateVoteEvidence, Vote } from '../consensus/types.ts';
import { refused } from './errors.ts';
import type { BlockReader } from './expected.ts';

export interface LightClientAttack {
  /** The precommits for the other header. */
  readonly commit: Commit;
  /** The last height at which both chains were one. */
  readonly commonHeight: number;
}

const FOR_BLOCK = 2;
const HASH_BYTES = 32;
const VARINT_BITS = 7n;

/** Throws RpcError when nobody signed twice in one round. */
export function doubleVotes(
  { commit }: LightClientAttack,
  blocks: Pick<BlockReader, 'commit' | 'validators'>,
): DuplicateVoteEvidence[] {
  const { height } = commit;
  const own = blocks.commit(height);
  const set = blocks.validators(height);
  if (!own || !set) throw refused(`could not find a commit for height #${height}`);
  if (equal(own.commit.blockId.hash, commit.blockId.hash)) {
    throw refused(`the block at height ${height} is the one of this chain`);
  }
  const found = own.commit.round === commit.round ? [...bothSigned(own.commit, commit)] : [];
  if (found.length === 0) {
    throw refused('no validator signed both blocks in the same round: nobody can be punished');
  }
  return found.map(({ index, ours, theirs }) => {
    const votes = [vote(own.commit, ours, index), vote(commit, theirs, index)];
    const [voteA, voteB] = votes.sort((a, b) => compareBlockIds(a.blockId, b.blockId));
    return {
      voteA: voteA as Vote,
      voteB: voteB as Vote,
      totalVotingPower: set.totalPower,
      validatorPower: set.validators[index]?.power ?? 0n,
      time: own.header.time,
    };
  });
}

/**
 * Adds what holds of it: light clients look at no more signatures than they need, so one that is made up must not
 * hide the others. Throws why the first does not hold when none does.
 */
export function addThatHold(
  found: readonly DuplicateVoteEvidence[],
  add: (votes: DuplicateVoteEvidence) => void,
): void {
  const refusals: BitscaleError[] = [];
  for (const votes of found) {
    try {
      add(votes);
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      refusals.push(error);
    }
  }
  const [why] = refusals;
  if (why && refusals.length === found.length) throw why;
}

interface DoubleSigner {
  readonly index: number;
  readonly ours: CommitSig;
  readonly theirs: CommitSig;
}

function* bothSigned(own: Commit, other: Commit): Generator<DoubleSigner> {
  for (const [index, ours] of own.signatures.entries()) {
    if (ours.flag !== FOR_BLOCK) continue;
    const theirs = other.signatures.find(({ address }) => equal(address, ours.address));
    if (theirs?.flag === FOR_BLOCK) yield { index, ours, theirs };
  }
}

function vote({ height, round, blockId }: Commit, sig: CommitSig, index: number): Vote {
  const { address, time, signature } = sig;
  return { type: PRECOMMIT, height, round, blockId, time, address, index, signature };
}

/** CometBFT's name for the attack: of the header without its last byte, and the common height as a varint. */
export function attackHash({ commit, commonHeight }: LightClientAttack): Bytes {
  const head = new Uint8Array(HASH_BYTES);
  head.set(commit.blockId.hash.subarray(0, HASH_BYTES - 1));
  return sha256(concat(head, zigzag(BigInt(commonHeight) * 2n)));
}

function zigzag(value: bigint): Bytes {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 1n << VARINT_BITS; rest >>= VARINT_BITS) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}
