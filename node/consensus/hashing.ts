/** The hashes of consensus data, exactly as CometBFT 0.38 computes them. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import { merkleProofs, merkleRoot, type MerkleProof } from '../base/merkle.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { txHash } from '../base/tx-hash.ts';
import {
  encodeBlock,
  encodeBlockId,
  encodeCommitSig,
  encodeDuplicateVoteEvidence,
  encodeTime,
  encodeVersion,
} from './encoding.ts';
import type {
  Block,
  BlockId,
  Commit,
  DuplicateVoteEvidence,
  Header,
  PartSetHeader,
} from './types.ts';

/** Blocks are cut into parts of this many bytes. */
export const PART_SIZE = 65_536;

/** A google.protobuf wrapper (StringValue, BytesValue): empty values are empty leaves. */
function wrapped(value: Bytes): Bytes {
  return new ProtoWriter().bytes(1, value).finish();
}

/** 32 bytes; empty when the header has no validators hash, as CometBFT has it. */
export function headerHash(header: Header): Bytes {
  if (header.validatorsHash.length === 0) return EMPTY;
  return merkleRoot([
    encodeVersion(header.version),
    new ProtoWriter().string(1, header.chainId).finish(),
    new ProtoWriter().int64(1, header.height).finish(),
    encodeTime(header.time),
    encodeBlockId(header.lastBlockId),
    wrapped(header.lastCommitHash),
    wrapped(header.dataHash),
    wrapped(header.validatorsHash),
    wrapped(header.nextValidatorsHash),
    wrapped(header.consensusHash),
    wrapped(header.appHash),
    wrapped(header.lastResultsHash),
    wrapped(header.evidenceHash),
    wrapped(header.proposerAddress),
  ]);
}

export function commitHash(commit: Commit): Bytes {
  return merkleRoot(commit.signatures.map(encodeCommitSig));
}

/** The leaves are the hashes of the transactions. */
export function dataHash(txs: readonly Bytes[]): Bytes {
  return merkleRoot(txs.map(txHash));
}

/** Proof that a transaction is in the block; the proved item is the transaction's hash. */
/** The proofs of all transactions of a block against its data hash. */
export function txProofs(txs: readonly Bytes[]): readonly MerkleProof[] {
  return merkleProofs(txs.map(txHash)).proofs;
}

/** Over the bare DuplicateVoteEvidence bytes, without the wrapper. */
export function evidenceHash(list: readonly DuplicateVoteEvidence[]): Bytes {
  return merkleRoot(list.map(encodeDuplicateVoteEvidence));
}

/** The part of a transaction's result that consensus covers. */
export interface HashedResult {
  readonly code: number;
  readonly data: Bytes;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
}

export function encodeHashedResult(result: HashedResult): Bytes {
  return new ProtoWriter()
    .uint64(1, result.code)
    .bytes(2, result.data)
    .int64(5, result.gasWanted)
    .int64(6, result.gasUsed)
    .finish();
}

/** last_results_hash of the next header: code, data and gas only. */
export function resultsHash(results: readonly HashedResult[]): Bytes {
  return merkleRoot(results.map(encodeHashedResult));
}

/** Only block max bytes and max gas count. */
export function consensusHash(params: {
  readonly block: { readonly maxBytes: bigint; readonly maxGas: bigint };
}): Bytes {
  return sha256(
    new ProtoWriter().int64(1, params.block.maxBytes).int64(2, params.block.maxGas).finish(),
  );
}

/** The parts themselves; part i is bytes [i * 65536, (i + 1) * 65536). */
export function partsOf(bytes: Bytes): Bytes[] {
  const parts: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += PART_SIZE) {
    parts.push(bytes.subarray(at, at + PART_SIZE));
  }
  return parts;
}

export function partSetHeader(bytes: Bytes): PartSetHeader {
  const parts = partsOf(bytes);
  return { total: parts.length, hash: merkleRoot(parts) };
}

/** The id of a block; `bytes` are its encoding, if already at hand. */
export function blockIdOf(block: Block, bytes: Bytes = encodeBlock(block)): BlockId {
  return { hash: headerHash(block.header), parts: partSetHeader(bytes) };
}
