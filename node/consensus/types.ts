/** The data of consensus in CometBFT 0.38 terms. Byte formats are in encoding.ts, hashes in hashing.ts. */
import type { Bytes } from '../base/bytes.ts';
import type { Time } from '../base/time.ts';

export interface PartSetHeader {
  readonly total: number;
  readonly hash: Bytes;
}

/** Names a block: header hash and the hash of its 64 KiB parts. An empty hash means nil. */
export interface BlockId {
  readonly hash: Bytes;
  readonly parts: PartSetHeader;
}

export interface Header {
  readonly version: { readonly block: bigint; readonly app: bigint };
  readonly chainId: string;
  readonly height: number;
  readonly time: Time;
  readonly lastBlockId: BlockId;
  readonly lastCommitHash: Bytes;
  readonly dataHash: Bytes;
  readonly validatorsHash: Bytes;
  readonly nextValidatorsHash: Bytes;
  readonly consensusHash: Bytes;
  readonly appHash: Bytes;
  readonly lastResultsHash: Bytes;
  readonly evidenceHash: Bytes;
  readonly proposerAddress: Bytes;
}

export const BLOCK_ID_FLAG_ABSENT = 1;
export const BLOCK_ID_FLAG_COMMIT = 2;
export const BLOCK_ID_FLAG_NIL = 3;

export interface CommitSig {
  readonly flag: 1 | 2 | 3;
  /** 20 bytes; empty when absent. */
  readonly address: Bytes;
  readonly time: Time;
  /** 64 bytes; empty when absent. */
  readonly signature: Bytes;
}

/** One entry per validator of the set of `height`, in set order. */
export interface Commit {
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  readonly signatures: readonly CommitSig[];
}

export const PREVOTE = 1;
export const PRECOMMIT = 2;
export type VoteType = typeof PREVOTE | typeof PRECOMMIT;

export interface Vote {
  readonly type: VoteType;
  readonly height: number;
  readonly round: number;
  /** An empty hash is a vote for nil. */
  readonly blockId: BlockId;
  readonly time: Time;
  readonly address: Bytes;
  /** Position in the validator set of `height`. */
  readonly index: number;
  readonly signature: Bytes;
}

/** Two votes of one validator for one height, round and type; voteA has the smaller block id. */
export interface DuplicateVoteEvidence {
  readonly voteA: Vote;
  readonly voteB: Vote;
  readonly totalVotingPower: bigint;
  readonly validatorPower: bigint;
  readonly time: Time;
}

export interface Block {
  readonly header: Header;
  readonly txs: readonly Bytes[];
  readonly evidence: readonly DuplicateVoteEvidence[];
  readonly lastCommit: Commit;
}

export interface Validator {
  /** First 20 bytes of SHA-256 of the public key. */
  readonly address: Bytes;
  /** ed25519, 32 bytes. */
  readonly pubKey: Bytes;
  readonly power: bigint;
}
