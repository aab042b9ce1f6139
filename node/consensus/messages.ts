/**
 * What validators say to each other. The driver checks every signature (see message-signatures.ts) before
 * a message becomes an input of the machine, and attaches block bytes to proposals on the wire.
 */
import type { Bytes } from '../base/bytes.ts';
import type { Time } from '../base/time.ts';
import type { BlockId, Commit, CommitSig, Vote } from './types.ts';

/** Signed by the leader of (height, round) as a CometBFT CanonicalProposal. */
export interface Proposal {
  readonly height: number;
  readonly round: number;
  /** Round of the justifying quorum certificate; -1 for a fresh block. */
  readonly polRound: number;
  readonly blockId: BlockId;
  readonly time: Time;
  readonly signature: Bytes;
}

/** More than 2/3 of the power prevoted for one block at (height, round). Same shape as a Commit. */
export interface QuorumCertificate {
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  /** One entry per validator in set order: COMMIT with the prevote's time and signature, or ABSENT. */
  readonly signatures: readonly CommitSig[];
}

/** The leader's proposal; `justify` proves polRound; `timeouts` prove that the round before is over. */
export interface ProposalMessage {
  readonly type: 'proposal';
  readonly proposal: Proposal;
  readonly justify?: QuorumCertificate;
  /** Precommits of any value at round - 1 with more than 2/3 of the power; absent in round 0. */
  readonly timeouts?: readonly Vote[];
}

/** One prevote or precommit. */
export interface VoteMessage {
  readonly type: 'vote';
  readonly vote: Vote;
}

/** "I give up this round": the sender's precommit of it (nil or not) and the highest certificate it knows. */
export interface TimeoutMessage {
  readonly type: 'timeout';
  readonly vote: Vote;
  readonly highQc?: QuorumCertificate;
}

/** To the leader of a round > 0 from everyone who enters it. Unsigned: the sender is who the channel says. */
export interface NewRoundMessage {
  readonly type: 'newRound';
  readonly height: number;
  readonly round: number;
  readonly highQc?: QuorumCertificate;
  readonly timeouts?: readonly Vote[];
}

/** A quorum certificate forwarded by the leader (star), or by a node that learned it late. */
export interface QuorumMessage {
  readonly type: 'quorum';
  readonly qc: QuorumCertificate;
}

/** The decision of a height: what a node that is still there needs besides the block. */
export interface CommitMessage {
  readonly type: 'commit';
  readonly commit: Commit;
}

export type ConsensusMessage =
  ProposalMessage | VoteMessage | TimeoutMessage | NewRoundMessage | QuorumMessage | CommitMessage;
