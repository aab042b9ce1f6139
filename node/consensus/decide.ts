/** Rule D, and the last commit that grows afterwards. */
import { equal } from '../base/bytes.ts';
import { requestIfUnknown, statusOf } from './blocks.ts';
import { commitSigOf, makeCommit } from './certificates.ts';
import { voteIn } from './count-vote.ts';
import { change, contextOf, emit, isLeader, type Draft, type Rejection } from './draft.ts';
import { decidedVote, isBlockReady } from './rules.ts';
import type { Decision } from './state.ts';
import { BLOCK_ID_FLAG_ABSENT, PRECOMMIT, type Commit, type Vote } from './types.ts';
import type { ValidatorSet } from './validator-set.ts';
import { sameBlock } from './votes.ts';
import { votersOf } from './voting.ts';

/** A commit that exists, from counted precommits of any round or from a message. */
function findCommit(draft: Draft): Commit | undefined {
  const { totalPower } = contextOf(draft).validators;
  for (const { precommits } of draft.state.rounds.values()) {
    const vote = decidedVote(precommits, totalPower);
    if (vote) return makeCommit(precommits, vote);
  }
  return draft.state.pending;
}

/** While a commit exists nothing else matters. Returns whether that is so. */
export function decide(draft: Draft): boolean {
  const commit = findCommit(draft);
  if (!commit) return false;
  const { height, round, blockId } = commit;
  requestIfUnknown(draft, blockId, votersOf(commit.signatures));
  const status = statusOf(draft, blockId);
  if (status === 'invalid') {
    change(draft, { phase: 'halted' });
    const reason = `more than 2/3 committed a block at height ${height} that is invalid here`;
    emit(draft, { type: 'halt', reason });
    return true;
  }
  if (!isBlockReady(status)) return true;
  const { mode, ownIndex, paceMs } = contextOf(draft);
  const led = ownIndex !== undefined && draft.state.rounds.has(round) && isLeader(draft, round);
  change(draft, { phase: 'decided', decision: { height, round, blockId, commit, led } });
  // Without a pace the next proposal, which has the commit inside, is as fast.
  if (mode === 'star' && led && paceMs > 0) sendCommit(draft, commit);
  emit(draft, { type: 'commit', height, blockId, commit });
  return true;
}

function sendCommit(draft: Draft, commit: Commit): void {
  emit(draft, { type: 'send', to: 'all', gossip: false, message: { type: 'commit', commit } });
}

/** The leader of the last height tells its commit again while nothing comes of this one. */
export function repeatCommit(draft: Draft): void {
  const { last, round, rounds } = draft.state;
  if (contextOf(draft).mode !== 'star' || !last?.led) return;
  if (rounds.get(round)?.proposal === undefined) sendCommit(draft, last.commit);
}

/** The decision with one more precommit in it, or undefined when that changes nothing. */
function withLateVote(
  decision: Decision,
  validators: ValidatorSet | undefined,
  vote: Vote,
): Decision | undefined {
  const { height, round, commit } = decision;
  if (vote.type !== PRECOMMIT || vote.height !== height || vote.round !== round) return undefined;
  const validator = validators?.validators[vote.index];
  if (!validator || !equal(validator.address, vote.address)) return undefined;
  if (commit.signatures[vote.index]?.flag !== BLOCK_ID_FLAG_ABSENT) return undefined;
  const sig = commitSigOf(vote, commit);
  if (sig.flag === BLOCK_ID_FLAG_ABSENT) return undefined;
  const signatures = commit.signatures.with(vote.index, sig);
  return { ...decision, commit: { ...commit, signatures } };
}

/** The vote in a commit that its voter denies by this other precommit of the same round. */
function contradictedVote(commit: Commit, vote: Vote): Vote | undefined {
  if (vote.type !== PRECOMMIT) return undefined;
  if (vote.height !== commit.height || vote.round !== commit.round) return undefined;
  const known = voteIn(commit, vote.index, PRECOMMIT);
  if (!known || !equal(known.address, vote.address)) return undefined;
  return sameBlock(known.blockId, vote.blockId) ? undefined : known;
}

/** A precommit that came after the decision of its height. */
export function onLateVote(draft: Draft, vote: Vote): Rejection {
  const { decision, last, context } = draft.state;
  const isCurrent = decision?.height === vote.height;
  const target = isCurrent ? decision : last;
  const validators = isCurrent ? context?.validators : context?.lastValidators;
  const contradicted = target && contradictedVote(target.commit, vote);
  if (contradicted) {
    emit(draft, { type: 'evidence', voteA: contradicted, voteB: vote });
    return undefined;
  }
  const grown = target && withLateVote(target, validators, vote);
  if (!grown) return 'a late vote that changes nothing';
  change(draft, isCurrent ? { decision: grown } : { last: grown });
  return undefined;
}
