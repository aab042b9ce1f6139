/** What the engine needs from its siblings; the composition root passes the real ones in. */
import type { Bytes } from '../base/bytes.ts';
import type { TxResult } from '../app/abci.ts';
import type { SignatureCheck } from '../consensus/verify-commit.ts';

/** The mempool, as far as blocks are concerned. */
export interface TxSource {
  /** The best of what waits; a negative `maxGas` is no limit. */
  reap(maxBytes: number, maxGas: bigint, maxTxs: number): readonly Bytes[];
  update(height: number, txs: readonly Bytes[], results: readonly TxResult[]): void;
  /** Checks again whatever has not been checked since the newest block; true when some of it fell. */
  recount?(): boolean;
}

export type SendPriority = 0 | 1 | 2;

/** The peers, by text id. */
export interface ConsensusNetwork {
  broadcast(payload: Bytes, priority: SendPriority): void;
  sendToValidators(addresses: readonly Bytes[], payload: Bytes, priority: SendPriority): void;
  /** To everybody the sender is not connected with. */
  relay(from: string, payload: Bytes, priority: SendPriority): void;
  /** The validator that has proven to be behind this peer. */
  validatorOf(peerId: string): Bytes | undefined;
  /** Is this peer in the settings of this node? */
  isConfigured?(peerId: string): boolean;
  strike(peerId: string, points: number, reason: string): void;
  announce(height: number, base: number): void;
}

export interface WantedBlock {
  readonly height: number;
  readonly hash: Bytes;
  /** Validators that have it; they are asked first. */
  readonly from: readonly Bytes[];
  /** Anything else counts against the peer that gave it. */
  readonly isIt: (bytes: Bytes) => boolean;
}

/** A single block by its hash, from whoever has it; undefined when nobody does now. */
export interface BlockSource {
  fetchBlock(wanted: WantedBlock): Promise<Bytes | undefined>;
}

/** Verifies beside the main thread; without it, or where it does not answer, all is done when needed. */
export interface BulkChecks {
  /** For each check whether it holds; undefined when nobody found out. */
  ed25519(checks: readonly SignatureCheck[]): Promise<readonly boolean[] | undefined>;
  /** Afterwards the application knows the signatures of these transactions, as far as it was worth it. */
  txs(txs: readonly Bytes[]): Promise<void>;
}
