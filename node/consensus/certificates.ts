/** Certificates made of counted votes, and the lock they move. */
import { EMPTY } from '../base/bytes.ts';
import { MAX_ROUND_LEAP } from '../base/limits.ts';
import { ZERO_TIME } from '../base/time.ts';
import { countVote, votesOf } from './count-vote.ts';
import {
  change,
  changeRound,
  contextOf,
  emit,
  isLeader,
  isRoundKept,
  type Draft,
} from './draft.ts';
import type { QuorumCertificate } from './messages.ts';
import {
  BLOCK_ID_FLAG_ABSENT,
  BLOCK_ID_FLAG_COMMIT,
  BLOCK_ID_FLAG_NIL,
  PREVOTE,
  type Commit,
  type CommitSig,
  type Vote,
} from './types.ts';
import { isNil, isQuorum, sameBlock, type Tally } from './votes.ts';

const ABSENT: CommitSig = {
  flag: BLOCK_ID_FLAG_ABSENT,
  address: EMPTY,
  time: ZERO_TIME,
  signature: EMPTY,
};

/** The entry of a vote in a commit for `blockId`: votes for other blocks count as absent. */
export function commitSigOf(vote: Vote | undefined, commit: Pick<Commit, 'blockId'>): CommitSig {
  if (!vote) return ABSENT;
  const { address, time, signature } = vote;
  if (sameBlock(vote.blockId, commit.blockId)) {
    return { flag: BLOCK_ID_FLAG_COMMIT, address, time, signature };
  }
  return isNil(vote.blockId) ? { flag: BLOCK_ID_FLAG_NIL, address, time, signature } : ABSENT;
}

/** Precommits of one round as a commit for the block of `vote`; nil precommits are kept as NIL. */
export function makeCommit(precommits: Tally, vote: Vote): Commit {
  const { height, round, blockId } = vote;
  const signatures = precommits.votes.map((one) => commitSigOf(one, { blockId }));
  return { height, round, blockId, signatures };
}

/** Prevotes of one round for the block of `vote`; anything else is absent. */
export function makeQuorumCertificate(prevotes: Tally, vote: Vote): QuorumCertificate {
  const { height, round, blockId } = vote;
  const signatures = prevotes.votes.map((one) =>
    one && sameBlock(one.blockId, blockId) ? commitSigOf(one, { blockId }) : ABSENT,
  );
  return { height, round, blockId, signatures };
}

/** Precommits of any value with more than 2/3 of the power: the proof that `round` is over. */
export function timeoutsOf(draft: Draft, round: number): readonly Vote[] | undefined {
  const precommits = draft.state.rounds.get(round)?.precommits;
  if (!precommits || !isQuorum(precommits.total, contextOf(draft).validators.totalPower)) {
    return undefined;
  }
  return precommits.votes.filter((vote) => vote !== undefined);
}

/**
 * A certificate that came with a message. Its votes are counted as well: one that contradicts a vote that
 * came here is evidence. Returns whether it was news.
 */
export function receiveCertificate(draft: Draft, qc: QuorumCertificate): boolean {
  const { state, effects } = draft;
  const before = effects.length;
  if (qc.round > state.round + MAX_ROUND_LEAP) return false;
  learnCertificate(draft, qc);
  for (const vote of votesOf(qc, PREVOTE)) countVote(draft, vote);
  return draft.state !== state || effects.length > before;
}

/**
 * Takes note of a verified certificate of this height, of whatever round. The lock is the highest one seen
 * and is durable before anything that depends on it. Returns whether this was news.
 */
export function learnCertificate(draft: Draft, qc: QuorumCertificate): boolean {
  const { state } = draft;
  const isNew = isRoundKept(state, qc.round) && state.rounds.get(qc.round)?.qc === undefined;
  if (isNew) changeRound(draft, qc.round, { qc });
  if (state.lock && state.lock.round >= qc.round) return isNew;
  change(draft, { lock: qc });
  emit(draft, { type: 'persist', record: { type: 'lock', qc } });
  tellLeader(draft, qc);
  return true;
}

/** A lock learned after its round: the leader at work may need it, and may have asked already. */
function tellLeader(draft: Draft, qc: QuorumCertificate): void {
  const { round, rounds } = draft.state;
  const { ownIndex } = contextOf(draft);
  const current = rounds.get(round);
  if (ownIndex === undefined || qc.round >= round || !current || current.proposal) return;
  if (isLeader(draft, round)) return;
  const message = { type: 'quorum', qc } as const;
  emit(draft, { type: 'send', to: [current.leader], gossip: false, message });
}
