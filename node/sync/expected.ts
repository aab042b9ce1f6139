/** What block sync needs from its siblings; the composition root passes the real ones in. */
import type { Bytes } from '../base/bytes.ts';

/** The chain that blocks are added to. */
export interface SyncChain {
  height(): number;
  /** Stops deciding by consensus up to `height`. */
  pause(height: number): Promise<void>;
  /** Goes on with consensus after the newest block. */
  resume(): Promise<void>;
  /** Is this the next block? Changes nothing. Throws BitscaleError when it or its commit does not hold. */
  check(block: Bytes, commit: Bytes): Promise<void>;
  /** Throws BitscaleError when the block or its commit does not hold. */
  applySynced(block: Bytes, commit: Bytes): Promise<void>;
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

export interface SyncPeer {
  readonly peerId: string;
  /** As the peer claims. */
  readonly height: number;
  readonly base: number;
}

export interface SyncNetwork {
  peers(): readonly SyncPeer[];
  /** The parts of the answer; rejects when the peer does not answer in time. */
  ask(peerId: string, question: Bytes, maxParts: number): Promise<readonly Bytes[]>;
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
