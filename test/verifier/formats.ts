/** The messages of tendermint.types that are stored and hashed: read strictly, written canonically. */
import * as p from './proto.ts';
import { EMPTY, Fields, FormatError, same, type Bytes } from './proto.ts';

export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

export interface BlockId {
  readonly hash: Bytes;
  readonly total: number;
  readonly partsHash: Bytes;
}

export interface Header {
  readonly blockVersion: bigint;
  readonly appVersion: bigint;
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp;
  readonly lastBlockId: BlockId;
  readonly lastCommitHash: Bytes;
  readonly dataHash: Bytes;
  readonly validatorsHash: Bytes;
  readonly nextValidatorsHash: Bytes;
  readonly consensusHash: Bytes;
  readonly appHash: Bytes;
  readonly lastResultsHash: Bytes;
  readonly evidenceHash: Bytes;
  readonly proposer: Bytes;
}

export interface CommitSig {
  readonly flag: number;
  readonly address: Bytes;
  readonly time: Timestamp;
  readonly signature: Bytes;
}

export interface Commit {
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockId;
  readonly signatures: readonly CommitSig[];
}

export interface Vote {
  readonly type: number;
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockId;
  readonly time: Timestamp;
  readonly address: Bytes;
  readonly index: number;
  readonly signature: Bytes;
}

export interface DuplicateVotes {
  readonly voteA: Vote;
  readonly voteB: Vote;
  readonly totalPower: bigint;
  readonly validatorPower: bigint;
  readonly time: Timestamp;
}

export interface Block {
  readonly header: Header;
  readonly txs: readonly Bytes[];
  readonly evidence: readonly DuplicateVotes[];
  readonly lastCommit: Commit;
}

/** Year 1: what an absent signature carries. */
export const NO_TIME: Timestamp = { seconds: -62_135_596_800n, nanos: 0 };
export const NO_BLOCK: BlockId = { hash: EMPTY, total: 0, partsHash: EMPTY };

/** Refuses bytes that are not exactly what `write` makes of what they mean. */
function strictly<T>(bytes: Bytes, read: (fields: Fields) => T, write: (value: T) => Bytes): T {
  const value = read(new Fields(bytes));
  if (!same(write(value), bytes)) throw new FormatError('not the canonical encoding');
  return value;
}

export const writeTime = ({ seconds, nanos }: Timestamp): Bytes =>
  p.join([p.int(1, seconds), p.int(2, nanos)]);

function readTime(fields: Fields): Timestamp {
  const time = { seconds: fields.int(1), nanos: fields.small(2) };
  if (time.nanos < 0 || time.nanos > 999_999_999) throw new FormatError('no such time');
  return time;
}

export const writeParts = (id: BlockId): Bytes =>
  p.join([p.int(1, id.total), p.bytes(2, id.partsHash)]);

export const writeBlockId = (id: BlockId): Bytes =>
  p.join([p.bytes(1, id.hash), p.message(2, writeParts(id))]);

export function readBlockId(fields: Fields): BlockId {
  const parts = fields.message(2);
  return { hash: fields.bytes(1), total: parts.small(1), partsHash: parts.bytes(2) };
}

export const writeVersion = (header: Header): Bytes =>
  p.join([p.int(1, header.blockVersion), p.int(2, header.appVersion)]);

function writeHeader(header: Header): Bytes {
  return p.join([
    p.message(1, writeVersion(header)),
    p.bytes(2, header.chainId),
    p.int(3, header.height),
    p.message(4, writeTime(header.time)),
    p.message(5, writeBlockId(header.lastBlockId)),
    p.bytes(6, header.lastCommitHash),
    p.bytes(7, header.dataHash),
    p.bytes(8, header.validatorsHash),
    p.bytes(9, header.nextValidatorsHash),
    p.bytes(10, header.consensusHash),
    p.bytes(11, header.appHash),
    p.bytes(12, header.lastResultsHash),
    p.bytes(13, header.evidenceHash),
    p.bytes(14, header.proposer),
  ]);
}

