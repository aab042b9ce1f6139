/**
 * The wall between consensus and the application, in the terms of ABCI 2.0. The engine, the mempool and
 * the RPC know the application only by this interface. Only commit and what handles chunks of snapshots wait
 * for the disk.
 */
import type { Bytes } from '../base/bytes.ts';
import type { Time } from '../base/time.ts';
import type { ChunkVerdict, OfferVerdict, Snapshot } from '../store/snapshot/format.ts';

export type { ChunkVerdict, OfferVerdict, Snapshot };

export interface EventAttribute {
  readonly key: string;
  readonly value: string;
  readonly index: boolean;
}

export interface Event {
  readonly type: string;
  readonly attributes: readonly EventAttribute[];
}

export interface TxResult {
  /** 0 is success. */
  readonly code: number;
  /** Encoded TxMsgData on success. */
  readonly data: Bytes;
  readonly log: string;
  readonly info: string;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
  readonly events: readonly Event[];
  readonly codespace: string;
}

export interface CheckTxResult extends TxResult {
  /** Gas price in the fee denom, scaled by 10^18; orders the mempool. */
  readonly priority: bigint;
  /** Bech32 address and sequence of the first signer: the mempool keeps each sender's txs in order. */
  readonly sender: string;
  readonly sequence: bigint;
}

export interface ValidatorUpdate {
  /** ed25519, 32 bytes. */
  readonly pubKey: Bytes;
  /** 0 removes the validator. */
  readonly power: bigint;
}

export interface ConsensusParams {
  readonly block: { readonly maxBytes: bigint; readonly maxGas: bigint };
  readonly evidence: {
    readonly maxAgeNumBlocks: bigint;
    readonly maxAgeDurationNanos: bigint;
    readonly maxBytes: bigint;
  };
  readonly validator: { readonly pubKeyTypes: readonly string[] };
  readonly version: { readonly app: bigint };
}

/** Who signed the commit of the previous block; nil votes count as signed. */
export interface CommitVote {
  readonly address: Bytes;
  readonly power: bigint;
  /** 1 absent, 2 commit, 3 nil. */
  readonly flag: 1 | 2 | 3;
}

export interface Misbehavior {
  readonly kind: 'duplicate-vote';
  readonly address: Bytes;
  readonly power: bigint;
  readonly height: number;
  readonly time: Time;
  readonly totalVotingPower: bigint;
}

export interface InitChainRequest {
  readonly chainId: string;
  readonly time: Time;
  readonly initialHeight: number;
  readonly consensusParams: ConsensusParams;
  /** The `app_state` of the genesis file, parsed JSON. */
  readonly appState: Record<string, unknown>;
}

export interface InitChainResponse {
  readonly validators: readonly ValidatorUpdate[];
  readonly appHash: Bytes;
}

export interface BlockRequest {
  readonly txs: readonly Bytes[];
  readonly height: number;
  readonly time: Time;
  /** Header hash; empty in prepareProposal. */
  readonly hash: Bytes;
  readonly proposerAddress: Bytes;
  readonly nextValidatorsHash: Bytes;
  readonly lastCommit: { readonly round: number; readonly votes: readonly CommitVote[] };
  readonly misbehavior: readonly Misbehavior[];
}

export interface FinalizeBlockResponse {
  readonly events: readonly Event[];
  readonly txResults: readonly TxResult[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  readonly consensusParamUpdates?: ConsensusParams;
  /** State root after this block: goes into the next header. */
  readonly appHash: Bytes;
}

export interface QueryRequest {
  readonly path: string;
  readonly data: Bytes;
  /** 0 means the newest committed height. */
  readonly height: number;
  readonly prove: boolean;
}

export interface ProofOp {
  readonly type: string;
  readonly key: Bytes;
  readonly data: Bytes;
}

export interface QueryResponse {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly info: string;
  readonly index: bigint;
  readonly key: Bytes;
  readonly value: Bytes;
  readonly proofOps: readonly ProofOp[];
  readonly height: number;
}

/** Snapshots of the application's state: offering one's own, and starting from somebody else's. */
export interface SnapshotAbci {
  /** Newest first; complete ones only. */
  listSnapshots(): readonly Snapshot[];
  /** At most SNAPSHOT_CHUNK_BYTES; undefined when it is not here (any more). */
  loadSnapshotChunk(height: number, format: number, index: number): Promise<Bytes | undefined>;
  /**
   * Begins a restore, on an empty application only. `appHash` is the trusted one after `height`. A later
   * offer forgets the restore before it.
   */
  offerSnapshot(snapshot: Snapshot, appHash: Bytes): OfferVerdict;
  /**
   * Chunks come in order. The last one is accepted only when the whole state has the trusted app hash;
   * then it is durable and `info` answers its height.
   */
  applySnapshotChunk(index: number, chunk: Bytes): Promise<ChunkVerdict>;
  /**
   * Empties an application again that was restored and has committed nothing since; false, and nothing done, for
   * any other. For a crash between the restore and what the engine stores after it.
   */
  forgetSnapshot(): Promise<boolean>;
}

export interface Abci extends SnapshotAbci {
  info(): { readonly height: number; readonly appHash: Bytes };
  initChain(request: InitChainRequest): InitChainResponse;
  /**
   * `replace`: the transaction takes the place of a pending one of the same signer and sequence. Its events are left
   * out of the answer to a recheck, and when nobody will be shown the answer.
   */
  checkTx(tx: Bytes, kind: 'new' | 'replace' | 'recheck', isShown?: boolean): CheckTxResult;
  /** Chooses txs for a block of at most `maxTxBytes`; only txs that would pass. */
  prepareProposal(request: BlockRequest, maxTxBytes: number): readonly Bytes[];
  /** May this block be voted for? A pure answer: the same on every honest node. */
  processProposal(request: BlockRequest): boolean;
  /** Executes a block on top of the committed state without writing it. */
  finalizeBlock(request: BlockRequest): FinalizeBlockResponse;
  /**
   * Writes what the last finalizeBlock produced, in one synced atomic batch. Blocks from `retainHeight` on must
   * be kept; 0: all of them.
   */
  commit(): Promise<{ readonly retainHeight: number }>;
  /**
   * Why this program must not execute a block on top of the committed state, for example because an upgrade is
   * due; asked at boot and after each commit. The node then stops in order, without an error.
   */
  haltReason?(): string | undefined;
  query(request: QueryRequest): QueryResponse;
}
