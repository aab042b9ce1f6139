/** What can happen to the machine. Everything an input claims by signature has been verified by the driver. */
import type { Bytes } from '../base/bytes.ts';
import type { SignRequest, TimeoutKind, WalRecord } from './effects.ts';
import type { ConsensusMessage } from './messages.ts';
import type { BlockId, Commit } from './types.ts';
import type { Time } from '../base/time.ts';
import type { ValidatorSet } from './validator-set.ts';

/** star: votes go to the leader, who forwards certificates. clique: everyone sends to everyone. */
export type Mode = 'star' | 'clique';

/** All in milliseconds. */
export interface Timeouts {
  /** A round may last roundMs + round * roundDeltaMs, at most roundMaxMs (pace, grace, newRound come on top). */
  readonly roundMs: number;
  readonly roundDeltaMs: number;
  readonly roundMaxMs: number;
  /** How long the leader of a round > 0 waits for certificates of others: two message delays at least. */
  readonly newRoundMs: number;
  /** How long a leader waits for late precommits of the last height. */
  readonly graceMs: number;
  /** How often a node repeats itself in a round that does not end. */
  readonly resendMs: number;
}

/** All the machine needs to know about one height. */
export interface HeightContext {
  readonly height: number;
  readonly validators: ValidatorSet;
  /** Own position in `validators`; undefined: follow without voting. */
  readonly ownIndex: number | undefined;
  /** Address of the leader of (height + 1, round 0), to whom precommits are sent as well. */
  readonly nextProposer: Bytes;
  /** The seen commit of height - 1 and its set; absent at the initial height. */
  readonly lastCommit?: Commit;
  readonly lastValidators?: ValidatorSet;
  /** Addresses with a signature in the last commit of the newest block; absent when there is none. */
  readonly signedBefore?: readonly Bytes[];
  readonly mode: Mode;
  readonly timeouts: Timeouts;
  /** Milliseconds until the next block may be proposed (0: at once). */
  readonly paceMs: number;
}

/** A height begins: state after height - 1 is executed. `records` is the log of this height after a restart. */
export interface StartInput {
  readonly type: 'start';
  readonly context: HeightContext;
  readonly records: readonly WalRecord[];
}

/**
 * A message with verified signatures (for height + 1: verified against the next set). `from` is the
 * validator at the other end of the channel, if known. A proposal comes with its block's bytes stored or
 * not: the machine asks by `requestBlock`.
 */
export interface ReceivedInput {
  readonly type: 'received';
  readonly message: ConsensusMessage;
  readonly from?: Bytes;
}

/** A scheduled timeout is over. */
export interface TimeoutInput {
  readonly type: 'timeout';
  readonly kind: TimeoutKind;
  readonly height: number;
  readonly round: number;
}

/** Answer to `buildBlock`: the block is stored by the driver and valid here. */
export interface BlockBuiltInput {
  readonly type: 'blockBuilt';
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
}

/** Answer to `requestBlock`: the bytes are here and hash to the block id. */
export interface BlockReceivedInput {
  readonly type: 'blockReceived';
  readonly height: number;
  readonly blockId: BlockId;
}

/**
 * Answer to `validateBlock`. `valid` is the same on every correct node; `timely` says whether the block's
 * time was near the local clock when its proposal came (and its evidence could be checked here); it and
 * `proposer` count for fresh proposals only.
 */
export interface BlockValidatedInput {
  readonly type: 'blockValidated';
  readonly height: number;
  readonly blockId: BlockId;
  readonly valid: boolean;
  readonly timely: boolean;
  /** The proposer its header names. */
  readonly proposer: Bytes;
}

/** Answer to `sign`: the signature and the time it covers. */
export interface SignedInput {
  readonly type: 'signed';
  readonly request: SignRequest;
  readonly time: Time;
  readonly signature: Bytes;
}

/** Answer to `sign`: the signer's own guard said no; the machine goes on without this vote. */
export interface SignRefusedInput {
  readonly type: 'signRefused';
  readonly request: SignRequest;
}

/** Block sync takes over up to `height`: forget the height at hand and wait for `start`. */
export interface SyncedInput {
  readonly type: 'synced';
  readonly height: number;
}

export type Input =
  | StartInput
  | ReceivedInput
  | TimeoutInput
  | BlockBuiltInput
  | BlockReceivedInput
  | BlockValidatedInput
  | SignedInput
  | SignRefusedInput
  | SyncedInput;
