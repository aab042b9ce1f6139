/** What the driver and its parts share. */
import type { Clock, Logger, Metrics } from '../base/service.ts';
import type { Input, Mode, Timeouts } from '../consensus/inputs.ts';
import type { Commit } from '../consensus/types.ts';
import type { State } from '../consensus/state.ts';
import type { BlockPool, HeldBlock } from './block-pool.ts';
import type { BlockStore } from './block-store.ts';
import type { Committer } from './committer.ts';
import type { EvidencePool } from './evidence-pool.ts';
import type { Executor } from './executor.ts';
import type { BlockSource, ConsensusNetwork } from './expected.ts';
import type { SignatureChecks } from './signature-checks.ts';
import type { Signer } from './signer.ts';
import type { Timers } from './timers.ts';
import type { Wal } from './wal.ts';

export interface DriverOptions {
  readonly chainId: string;
  /** auto: clique up to MAX_CLIQUE validators, star above. */
  readonly mode: Mode | 'auto';
  readonly timeouts: Timeouts;
  /** Least time from block to block; 0 is as fast as consensus goes. */
  readonly blockTimeMs: number;
}

export interface DriverDeps {
  readonly options: DriverOptions;
  readonly store: BlockStore;
  readonly executor: Executor;
  readonly committer: Committer;
  readonly evidence: EvidencePool;
  readonly wal: Wal;
  readonly signatures: SignatureChecks;
  /** Undefined: follow without voting. */
  readonly signer: Signer | undefined;
  readonly network: ConsensusNetwork;
  readonly blocks: BlockSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Somebody claims to be at this height, above ours. */
  readonly onBehind: (height: number) => void;
  /** Throws HaltError when the newest block is the last one for this node. */
  readonly requireGoing: () => void;
  /** Called after each step that changed something, before its effects run. */
  readonly onStep: StepListener;
}

export type StepListener = (before: State, after: State) => void;

/** What the parts of one driver share besides. */
export interface DriverParts extends DriverDeps {
  readonly pool: BlockPool;
  readonly timers: Timers;
  /** Aborted when the driver stops: whatever runs beside it must end. */
  readonly stopped: AbortSignal;
  /** The commit of the last height, with the late precommits that came here. */
  readonly lastCommit: () => Commit | undefined;
  /** Queues an input ahead of everything that comes from peers. */
  readonly feed: (input: Input) => void;
  /** A valid block that may well be decided: worth executing while votes travel. */
  readonly speculate: (block: HeldBlock) => void;
}
