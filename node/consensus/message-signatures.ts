/**
 * What the driver checks before a message becomes an input: the shape, and these signatures. Pure, so the
 * signatures can go to a pool of workers.
 */
import { equal } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_AHEAD_ROUNDS, MAX_ROUND, MAX_ROUND_LEAP } from '../base/limits.ts';
import { ErrConsensusEncoding } from './decoding.ts';
import type { ConsensusMessage, Proposal, QuorumCertificate } from './messages.ts';
import { proposalSignBytes, voteSignBytes } from './sign-bytes.ts';
import { PRECOMMIT, PREVOTE, type Vote } from './types.ts';
import type { ValidatorSet } from './validator-set.ts';
import { certificateChecks, type SignatureCheck } from './verify-commit.ts';
import { isNil } from './votes.ts';

/** `round`: where the machine is; proposals far ahead are refused, for finding their leader costs time. */
export interface MessageContext {
  readonly chainId: string;
  readonly validators: ValidatorSet;
  readonly round: number;
}

function refuse(why: string): never {
  throw new BitscaleError(ErrConsensusEncoding, why);
}

/** Height of a message. */
export function messageHeight(message: ConsensusMessage): number {
  switch (message.type) {
    case 'proposal':
      return message.proposal.height;
    case 'vote':
    case 'timeout':
      return message.vote.height;
    case 'newRound':
      return message.height;
    case 'quorum':
      return message.qc.height;
    case 'commit':
      return message.commit.height;
  }
}

/** Round of a message; a commit is good in any round. */
export function roundOfMessage(message: ConsensusMessage): number {
  switch (message.type) {
    case 'proposal':
      return message.proposal.round;
    case 'vote':
    case 'timeout':
      return message.vote.round;
    case 'newRound':
      return message.round;
    case 'quorum':
      return message.qc.round;
    case 'commit':
      return 0;
  }
}

/**
 * What of a message is worth checking for a machine in `round`; undefined: nothing. Rounds far ahead cost
 * time (their leader must be found), so of them only the votes are left: they tell how far others are.
 */
export function withinReach(
  message: ConsensusMessage,
  round: number,
): ConsensusMessage | undefined {
  const isFar = (at: number): boolean => at > round + MAX_ROUND_LEAP;
  switch (message.type) {
    case 'proposal':
      return message.proposal.round > round + MAX_AHEAD_ROUNDS ? undefined : message;
    case 'timeout': {
      const { type, vote, highQc } = message;
      return highQc && isFar(highQc.round) ? { type, vote } : message;
    }
    case 'newRound':
      return isFar(message.round) || isFar(message.highQc?.round ?? 0) ? undefined : message;
    case 'quorum':
      return isFar(message.qc.round) ? undefined : message;
    default:
      return message;
  }
}

/**
 * Checks the shape of a message against the set of its height and lists the signatures to verify. Throws
 * BitscaleError when the message cannot come from an honest validator or relay.
 */
export function messageChecks(
  context: MessageContext,
  message: ConsensusMessage,
): SignatureCheck[] {
  const height = messageHeight(message);
  if (!Number.isSafeInteger(height) || height < 1) refuse('height out of range');
  switch (message.type) {
    case 'proposal':
      return [
        proposalCheck(context, message.proposal),
        ...qcChecks(context, height, message.justify),
        ...timeoutChecks(context, message.timeouts, { height, round: message.proposal.round - 1 }),
      ];
    case 'vote':
      return [voteCheck(context, message.vote)];
    case 'timeout':
      if (message.vote.type !== PRECOMMIT) refuse('a timeout carries a precommit');
      return [voteCheck(context, message.vote), ...qcChecks(context, height, message.highQc)];
    case 'newRound':
      checkRound(message.round);
      return [
        ...qcChecks(context, height, message.highQc),
        ...timeoutChecks(context, message.timeouts, { height, round: message.round - 1 }),
      ];
    case 'quorum':
      return qcChecks(context, height, message.qc);
    case 'commit':
      checkRound(message.commit.round);
      return certificateChecks({ ...context, voteType: PRECOMMIT }, message.commit);
  }
}

function checkRound(round: number): void {
  if (!Number.isInteger(round) || round < 0 || round > MAX_ROUND) refuse('round out of range');
}

function proposalCheck(context: MessageContext, proposal: Proposal): SignatureCheck {
  const { chainId, validators } = context;
  checkRound(proposal.round);
  if (proposal.round > context.round + MAX_AHEAD_ROUNDS) refuse('a proposal too far ahead');
  const { polRound, round } = proposal;
  if (!Number.isInteger(polRound) || polRound < -1 || polRound >= round) refuse('bad pol round');
  if (proposal.blockId.hash.length !== 32) refuse('a proposal names a block');
  const message = proposalSignBytes(chainId, proposal);
  const { pubKey } = validators.leader(round);
  return { pubKey, message, signature: proposal.signature };
}

function voteCheck({ chainId, validators }: MessageContext, vote: Vote): SignatureCheck {
  checkRound(vote.round);
  const validator = validators.validators[vote.index];
  if (!validator) return refuse('no validator at this index');
  if (!equal(validator.address, vote.address)) refuse('address does not match the index');
  const empty = vote.blockId.parts.total === 0 && vote.blockId.parts.hash.length === 0;
  if (isNil(vote.blockId) ? !empty : vote.blockId.hash.length !== 32) refuse('bad block id');
  const message = voteSignBytes(chainId, vote);
  return { pubKey: validator.pubKey, message, signature: vote.signature };
}

function qcChecks(
  context: MessageContext,
  height: number,
  qc: QuorumCertificate | undefined,
): SignatureCheck[] {
  if (!qc) return [];
  if (qc.height !== height) refuse('a certificate of another height');
  checkRound(qc.round);
  return certificateChecks({ ...context, voteType: PREVOTE }, qc);
}

function timeoutChecks(
  context: MessageContext,
  votes: readonly Vote[] | undefined,
  { height, round }: { readonly height: number; readonly round: number },
): SignatureCheck[] {
  if (!votes) return [];
  if (votes.length > context.validators.size) refuse('more votes than validators');
  return votes.map((vote) => {
    const fits = vote.type === PRECOMMIT && vote.height === height && vote.round === round;
    if (!fits) refuse('not a precommit of the round before');
    return voteCheck(context, vote);
  });
}
