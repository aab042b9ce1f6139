/** The whole memory of the machine. Plain read-only values: a step returns a new state or the old one. */
import type { Bytes } from '../base/bytes.ts';
import type { BlockId, Commit, Vote } from './types.ts';
import type { ConsensusMessage, Proposal, ProposalMessage, QuorumCertificate } from './messages.ts';
import type { HeightContext } from './inputs.ts';
import type { BlockKey, Tally } from './votes.ts';

/** requested: bytes asked for. validating: being checked. The rest is the driver's verdict. */
export type BlockStatus = 'requested' | 'validating' | 'untimely' | 'valid' | 'invalid';

export interface KnownBlock {
  readonly blockId: BlockId;
  readonly status: BlockStatus;
}

/** What this node has said in a round. A block id is set when the signature is asked for, not when it comes. */
export interface OwnVotes {
  readonly proposal?: { readonly blockId: BlockId; readonly polRound: number };
  readonly prevote?: BlockId;
  readonly precommit?: BlockId;
  /** Signed forms, once they are here. */
  readonly signedProposal?: Proposal;
  readonly signedPrevote?: Vote;
  readonly signedPrecommit?: Vote;
}

export interface RoundState {
  readonly round: number;
  readonly leader: Bytes;
  /** The first well-formed proposal of the leader. */
  readonly proposal?: ProposalMessage;
  readonly prevotes: Tally;
  readonly precommits: Tally;
  readonly own: OwnVotes;
  /** A quorum certificate for this round, once known. */
  readonly qc?: QuorumCertificate;
  /** Given up: the round timer ran out or the proposal was not acceptable. */
  readonly timedOut: boolean;
  /** Leader only: which validators have reported on entering; whether waiting for them is over. */
  readonly reported: ReadonlySet<number>;
  readonly reportsOver: boolean;
  /** Leader only: a block is being built. */
  readonly building: boolean;
}

/** The decision of a height, and the late precommits for it that may still enter the next last commit. */
export interface Decision {
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  /** As it was when the height was decided. */
  readonly commit: Commit;
  /** One entry per validator: with all late precommits so far. */
  readonly latest: Commit;
}

/** idle: no height at hand. running: deciding. decided: waiting for `start` of the next height. halted: for good. */
export type Phase = 'idle' | 'running' | 'decided' | 'halted';

export interface State {
  readonly phase: Phase;
  readonly context: HeightContext | undefined;
  readonly round: number;
  readonly rounds: ReadonlyMap<number, RoundState>;
  /** The highest quorum certificate known at this height: the lock. */
  readonly lock: QuorumCertificate | undefined;
  readonly blocks: ReadonlyMap<BlockKey, KnownBlock>;
  /** A commit whose block is not here or not validated yet. */
  readonly pending: Commit | undefined;
  readonly decision: Decision | undefined;
  /** Last commit of the height before, growing with late precommits. */
  readonly last: Decision | undefined;
  readonly paceOver: boolean;
  readonly graceOver: boolean;
  /** Votes of later rounds of this height, by validator, at most MAX_AHEAD_VOTES each. */
  readonly aheadVotes: ReadonlyMap<number, readonly Vote[]>;
  /** Proposals of later rounds of this height, at most MAX_AHEAD_ROUNDS. */
  readonly aheadProposals: ReadonlyMap<number, ProposalMessage>;
  /** Messages of the next height in order of arrival, at most MAX_NEXT_HEIGHT_MESSAGES. */
  readonly nextHeight: readonly { readonly message: ConsensusMessage; readonly from?: Bytes }[];
}

export const INITIAL_STATE: State = {
  phase: 'idle',
  context: undefined,
  round: 0,
  rounds: new Map(),
  lock: undefined,
  blocks: new Map(),
  pending: undefined,
  decision: undefined,
  last: undefined,
  paceOver: false,
  graceOver: false,
  aheadVotes: new Map(),
  aheadProposals: new Map(),
  nextHeight: [],
};
