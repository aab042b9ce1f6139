/** The records of the write-ahead log in protobuf. A proposal's record carries the block's bytes. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { decodeCommit, readBlockId, readFields } from '../consensus/decoding.ts';
import type { ProposalRequest, VoteRequest, WalRecord } from '../consensus/effects.ts';
import { encodeBlockId, encodeCommit } from '../consensus/encoding.ts';
import { PRECOMMIT, PREVOTE } from '../consensus/types.ts';
import { NIL_BLOCK_ID } from '../consensus/votes.ts';

export const ErrLogEntry = defineError('engine', 4, 'malformed log entry');

/** One entry of the log of a height. */
export type LogEntry =
  | { readonly type: 'record'; readonly record: WalRecord }
  /** The bytes of a block that a record names; written before it. */
  | { readonly type: 'block'; readonly block: Bytes };

const ALWAYS = { always: true } as const;

function encodeVoteRequest(request: VoteRequest): Bytes {
  return new ProtoWriter()
    .int64(1, request.voteType)
    .int64(2, request.height)
    .int64(3, request.round)
    .message(4, encodeBlockId(request.blockId), ALWAYS)
    .bytes(5, request.address)
    .int64(6, request.index)
    .finish();
}

function encodeProposalRequest(request: ProposalRequest): Bytes {
  return new ProtoWriter()
    .int64(1, request.height)
    .int64(2, request.round)
    .int64(3, request.polRound)
    .message(4, encodeBlockId(request.blockId), ALWAYS)
    .finish();
}

export function encodeLogEntry(entry: LogEntry): Bytes {
  const writer = new ProtoWriter();
  if (entry.type === 'block') return writer.bytes(4, entry.block, ALWAYS).finish();
  const { record } = entry;
  if (record.type === 'lock') writer.message(1, encodeCommit(record.qc), ALWAYS);
  else if (record.type === 'vote') writer.message(2, encodeVoteRequest(record.request), ALWAYS);
  else writer.message(3, encodeProposalRequest(record.request), ALWAYS);
  return writer.finish();
}

function readVoteRequest(bytes: Bytes): VoteRequest {
  const reader = new ProtoReader(bytes);
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

function readProposalRequest(bytes: Bytes): ProposalRequest {
  const reader = new ProtoReader(bytes);
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
  const body = reader.bytes();
  switch (reader.field) {
    case 1:
      return { type: 'record', record: { type: 'lock', qc: decodeCommit(body) } };
    case 2:
      return { type: 'record', record: { type: 'vote', request: readVoteRequest(body) } };
    case 3:
      return { type: 'record', record: { type: 'proposal', request: readProposalRequest(body) } };
    case 4:
      return { type: 'block', block: body };
    default:
      throw new BitscaleError(ErrLogEntry, `unknown field ${reader.field}`);
  }
}