function readHeader(fields: Fields): Header {
  const version = fields.message(1);
  return {
    blockVersion: version.int(1),
    appVersion: version.int(2),
    chainId: fields.text(2),
    height: fields.int(3),
    time: readTime(fields.message(4)),
    lastBlockId: readBlockId(fields.message(5)),
    lastCommitHash: fields.bytes(6),
    dataHash: fields.bytes(7),
    validatorsHash: fields.bytes(8),
    nextValidatorsHash: fields.bytes(9),
    consensusHash: fields.bytes(10),
    appHash: fields.bytes(11),
    lastResultsHash: fields.bytes(12),
    evidenceHash: fields.bytes(13),
    proposer: fields.bytes(14),
  };
}

export const writeCommitSig = (sig: CommitSig): Bytes =>
  p.join([
    p.int(1, sig.flag),
    p.bytes(2, sig.address),
    p.message(3, writeTime(sig.time)),
    p.bytes(4, sig.signature),
  ]);

function readCommitSig(bytes: Bytes): CommitSig {
  const fields = new Fields(bytes);
  return {
    flag: fields.small(1),
    address: fields.bytes(2),
    time: readTime(fields.message(3)),
    signature: fields.bytes(4),
  };
}

export function writeCommit(commit: Commit): Bytes {
  return p.join([
    p.int(1, commit.height),
    p.int(2, commit.round),
    p.message(3, writeBlockId(commit.blockId)),
    ...commit.signatures.map((sig) => p.message(4, writeCommitSig(sig))),
  ]);
}

const commitOf = (fields: Fields): Commit => ({
  height: fields.int(1),
  round: fields.small(2),
  blockId: readBlockId(fields.message(3)),
  signatures: fields.all(4).map(readCommitSig),
});

export const readCommit = (bytes: Bytes): Commit => strictly(bytes, commitOf, writeCommit);

export function writeVote(vote: Vote): Bytes {
  return p.join([
    p.int(1, vote.type),
    p.int(2, vote.height),
    p.int(3, vote.round),
    p.message(4, writeBlockId(vote.blockId)),
    p.message(5, writeTime(vote.time)),
    p.bytes(6, vote.address),
    p.int(7, vote.index),
    p.bytes(8, vote.signature),
  ]);
}

const voteOf = (fields: Fields): Vote => ({
  type: fields.small(1),
  height: fields.int(2),
  round: fields.small(3),
  blockId: readBlockId(fields.message(4)),
  time: readTime(fields.message(5)),
  address: fields.bytes(6),
  index: fields.small(7),
  signature: fields.bytes(8),
});

/** A tendermint.types.Vote; what it carries besides (extensions) is left out. */
export const readVote = (bytes: Bytes): Vote => voteOf(new Fields(bytes));

/** Without the wrapper: this is also the leaf of the evidence hash. */
export function writeDuplicateVotes(evidence: DuplicateVotes): Bytes {
  return p.join([
    p.message(1, writeVote(evidence.voteA)),
    p.message(2, writeVote(evidence.voteB)),
    p.int(3, evidence.totalPower),
    p.int(4, evidence.validatorPower),
    p.message(5, writeTime(evidence.time)),
  ]);
}

function readEvidence(bytes: Bytes): DuplicateVotes {
  const fields = new Fields(bytes).message(1);
  return {
    voteA: voteOf(fields.message(1)),
    voteB: voteOf(fields.message(2)),
    totalPower: fields.int(3),
    validatorPower: fields.int(4),
    time: readTime(fields.message(5)),
  };
}

export function writeBlock(block: Block): Bytes {
  const evidence = block.evidence.map((one) =>
    p.message(1, p.message(1, writeDuplicateVotes(one))),
  );
  return p.join([
    p.message(1, writeHeader(block.header)),
    p.message(2, ...block.txs.map((tx) => p.message(1, tx))),
    p.message(3, ...evidence),
    p.message(4, writeCommit(block.lastCommit)),
  ]);
}

/** A tendermint.types.Block. */
export function readBlock(bytes: Bytes): Block {
  const read = (fields: Fields): Block => ({
    header: readHeader(fields.message(1)),
    txs: fields.message(2).all(1),
    evidence: fields.message(3).all(1).map(readEvidence),
    lastCommit: commitOf(fields.message(4)),
  });
  return strictly(bytes, read, writeBlock);
}

export function nanosOf({ seconds, nanos }: Timestamp): bigint {
  return seconds * 1_000_000_000n + BigInt(nanos);
}

export function sameBlockId(a: BlockId, b: BlockId): boolean {
  return same(writeBlockId(a), writeBlockId(b));
}
