/**
 * What the machine asks of the world. The driver runs the effects of one step strictly in list order and
 * finishes each `persist` (fsync) before the next effect; nothing else is waited for.
 */
import type { Bytes } from '../base/bytes.ts';
import type { ConsensusMessage, QuorumCertificate } from './messages.ts';
import type { BlockId, Commit, Vote, VoteType } from './types.ts';

/**
 * What must survive a crash. All records of a height are handed back in the `start` of that height. The bytes
 * of the block a record names, if they are here, are made durable with it: after a crash of everybody the
 * locked block must still exist somewhere.
 */
export type WalRecord =
  /** The lock (highest quorum certificate known) moved up. */
  | { readonly type: 'lock'; readonly qc: QuorumCertificate }
  /** About to sign this vote; after a restart the machine asks for exactly the same signature again. */
  | { readonly type: 'vote'; readonly request: VoteRequest }
  /** About to sign this proposal. */
  | { readonly type: 'proposal'; readonly request: ProposalRequest };

/** The driver sets the time: max(now, time of the block + 1 ms), and for a nil vote now. */
export interface VoteRequest {
  readonly type: 'vote';
  readonly voteType: VoteType;
  readonly height: number;
  readonly round: number;
  /** Empty hash: nil. */
  readonly blockId: BlockId;
  /** Own address and position in the set of the height. */
  readonly address: Bytes;
  readonly index: number;
}

/** The driver sets the time: that of the block. */
export interface ProposalRequest {
  readonly type: 'proposal';
  readonly height: number;
  readonly round: number;
  readonly polRound: number;
  readonly blockId: BlockId;
}

export type SignRequest = VoteRequest | ProposalRequest;

/**
 * round: the round must end. newRound: the leader of a round > 0 stops waiting for certificates of others.
 * pace: the block interval has passed. grace: no longer wait for late precommits. resend: repeat what others
 * may have missed.
 */
export type TimeoutKind = 'round' | 'newRound' | 'pace' | 'grace' | 'resend';

/** Durable before any later effect: append to the write-ahead log and fsync. */
export interface PersistEffect {
  readonly type: 'persist';
  readonly record: WalRecord;
}

/** Ask the signer; answer with input `signed` (or `signRefused`). Same request twice: same answer. */
export interface SignEffect {
  readonly type: 'sign';
  readonly request: SignRequest;
}

/**
 * Send to these validators (20-byte addresses; own address never included), or to everybody connected.
 * `gossip`: also publish on the gossip topic. For a proposal the driver attaches the block's bytes.
 */
export interface SendEffect {
  readonly type: 'send';
  readonly to: readonly Bytes[] | 'all';
  readonly gossip: boolean;
  readonly message: ConsensusMessage;
}

/** After `afterMs` feed `timeout` with the same kind, height and round. Never cancelled: stale ones are ignored. */
export interface ScheduleTimeoutEffect {
  readonly type: 'scheduleTimeout';
  readonly kind: TimeoutKind;
  readonly height: number;
  readonly round: number;
  readonly afterMs: number;
}

/** Make a new block on top of the last one with this last commit; answer with `blockBuilt`. */
export interface BuildBlockEffect {
  readonly type: 'buildBlock';
  readonly height: number;
  readonly round: number;
  /** Absent at the initial height. */
  readonly lastCommit?: Commit;
}

/** The block's bytes are here: check it fully; answer with `blockValidated`. */
export interface ValidateBlockEffect {
  readonly type: 'validateBlock';
  readonly height: number;
  readonly blockId: BlockId;
}

/** The block's bytes may be missing: look locally, then ask peers (`from` first); answer with `blockReceived`. */
export interface RequestBlockEffect {
  readonly type: 'requestBlock';
  readonly height: number;
  readonly blockId: BlockId;
  readonly from: readonly Bytes[];
}

/** Decided, once per height: store block and commit, execute, then feed `start` of the next height. */
export interface CommitEffect {
  readonly type: 'commit';
  readonly height: number;
  readonly blockId: BlockId;
  readonly commit: Commit;
}

/** Two signed votes of one validator that cannot both be honest. */
export interface EvidenceEffect {
  readonly type: 'evidence';
  readonly voteA: Vote;
  readonly voteB: Vote;
}

/** This validator is still at `height`, which is decided here: send it the stored commit as a CommitMessage. */
export interface SendCommitEffect {
  readonly type: 'sendCommit';
  readonly to: Bytes;
  readonly height: number;
}

/** Others are at `height`, at least two above ours (or it is decided): block sync should fetch what is missing. */
export interface BehindEffect {
  readonly type: 'behind';
  readonly height: number;
}

/** More than 2/3 committed a block that this node finds invalid: stop this node, touch nothing. */
export interface HaltEffect {
  readonly type: 'halt';
  readonly reason: string;
}

export type Effect =
  | PersistEffect
  | SignEffect
  | SendEffect
  | ScheduleTimeoutEffect
  | BuildBlockEffect
  | ValidateBlockEffect
  | RequestBlockEffect
  | CommitEffect
  | EvidenceEffect
  | SendCommitEffect
  | BehindEffect
  | HaltEffect;
