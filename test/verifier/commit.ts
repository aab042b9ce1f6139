/** Does this commit prove this block? */
import {
  NO_BLOCK,
  NO_TIME,
  nanosOf,
  sameBlockId,
  type BlockId,
  type Commit,
  type CommitSig,
  type Vote,
} from './formats.ts';
import { powerOf, voteSignBytes, type Validator } from './hashes.ts';
import { hex, same, type Bytes } from './proto.ts';

export type Verify = (pubKey: Bytes, message: Bytes, signature: Bytes) => boolean;

const ABSENT = 1;
const FOR_BLOCK = 2;
const FOR_NIL = 3;
export const PREVOTE = 1;
export const PRECOMMIT = 2;

export interface CommitContext {
  readonly chainId: string;
  readonly height: number;
  readonly id: BlockId;
  /** Undefined: not known, so only the form is checked. */
  readonly set: readonly Validator[] | undefined;
  readonly verify: Verify;
}

export function commitProblems(commit: Commit, context: CommitContext): string[] {
  const { height, id, set } = context;
  const problems: string[] = [];
  if (commit.height !== BigInt(height)) problems.push(`is for height ${commit.height}`);
  if (commit.round < 0) problems.push('has a negative round');
  if (!sameBlockId(commit.blockId, id)) problems.push('is for another block');
  if (set === undefined) return problems;
  if (commit.signatures.length !== set.length) {
    const count = commit.signatures.length;
    return [...problems, `has ${count} entries for ${set.length} validators`];
  }
  let power = 0n;
  commit.signatures.forEach((sig, index) => {
    const problem = entryProblem(commit, index, context);
    if (problem !== undefined) problems.push(`entry ${index}: ${problem}`);
    else if (sig.flag === FOR_BLOCK) power += set[index]!.power;
  });
  const total = powerOf(set);
  if (power * 3n <= total * 2n) problems.push(`has ${power} of ${total} of the power`);
  return problems;
}

function entryProblem(commit: Commit, index: number, context: CommitContext): string | undefined {
  const sig = commit.signatures[index]!;
  const validator = context.set![index]!;
  if (sig.flag === ABSENT) {
    const isBlank = sig.address.length === 0 && sig.signature.length === 0;
    return isBlank && nanosOf(sig.time) === nanosOf(NO_TIME) ? undefined : 'absent, but not blank';
  }
  if (sig.flag !== FOR_BLOCK && sig.flag !== FOR_NIL) return `unknown flag ${sig.flag}`;
  if (!same(sig.address, validator.address)) return 'the address of another validator';
  const message = voteSignBytes(context.chainId, voteOfEntry(commit, sig, index));
  return context.verify(validator.pubKey, message, sig.signature) ? undefined : 'wrong signature';
}

function voteOfEntry(commit: Commit, sig: CommitSig, index: number): Vote {
  const { height, round } = commit;
  const blockId = sig.flag === FOR_BLOCK ? commit.blockId : NO_BLOCK;
  const { address, time, signature } = sig;
  return { type: PRECOMMIT, height, round, blockId, time, address, index, signature };
}

/** The precommits a commit is made of. */
export function votesOfCommit(commit: Commit): Vote[] {
  return commit.signatures.flatMap((sig, index) =>
    sig.flag === ABSENT ? [] : voteOfEntry(commit, sig, index),
  );
}

/** Signed by this validator, as far as `verify` knows. */
export function isSignedBy(
  pubKey: Bytes,
  vote: Vote,
  { chainId, verify }: Pick<CommitContext, 'chainId' | 'verify'>,
): boolean {
  return verify(pubKey, voteSignBytes(chainId, vote), vote.signature);
}

export const slotOf = (vote: Vote): string =>
  `${hex(vote.address)}/${vote.height}/${vote.round}/${vote.type}`;
