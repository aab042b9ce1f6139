/** What the RPC needs from its siblings; the composition root passes the real ones in. */
import type { Deadline } from '../base/deadline.ts';
import type { Abci, ConsensusParams, Event, FinalizeBlockResponse } from '../app/abci.ts';
import type { TxResult } from '../app/abci.ts';
import type { CheckTxResult, QueryRequest, QueryResponse, ValidatorUpdate } from '../app/abci.ts';
import type { Bytes } from '../base/bytes.ts';
import type { Time } from '../base/time.ts';
import type { Proposal } from '../consensus/messages.ts';
import type { Block, BlockId, Commit, DuplicateVoteEvidence } from '../consensus/types.ts';
import type { Header, PartSetHeader, Validator, Vote } from '../consensus/types.ts';

/** The application, as far as clients may reach it. `checkTx` must not keep what it did to the state. */
export type QueryApp = Pick<Abci, 'info' | 'checkTx'> & {
  /** Some questions are answered by more than the application, and later. */
  query(request: QueryRequest, deadline?: Deadline): QueryResponse | Promise<QueryResponse>;
};

export interface RankedValidator extends Validator {
  readonly priority: bigint;
}

/** A validator set in its canonical order. */
export interface ValidatorSetView {
  readonly validators: readonly RankedValidator[];
  /** May be one who has left the set. */
  readonly proposer: RankedValidator;
  readonly totalPower: bigint;
}

export interface StoredBlock {
  readonly block: Block;
  readonly blockId: BlockId;
  /** Encoded size, bytes. */
  readonly size: number;
}

/** Committed blocks. Results exist for every height up to `height()`. */
export interface BlockReader {
  /** 0 before the first block. */
  height(): number;
  base(): number;
  block(height: number): StoredBlock | undefined;
  /** `canonical`: the commit stored in the next block; else the one this node saw. */
  commit(
    height: number,
  ): { readonly header: Header; readonly commit: Commit; readonly canonical: boolean } | undefined;
  heightByHash(hash: Bytes): number | undefined;
  /** Known up to `height() + 1`. */
  validators(height: number): ValidatorSetView | undefined;
  results(height: number): FinalizeBlockResponse | undefined;
  /** Header and single transactions of a block; `positions` ascend, and those it does not have are left out. */
  blockPart(
    height: number,
    positions: readonly number[],
  ): { readonly header: Header; readonly txs: readonly Bytes[] } | undefined;
  /** Results of single transactions; `positions` as above. */
  txResults(height: number, positions: readonly number[]): readonly TxResult[] | undefined;
  /** The events of a block itself, without those of its transactions. */
  blockEvents(height: number): readonly Event[] | undefined;
  consensusParams(height: number): ConsensusParams;
}

export interface NodeInfo {
  /** 20 bytes; derived from the libp2p peer id. */
  readonly id: Bytes;
  readonly moniker: string;
  /** Chain id. */
  readonly network: string;
  /** CometBFT API level, 0.38.x: clients choose their decoder by it. */
  readonly version: string;
  readonly listenAddr: string;
  readonly rpcAddr: string;
  readonly appVersion: bigint;
  /** Name and version of this program, shown by abci_info. */
  readonly software: string;
  readonly softwareVersion: string;
}

export interface PeerInfo {
  readonly id: Bytes;
  readonly moniker: string;
  readonly listenAddr: string;
  readonly remoteIp: string;
  readonly outbound: boolean;
  readonly connectedNanos: bigint;
}

export interface RoundVotes {
  readonly round: number;
  /** One place per validator of the set. */
  readonly prevotes: readonly (Vote | undefined)[];
  readonly precommits: readonly (Vote | undefined)[];
}

/** Where consensus stands. Hashes are empty when there is nothing. */
export interface ConsensusStateView {
  readonly height: number;
  readonly round: number;
  /** 1 NewHeight, 2 NewRound, 3 Propose, 4 Prevote, 5 PrevoteWait, 6 Precommit, 7 PrecommitWait, 8 Commit. */
  readonly step: number;
  /** When this height begins here, and when the block before was committed here. */
  readonly startTime: Time;
  readonly commitTime: Time;
  /** Leader of the round at hand. */
  readonly proposer: Bytes;
  readonly proposal?: Proposal;
  /** Its block, when it is here. */
  readonly proposalBlock?: Block;
  readonly lockedHash: Bytes;
  readonly validHash: Bytes;
  /** The block of the highest quorum certificate, when it is here. */
  readonly lockedBlock?: Block;
  readonly lockedParts?: PartSetHeader;
  /** -1 when there is none. */
  readonly lockedRound: number;
  readonly validRound: number;
  readonly commitRound: number;
  readonly validators: ValidatorSetView;
  readonly lastValidators?: ValidatorSetView;
  readonly lastCommit?: Commit;
  readonly votes: readonly RoundVotes[];
  /** This node has given up the round at hand. */
  readonly timedOut: boolean;
}

export interface NodeView {
  readonly nodeInfo: NodeInfo;
  /** The genesis file, parsed. */
  readonly genesis: unknown;
  /** ed25519 key this node validates with, or would. */
  readonly validatorPubKey: Bytes;
  readonly status: { readonly catchingUp: boolean };
  peers(): readonly PeerInfo[];
  consensusState(): ConsensusStateView;
}

/** Throws BitscaleError sdk/19 (already known), sdk/20 (full), sdk/21 (too large). */
export interface TxPool {
  add(tx: Bytes): CheckTxResult;
  size(): number;
  sizeBytes(): number;
  txs(limit: number): readonly Bytes[];
}

export interface EvidencePool {
  /** Throws BitscaleError when the evidence does not hold; answers its hash. */
  add(evidence: DuplicateVoteEvidence): Bytes;
}

/** A committed and executed block, as the engine announces it. */
export interface CommittedBlock {
  readonly block: Block;
  readonly blockId: BlockId;
  readonly results: FinalizeBlockResponse;
  readonly validatorUpdates: readonly ValidatorUpdate[];
}
