/** Counting votes, however they came: alone, as proof of a timeout, inside a certificate. */
import { equal } from '../base/bytes.ts';
import { MAX_ROUND_LEAP } from '../base/limits.ts';
import {
  change,
  changeRound,
  contextOf,
  emit,
  isRoundKept,
  roundOf,
  type Draft,
  type Rejection,
} from './draft.ts';
import { BLOCK_ID_FLAG_ABSENT, BLOCK_ID_FLAG_COMMIT, PREVOTE } from './types.ts';
import type { Commit, Vote, VoteType } from './types.ts';
import { addVote, NIL_BLOCK_ID } from './votes.ts';

export const NO_VALIDATOR = 'not a validator of this height';

/** Counts a vote of the current height; tells whether anything changed. */
export function countVote(draft: Draft, vote: Vote): Rejection {
  const { validators } = contextOf(draft);
  const voter = validators.validators[vote.index];
  if (!voter || !equal(voter.address, vote.address)) return NO_VALIDATOR;
  const isFirstSight = noteRound(draft, vote);
  if (!isRoundKept(draft.state, vote.round)) {
    return isFirstSight ? undefined : 'a vote of a round too far away';
  }
  const current = roundOf(draft, vote.round);
  const tally = vote.type === PREVOTE ? current.prevotes : current.precommits;
  const added = addVote(tally, vote, voter.power);
  if (added.result === 'duplicate') return isFirstSight ? undefined : 'a vote seen before';
  if (added.result === 'conflict') {
    emit(draft, { type: 'evidence', voteA: added.first, voteB: vote });
    return undefined;
  }
  const { tally: grown } = added;
  changeRound(
    draft,
    vote.round,
    vote.type === PREVOTE ? { prevotes: grown } : { precommits: grown },
  );
  return undefined;
}

/** Remembers the highest round each validator has reached, as far as one may go at once. */
function noteRound(draft: Draft, { index, round }: Vote): boolean {
  const { seenRounds, round: current } = draft.state;
  const reached = Math.min(round, current + MAX_ROUND_LEAP);
  if (reached <= (seenRounds[index] ?? -1)) return false;
  change(draft, { seenRounds: seenRounds.with(index, reached) });
  return true;
}

/** The vote behind one entry of a certificate; undefined: absent. */
export function voteIn(certificate: Commit, index: number, type: VoteType): Vote | undefined {
  const { height, round, blockId, signatures } = certificate;
  const sig = signatures[index];
  if (!sig || sig.flag === BLOCK_ID_FLAG_ABSENT) return undefined;
  const { flag, address, time, signature } = sig;
  const voted = flag === BLOCK_ID_FLAG_COMMIT ? blockId : NIL_BLOCK_ID;
  return { type, height, round, blockId: voted, time, address, index, signature };
}

/** The votes that a certificate is made of: prevotes of a quorum certificate, precommits of a commit. */
export function votesOf(certificate: Commit, type: VoteType): Vote[] {
  return certificate.signatures.flatMap((_, index) => voteIn(certificate, index, type) ?? []);
}
