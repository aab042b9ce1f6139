/**
 * What the driver checks before a message becomes an input: the shape, and these signatures. Pure, so the
 * signatures can go to a pool of workers.
 */
import { equal } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_AHEAD_ROUNDS, MAX_ROUND } from '../base/limits.ts';
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
        ...timeoutChecks(context, height, message.timeouts),
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
        ...timeoutChecks(context, height, message.timeouts),
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
  height: number,
  votes: readonly Vote[] | undefined,
): SignatureCheck[] {
  if (!votes) return [];
  if (votes.length > context.validators.size) refuse('more votes than validators');
  return votes.map((vote) => {
    if (vote.type !== PRECOMMIT || vote.height !== height) refuse('not a precommit of this height');
    return voteCheck(context, vote);
  });
}
