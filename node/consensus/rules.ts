/**
 * The predicates that safety and liveness rest on, each small enough to check by eye. Letters as in
 * README.md: P propose, V1 prevote, V2 precommit, TO give up, D decide.
 */
import { equal, type Bytes } from '../base/bytes.ts';
import type { Proposal, QuorumCertificate } from './messages.ts';
import type { BlockStatus, Decision, OwnVotes, RoundState } from './state.ts';
import { BLOCK_ID_FLAG_ABSENT, type CommitSig, type Vote } from './types.ts';
import type { ValidatorSet } from './validator-set.ts';
import { isNil, isOverOneThird, isQuorum, quorumVote, sameBlock, type Tally } from './votes.ts';

/**
 * V1, the lock rule (Tendermint lines 22 and 28; HotStuff-2, "safe to vote"). A block is acceptable when
 * nothing is locked, when it is the locked one, or when a certificate for it from a round no lower than the
 * lock shows that more than 2/3 could accept it. `justify` is verified and belongs to the proposal.
 */
export function isAcceptable(
  proposal: Proposal,
  justify: QuorumCertificate | undefined,
  lock: QuorumCertificate | undefined,
): boolean {
  if (!lock) return true;
  if (sameBlock(lock.blockId, proposal.blockId)) return true;
  return justify !== undefined && justify.round >= lock.round && justify.round < proposal.round;
}

/** The certificate a proposal leans on must be for this very block, of the named, earlier round. */
export function isJustified(proposal: Proposal, justify: QuorumCertificate | undefined): boolean {
  if (proposal.polRound === -1) return justify === undefined;
  return (
    justify !== undefined &&
    justify.height === proposal.height &&
    justify.round === proposal.polRound &&
    justify.round < proposal.round &&
    sameBlock(justify.blockId, proposal.blockId)
  );
}

/** V1: a block whose time was far from the local clock is accepted only on the word of a certificate. */
export function isFitToPrevote(status: BlockStatus, proposal: Proposal): boolean {
  return status === 'valid' || (status === 'untimely' && proposal.polRound >= 0);
}

/**
 * V1: a fresh block names its own leader as the proposer, who is paid for it. A block that is proposed again
 * keeps the name of whoever made it; a certificate shows that the name was right when it was fresh.
 */
export function isByLeader(
  proposal: Proposal,
  proposer: Bytes | undefined,
  leader: Bytes,
): boolean {
  return proposal.polRound >= 0 || (proposer !== undefined && equal(proposer, leader));
}

/** V1: one prevote per round, and none after the precommit (a signer's steps only go up). */
export function mayPrevote(round: RoundState): boolean {
  const { own, timedOut } = round;
  return own.prevote === undefined && own.precommit === undefined && !timedOut;
}

/**
 * V2 (Tendermint line 36): precommit a block in the current round only, once, holding the round's own
 * certificate and the valid block. A certificate of another round only moves the lock.
 */
export function mayPrecommit(
  round: RoundState,
  currentRound: number,
  status: BlockStatus | undefined,
): boolean {
  return (
    round.round === currentRound &&
    round.qc !== undefined &&
    round.qc.round === currentRound &&
    round.own.precommit === undefined &&
    isBlockReady(status)
  );
}

/** The block is here and valid; whether it was timely no longer matters. */
export function isBlockReady(status: BlockStatus | undefined): boolean {
  return status === 'valid' || status === 'untimely';
}

/** TO: nil unless already precommitted in this round. */
export function mustPrecommitNil(own: OwnVotes, timedOut: boolean): boolean {
  return timedOut && own.precommit === undefined;
}

/** D (Tendermint line 49): more than 2/3 precommitted one block in one round; any round counts. */
export function decidedVote(precommits: Tally, totalPower: bigint): Vote | undefined {
  const vote = quorumVote(precommits, totalPower);
  return vote && !isNil(vote.blockId) ? vote : undefined;
}

/** The round is over: more than 2/3 precommitted anything (Tendermint line 47, without the wait). */
export function isRoundOver(precommits: Tally, totalPower: bigint): boolean {
  return isQuorum(precommits.total, totalPower);
}

/**
 * The highest round that validators with more than 1/3 of the power have reached (Tendermint line 55):
 * one of them is honest. -1 when there is none.
 */
export function reachedRound(seenRounds: readonly number[], validators: ValidatorSet): number {
  const order = seenRounds
    .map((round, index) => ({ round, power: validators.validators[index]?.power ?? 0n }))
    .filter(({ round }) => round >= 0)
    .sort((a, b) => b.round - a.round);
  let power = 0n;
  for (const one of order) {
    power += one.power;
    if (isOverOneThird(power, validators.totalPower)) return one.round;
  }
  return -1;
}

/** P: one proposal per round, before any vote in it, and none when a copy of oneself has proposed. */
export function mayPropose({ own, proposal, timedOut }: RoundState): boolean {
  const hasSpoken = own.proposal ?? own.prevote ?? own.precommit;
  return hasSpoken === undefined && proposal === undefined && !timedOut;
}

/** P, round > 0: go at once with the certificate of the round before; otherwise hear the others first. */
export function mayLeadRound(
  round: RoundState,
  lock: QuorumCertificate | undefined,
  size: number,
): boolean {
  if (lock?.round === round.round - 1) return true;
  return round.reportsOver || round.reported.size >= size;
}

/** P, round 0: nobody is missing from the last commit but those of whom nothing was heard of late. */
export function isComplete(last: Decision | undefined, quiet: ReadonlySet<number>): boolean {
  const isIn = ({ flag }: CommitSig, index: number): boolean =>
    flag !== BLOCK_ID_FLAG_ABSENT || quiet.has(index);
  return last === undefined || last.commit.signatures.every(isIn);
}

/** A round lasts longer each time, up to a cap. */
export function roundTimeoutMs(
  timeouts: {
    readonly roundMs: number;
    readonly roundDeltaMs: number;
    readonly roundMaxMs: number;
    readonly newRoundMs: number;
    readonly graceMs: number;
  },
  round: number,
  paceMs: number,
): number {
  const base = Math.min(timeouts.roundMs + round * timeouts.roundDeltaMs, timeouts.roundMaxMs);
  return base + waitMs(timeouts, round, paceMs);
}

/** How long the leader of a round may wait before it proposes. */
export function waitMs(
  timeouts: { readonly newRoundMs: number; readonly graceMs: number },
  round: number,
  paceMs: number,
): number {
  return round === 0 ? paceMs + timeouts.graceMs : timeouts.newRoundMs;
}
