/** What block sync needs from its siblings; the composition root passes the real ones in. */
import type { Bytes } from '../base/bytes.ts';
import type { ChunkVerdict, OfferVerdict, Snapshot } from '../app/abci.ts';
import type { LightBlock } from '../consensus/light.ts';

/** The chain that blocks are added to. */
export interface SyncChain {
  height(): number;
  /** When the newest block says it was made, milliseconds since 1970; the genesis time before the first. */
  tipTime(): number;
  /** Stops deciding by consensus up to `height`. */
  pause(height: number): Promise<void>;
  /** Goes on with consensus after the newest block. */
  resume(): Promise<void>;
  /** Is this the next block? Changes nothing. Throws BitscaleError when it or its commit does not hold. */
  check(block: Bytes, commit: Bytes): Promise<void>;
  /** Throws BitscaleError when the block or its commit does not hold. */
  applySynced(block: Bytes, commit: Bytes): Promise<{ txs: number; bytes: number }>;
  /** This node alone has more than 2/3 of the power: it needs nobody to go on. */
  isEnough(): boolean;
}

/** The blocks that are given to others. */
export interface BlockSupply {
  height(): number;
  base(): number;
  /** A decided block with a commit for it, both encoded. */
  decided(height: number): { readonly block: Bytes; readonly commit: Bytes } | undefined;
  /** A block by hash, decided or proposed. */
  byHash(height: number, hash: Bytes): Bytes | undefined;
}

/** What of an answer is read; an answer beyond it bans its sender. */
export interface AnswerBounds {
  readonly maxParts: number;
  readonly maxBytes: number;
}

export interface SyncNetwork {
  /** Ids of all that are connected. */
  peers(): readonly string[];
  /** The parts of the answer; rejects when the peer does not answer in time or within bounds. */
  ask(peerId: string, question: Bytes, bounds: AnswerBounds): Promise<readonly Bytes[]>;
  strike(peerId: string, points: number, reason: string): void;
  /** The peers through which this validator is reachable. */
  peersOf(validator: Bytes): readonly string[];
}

/** One block, decided or only proposed. */
export interface WantedBlock {
  readonly height: number;
  readonly hash: Bytes;
  /** Validators that have it; they are asked first. */
  readonly from: readonly Bytes[];
  /** Anything else counts against the peer that gave it. */
  readonly isIt: (bytes: Bytes) => boolean;
}

/** What one node says of one height; of the parameters headers cover a part only. */
export interface LightRecord {
  readonly block: LightBlock;
  /** Consensus parameters of the height, encoded. */
  readonly params: Bytes;
}

/** What is given to those who join by state sync. */
export interface StateSupply {
  light(height: number): LightRecord | undefined;
  snapshots(): readonly Snapshot[];
  chunk(name: {
    readonly height: number;
    readonly format: number;
    readonly index: number;
  }): Promise<Bytes | undefined>;
}

/** A state as headers say it is: of the snapshot's height and the two after it. */
export interface TrustedState {
  readonly at: LightBlock;
  readonly next: LightBlock;
  readonly afterNext: LightBlock;
  /** For the height of `next`. */
  readonly params: Bytes;
}

/** The empty chain that a restored state goes into. */
export interface StateChain {
  readonly chainId: string;
  /** The hash a header has for these parameters. Throws BitscaleError when they are malformed. */
  paramsHash(params: Bytes): Bytes;
  offer(snapshot: Snapshot, appHash: Bytes): OfferVerdict;
  apply(index: number, chunk: Bytes): Promise<ChunkVerdict>;
  /** The chain goes on after the restored state. */
  begin(state: TrustedState): Promise<void>;
}
