/** The whole memory of the machine. Plain read-only values: a step returns a new state or the old one. */
import type { Bytes } from '../base/bytes.ts';
import type { HeightContext } from './inputs.ts';
import type { ConsensusMessage, Proposal, ProposalMessage, QuorumCertificate } from './messages.ts';
import type { BlockId, Commit, Vote } from './types.ts';
import type { BlockKey, Tally } from './votes.ts';

/** requested: bytes asked for. validating: being checked. The rest is the driver's verdict. */
export type BlockStatus = 'requested' | 'validating' | 'untimely' | 'valid' | 'invalid';

export interface KnownBlock {
  readonly blockId: BlockId;
  readonly status: BlockStatus;
  /** Who made it, according to its header; known with the verdict. */
  readonly proposer?: Bytes;
}

/** What this node has said in a round. Set when the signature is asked for, not when it comes. */
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
  /** Another one by the same leader: kept and passed on as proof, never voted for. */
  readonly contradiction?: Proposal;
  readonly prevotes: Tally;
  readonly precommits: Tally;
  readonly own: OwnVotes;
  /** A quorum certificate of this round, once known. */
  readonly qc?: QuorumCertificate;
  /** Given up: the round timer ran out or the proposal was not acceptable. */
  readonly timedOut: boolean;
  /** Leader only: who has reported on entering; whether waiting for them is over; a block is being built. */
  readonly reported: ReadonlySet<number>;
  readonly reportsOver: boolean;
  readonly building: boolean;
}

/** The decision of a height, and the late precommits for it that may still enter the next last commit. */
export interface Decision {
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  /** One entry per validator, growing with late precommits. */
  readonly commit: Commit;
  /** This node was the leader of its round. */
  readonly led: boolean;
}

/** idle: no height at hand. running: deciding. decided: waiting for `start`. halted: for good. */
export type Phase = 'idle' | 'running' | 'decided' | 'halted';

export interface BufferedMessage {
  readonly message: ConsensusMessage;
  readonly from?: Bytes;
  /** Who is charged for it: the voter's index or the channel's validator. */
  readonly sender: string;
}

export interface State {
  readonly phase: Phase;
  readonly context: HeightContext | undefined;
  readonly round: number;
  /** From MAX_ROUNDS_KEPT behind the current round to MAX_AHEAD_ROUNDS ahead of it. */
  readonly rounds: ReadonlyMap<number, RoundState>;
  /** By validator: the highest round a vote of theirs was seen in; -1 for none. */
  readonly seenRounds: readonly number[];
  /** The highest quorum certificate known at this height: the lock. */
  readonly lock: QuorumCertificate | undefined;
  readonly blocks: ReadonlyMap<BlockKey, KnownBlock>;
  /** A commit that came as a message, while its block is not ready. */
  readonly pending: Commit | undefined;
  readonly decision: Decision | undefined;
  /** The decision of the height before. */
  readonly last: Decision | undefined;
  /** Validators of the height before of whom nothing was heard then: nobody waits for their precommits. */
  readonly quiet: ReadonlySet<number>;
  readonly paceOver: boolean;
  readonly graceOver: boolean;
  /** Messages of the next height in order of arrival. */
  readonly nextHeight: readonly BufferedMessage[];
}

export const INITIAL_STATE: State = {
  phase: 'idle',
  context: undefined,
  round: 0,
  rounds: new Map(),
  seenRounds: [],
  lock: undefined,
  blocks: new Map(),
  pending: undefined,
  decision: undefined,
  last: undefined,
  quiet: new Set(),
  paceOver: false,
  graceOver: false,
  nextHeight: [],
};
