/** The records of the write-ahead log in protobuf. A proposal's record carries the block's bytes. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { COMMIT_OPTIONS, readBlockId, readCommit, readFields } from '../consensus/decoding.ts';
import type { ProposalRequest, VoteRequest, WalRecord } from '../consensus/effects.ts';
import { writeBlockId, writeCommit } from '../consensus/encoding.ts';
import { PRECOMMIT, PREVOTE } from '../consensus/types.ts';
import { NIL_BLOCK_ID } from '../consensus/votes.ts';

export const ErrLogEntry = defineError('engine', 4, 'malformed log entry');

/** One entry of the log of a height. */
export type LogEntry =
  | { readonly type: 'record'; readonly record: WalRecord }
  /** The bytes of a block that a record names; written before it. */
  | { readonly type: 'block'; readonly block: Bytes };

const ALWAYS = { always: true } as const;

function writeVoteRequest(writer: ProtoWriter, request: VoteRequest): void {
  writer
    .int64(1, request.voteType)
    .int64(2, request.height)
    .int64(3, request.round)
    .nested(4, writeBlockId, request.blockId)
    .bytes(5, request.address)
    .int64(6, request.index);
}

function writeProposalRequest(writer: ProtoWriter, request: ProposalRequest): void {
  writer
    .int64(1, request.height)
    .int64(2, request.round)
    .int64(3, request.polRound)
    .nested(4, writeBlockId, request.blockId);
}

export function encodeLogEntry(entry: LogEntry): Bytes {
  const writer = new ProtoWriter();
  if (entry.type === 'block') return writer.bytes(4, entry.block, ALWAYS).finish();
  const { record } = entry;
  if (record.type === 'lock') writer.nested(1, writeCommit, record.qc);
  else if (record.type === 'vote') writer.nested(2, writeVoteRequest, record.request);
  else writer.nested(3, writeProposalRequest, record.request);
  return writer.finish();
}

function readVoteRequest(reader: ProtoReader): VoteRequest {
  const found = { height: 0, round: 0, blockId: NIL_BLOCK_ID, address: EMPTY, index: 0 };
  let voteType = 0;
  readFields(reader, {
    1: () => (voteType = reader.int32()),
    2: () => (found.height = reader.safeInteger()),
    3: () => (found.round = reader.int32()),
    4: () => (found.blockId = reader.message(readBlockId)),
    5: () => (found.address = reader.bytes()),
    6: () => (found.index = reader.int32()),
  });
  if (voteType !== PREVOTE && voteType !== PRECOMMIT) {
    throw new BitscaleError(ErrLogEntry, 'unknown vote type');
  }
  return { type: 'vote', voteType, ...found };
}

function readProposalRequest(reader: ProtoReader): ProposalRequest {
  const found = { height: 0, round: 0, polRound: 0, blockId: NIL_BLOCK_ID };
  readFields(reader, {
    1: () => (found.height = reader.safeInteger()),
    2: () => (found.round = reader.int32()),
    3: () => (found.polRound = reader.int32()),
    4: () => (found.blockId = reader.message(readBlockId)),
  });
  return { type: 'proposal', ...found };
}

/** Throws BitscaleError unless the bytes are exactly one entry. */
export function decodeLogEntry(bytes: Bytes): LogEntry {
  return checkCanonical(bytes, readLogEntry, encodeLogEntry);
}

function readLogEntry(bytes: Bytes): LogEntry {
  const reader = new ProtoReader(bytes);
  if (!reader.next()) throw new BitscaleError(ErrLogEntry, 'empty');
  switch (reader.field) {
    case 1: {
      const qc = reader.message(readCommit, COMMIT_OPTIONS);
      return { type: 'record', record: { type: 'lock', qc } };
    }
    case 2: {
      const request = reader.message(readVoteRequest);
      return { type: 'record', record: { type: 'vote', request } };
    }
    case 3: {
      const request = reader.message(readProposalRequest);
      return { type: 'record', record: { type: 'proposal', request } };
    }
    case 4:
      return { type: 'block', block: reader.bytes() };
    default:
      throw new BitscaleError(ErrLogEntry, `unknown field ${reader.field}`);
  }
}
