/** Strict reading of what encoding.ts writes: exactly one encoding per value, everything else is refused. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { ProtoReader, checkCanonical } from '../base/proto-reader.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import type { Time } from '../base/time.ts';
import {
  encodeBlock,
  encodeBlockId,
  encodeCommit,
  encodeDuplicateVoteEvidence,
  encodeEvidence,
  encodeHeader,
  encodeVote,
} from './encoding.ts';
import type {
  Block,
  BlockId,
  Commit,
  CommitSig,
  DuplicateVoteEvidence,
  Header,
  PartSetHeader,
  Vote,
} from './types.ts';

export const ErrConsensusEncoding = defineError('consensus', 3, 'malformed consensus message');

function refuse(why: string): never {
  throw new BitscaleError(ErrConsensusEncoding, why);
}

/** Reads a message field by field into `fields`, by the number of the field. */
export function readFields(
  reader: ProtoReader,
  fields: Readonly<Record<number, () => void>>,
): void {
  while (reader.next()) {
    const read = fields[reader.field];
    if (read) read();
    else reader.unknown();
  }
}

export function readTime(reader: ProtoReader): Time {
  let seconds = 0n;
  let nanos = 0;
  readFields(reader, {
    1: () => (seconds = reader.int64()),
    2: () => (nanos = reader.int32()),
  });
  if (nanos < 0 || nanos > 999_999_999) refuse('nanoseconds out of range');
  return { seconds, nanos };
}

function readPartSetHeader(reader: ProtoReader): PartSetHeader {
  let total = 0;
  let hash = EMPTY;
  readFields(reader, { 1: () => (total = reader.uint32()), 2: () => (hash = reader.bytes()) });
  return { total, hash };
}

export function readBlockId(reader: ProtoReader): BlockId {
  let hash = EMPTY;
  let parts: PartSetHeader = { total: 0, hash: EMPTY };
  readFields(reader, {
    1: () => (hash = reader.bytes()),
    2: () => (parts = reader.message(readPartSetHeader)),
  });
  return { hash, parts };
}

const NO_BLOCK: BlockId = { hash: EMPTY, parts: { total: 0, hash: EMPTY } };
const EPOCH: Time = { seconds: 0n, nanos: 0 };

function readVersion(reader: ProtoReader): Header['version'] {
  let block = 0n;
  let app = 0n;
  readFields(reader, { 1: () => (block = reader.uint64()), 2: () => (app = reader.uint64()) });
  return { block, app };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function readHeader(reader: ProtoReader): Header {
  const header: Mutable<Header> = {
    version: { block: 0n, app: 0n },
    chainId: '',
    height: 0,
    time: EPOCH,
    lastBlockId: NO_BLOCK,
    lastCommitHash: EMPTY,
    dataHash: EMPTY,
    validatorsHash: EMPTY,
    nextValidatorsHash: EMPTY,
    consensusHash: EMPTY,
    appHash: EMPTY,
    lastResultsHash: EMPTY,
    evidenceHash: EMPTY,
    proposerAddress: EMPTY,
  };
  readFields(reader, {
    1: () => (header.version = reader.message(readVersion)),
    2: () => (header.chainId = reader.string()),
    3: () => (header.height = reader.safeInteger()),
    4: () => (header.time = reader.message(readTime)),
    5: () => (header.lastBlockId = reader.message(readBlockId)),
    6: () => (header.lastCommitHash = reader.bytes()),
    7: () => (header.dataHash = reader.bytes()),
    8: () => (header.validatorsHash = reader.bytes()),
    9: () => (header.nextValidatorsHash = reader.bytes()),
    10: () => (header.consensusHash = reader.bytes()),
    11: () => (header.appHash = reader.bytes()),
    12: () => (header.lastResultsHash = reader.bytes()),
    13: () => (header.evidenceHash = reader.bytes()),
    14: () => (header.proposerAddress = reader.bytes()),
  });
  return header;
}

export function readCommitSig(reader: ProtoReader): CommitSig {
  let flag = 0;
  let address = EMPTY;
  let time = EPOCH;
  let signature = EMPTY;
  readFields(reader, {
    1: () => (flag = reader.int32()),
    2: () => (address = reader.bytes()),
    3: () => (time = reader.message(readTime)),
    4: () => (signature = reader.bytes()),
  });
  if (flag !== 1 && flag !== 2 && flag !== 3) return refuse('unknown block id flag');
  return { flag, address, time, signature };
}

export const COMMIT_OPTIONS = { repeated: [4] } as const;

export function readCommit(reader: ProtoReader): Commit {
  const commit = { height: 0, round: 0, blockId: NO_BLOCK, signatures: new Array<CommitSig>() };
  readFields(reader, {
    1: () => (commit.height = reader.safeInteger()),
    2: () => (commit.round = reader.int32()),
    3: () => (commit.blockId = reader.message(readBlockId)),
    4: () => commit.signatures.push(reader.message(readCommitSig)),
  });
  return commit;
}

export function readVote(reader: ProtoReader): Vote {
  const vote = {
    type: 0,
    height: 0,
    round: 0,
    blockId: NO_BLOCK,
    time: EPOCH,
    address: EMPTY,
    index: 0,
    signature: EMPTY,
  };
  readFields(reader, {
    1: () => (vote.type = reader.int32()),
    2: () => (vote.height = reader.safeInteger()),
    3: () => (vote.round = reader.int32()),
    4: () => (vote.blockId = reader.message(readBlockId)),
    5: () => (vote.time = reader.message(readTime)),
    6: () => (vote.address = reader.bytes()),
    7: () => (vote.index = reader.int32()),
    8: () => (vote.signature = reader.bytes()),
  });
  const { type, ...rest } = vote;
  if (type !== 1 && type !== 2) return refuse('unknown vote type');
  return { type, ...rest };
}

function readDuplicateVoteEvidence(reader: ProtoReader): DuplicateVoteEvidence {
  let voteA: Vote | undefined;
  let voteB: Vote | undefined;
  let totalVotingPower = 0n;
  let validatorPower = 0n;
  let time = EPOCH;
  readFields(reader, {
    1: () => (voteA = reader.message(readVote)),
    2: () => (voteB = reader.message(readVote)),
    3: () => (totalVotingPower = reader.int64()),
    4: () => (validatorPower = reader.int64()),
    5: () => (time = reader.message(readTime)),
  });
  if (!voteA || !voteB) return refuse('evidence needs two votes');
  return { voteA, voteB, totalVotingPower, validatorPower, time };
}

export function readEvidence(reader: ProtoReader): DuplicateVoteEvidence {
  let evidence: DuplicateVoteEvidence | undefined;
  readFields(reader, { 1: () => (evidence = reader.message(readDuplicateVoteEvidence)) });
  return evidence ?? refuse('evidence of an unknown kind');
}

function readList<T>(item: (reader: ProtoReader) => T): (reader: ProtoReader) => T[] {
  return (reader) => {
    const list: T[] = [];
    readFields(reader, { 1: () => list.push(item(reader)) });
    return list;
  };
}

const REPEATED_FIRST = { repeated: [1] } as const;
const readTxs = readList((reader) => reader.bytes());
const readEvidenceList = readList((reader) => reader.message(readEvidence));

function readBlock(reader: ProtoReader): Block {
  let header: Header | undefined;
  let txs: Bytes[] = [];
  let evidence: DuplicateVoteEvidence[] = [];
  let lastCommit: Commit | undefined;
  readFields(reader, {
    1: () => (header = reader.message(readHeader)),
    2: () => (txs = reader.message(readTxs, REPEATED_FIRST)),
    3: () => (evidence = reader.message(readEvidenceList, REPEATED_FIRST)),
    4: () => (lastCommit = reader.message(readCommit, COMMIT_OPTIONS)),
  });
  if (!header || !lastCommit) return refuse('a block needs a header and a last commit');
  return { header, txs, evidence, lastCommit };
}

type Read<T> = (reader: ProtoReader) => T;

/** A decoder that accepts only the bytes `encode` would write. Throws BitscaleError on anything else. */
export function canonical<T>(
  read: Read<T>,
  encode: (value: T) => Bytes,
  options: { readonly repeated?: readonly number[] } = {},
): (bytes: Bytes) => T {
  return (bytes) => checkCanonical(bytes, (raw) => read(new ProtoReader(raw, options)), encode);
}

export const decodeBlockId = canonical(readBlockId, encodeBlockId);
export const decodeHeader = canonical(readHeader, encodeHeader);
export const decodeCommit = canonical(readCommit, encodeCommit, COMMIT_OPTIONS);
export const decodeVote = canonical(readVote, encodeVote);
export const decodeDuplicateVoteEvidence = canonical(
  readDuplicateVoteEvidence,
  encodeDuplicateVoteEvidence,
);
export const decodeEvidence = canonical(readEvidence, encodeEvidence);
export const decodeBlock = canonical(readBlock, encodeBlock);
