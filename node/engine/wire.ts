/** Consensus messages as they travel between nodes: ConsensusPayload of proto/bitscale/p2p/v1. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { ZERO_TIME } from '../base/time.ts';
import {
  COMMIT_OPTIONS,
  readBlockId,
  readCommit,
  readEvidence,
  readFields,
  readTime,
  readVote,
} from '../consensus/decoding.ts';
import {
  writeBlockId,
  writeCommit,
  writeEvidence,
  writeTime,
  writeVote,
} from '../consensus/encoding.ts';
import type {
  ConsensusMessage,
  NewRoundMessage,
  Proposal,
  ProposalMessage,
  QuorumCertificate,
  TimeoutMessage,
} from '../consensus/messages.ts';
import type { DuplicateVoteEvidence, Vote } from '../consensus/types.ts';
import { NIL_BLOCK_ID } from '../consensus/votes.ts';

export const ErrWire = defineError('engine', 1, 'malformed consensus payload');

/** What a payload holds: a message of the machine, with the block's bytes, or evidence. */
export type Payload =
  | { readonly type: 'message'; readonly message: ConsensusMessage; readonly block?: Bytes }
  | { readonly type: 'evidence'; readonly evidence: DuplicateVoteEvidence };

/** SignedMsgType of a proposal. */
const PROPOSAL_TYPE = 32;

function writeProposal(writer: ProtoWriter, proposal: Proposal): void {
  writer
    .int64(1, PROPOSAL_TYPE)
    .int64(2, proposal.height)
    .int64(3, proposal.round)
    .int64(4, proposal.polRound)
    .nested(5, writeBlockId, proposal.blockId)
    .nested(6, writeTime, proposal.time)
    .bytes(7, proposal.signature);
}

export function encodeProposal(proposal: Proposal): Bytes {
  const writer = new ProtoWriter();
  writeProposal(writer, proposal);
  return writer.finish();
}

function readProposal(reader: ProtoReader): Proposal {
  const proposal = {
    height: 0,
    round: 0,
    polRound: 0,
    blockId: NIL_BLOCK_ID,
    time: ZERO_TIME,
    signature: EMPTY,
  };
  let type = 0;
  readFields(reader, {
    1: () => (type = reader.int32()),
    2: () => (proposal.height = reader.safeInteger()),
    3: () => (proposal.round = reader.int32()),
    4: () => (proposal.polRound = reader.int32()),
    5: () => (proposal.blockId = reader.message(readBlockId)),
    6: () => (proposal.time = reader.message(readTime)),
    7: () => (proposal.signature = reader.bytes()),
  });
  if (type !== PROPOSAL_TYPE) throw new BitscaleError(ErrWire, 'not a proposal');
  return proposal;
}

export function decodeProposal(bytes: Bytes): Proposal {
  return checkCanonical(bytes, (raw) => readProposal(new ProtoReader(raw)), encodeProposal);
}

function writeQc(writer: ProtoWriter, field: number, qc?: QuorumCertificate): void {
  if (qc !== undefined) writer.nested(field, writeCommit, qc);
}

function writeVotes(writer: ProtoWriter, field: number, votes: readonly Vote[] = []): void {
  for (const vote of votes) writer.nested(field, writeVote, vote);
}

function writeProposalPayload(writer: ProtoWriter, message: ProposalMessage, block?: Bytes): void {
  writer.nested(1, writeProposal, message.proposal);
  writeQc(writer, 2, message.justify);
  writeVotes(writer, 3, message.timeouts);
  writer.message(4, block);
}

function writeTimeout(writer: ProtoWriter, message: TimeoutMessage): void {
  writer.nested(1, writeVote, message.vote);
  writeQc(writer, 2, message.highQc);
}

function writeNewRound(writer: ProtoWriter, message: NewRoundMessage): void {
  writer.int64(1, message.height).int64(2, message.round);
  writeQc(writer, 3, message.highQc);
  writeVotes(writer, 4, message.timeouts);
}

export function encodePayload(payload: Payload): Bytes {
  const writer = new ProtoWriter();
  if (payload.type === 'evidence') writer.nested(7, writeEvidence, payload.evidence);
  else writeMessage(writer, payload.message, payload.block);
  return writer.finish();
}

function writeMessage(writer: ProtoWriter, message: ConsensusMessage, block?: Bytes): ProtoWriter {
  switch (message.type) {
    case 'proposal':
      return writer.nested(1, (inner) => writeProposalPayload(inner, message, block));
    case 'vote':
      return writer.nested(2, writeVote, message.vote);
    case 'timeout':
      return writer.nested(3, writeTimeout, message);
    case 'newRound':
      return writer.nested(4, writeNewRound, message);
    case 'quorum':
      return writer.nested(5, writeCommit, message.qc);
    case 'commit':
      return writer.nested(6, writeCommit, message.commit);
  }
}

/** Optional parts as the messages have them: absent, never empty. */
function certificates(timeouts: readonly Vote[]): { readonly timeouts?: readonly Vote[] } {
  return timeouts.length === 0 ? {} : { timeouts };
}

const TIMEOUTS_THIRD = { repeated: [3] } as const;
const TIMEOUTS_FOURTH = { repeated: [4] } as const;

const readQc = (reader: ProtoReader): QuorumCertificate =>
  reader.message(readCommit, COMMIT_OPTIONS);

function readProposalPayload(reader: ProtoReader): Payload {
  const found: { proposal?: Proposal; justify?: QuorumCertificate; block?: Bytes } = {};
  const timeouts: Vote[] = [];
  readFields(reader, {
    1: () => (found.proposal = reader.message(readProposal)),
    2: () => (found.justify = readQc(reader)),
    3: () => timeouts.push(reader.message(readVote)),
    4: () => (found.block = reader.bytes()),
  });
  const { proposal, justify, block } = found;
  if (proposal === undefined) throw new BitscaleError(ErrWire, 'no proposal');
  const message: ConsensusMessage = {
    type: 'proposal',
    proposal,
    ...(justify && { justify }),
    ...certificates(timeouts),
  };
  return { type: 'message', message, ...(block && { block }) };
}

function readTimeout(reader: ProtoReader): Payload {
  const found: { vote?: Vote; highQc?: QuorumCertificate } = {};
  readFields(reader, {
    1: () => (found.vote = reader.message(readVote)),
    2: () => (found.highQc = readQc(reader)),
  });
  const { vote, highQc } = found;
  if (vote === undefined) throw new BitscaleError(ErrWire, 'no vote');
  return { type: 'message', message: { type: 'timeout', vote, ...(highQc && { highQc }) } };
}

function readNewRound(reader: ProtoReader): Payload {
  const found: { height: number; round: number; highQc?: QuorumCertificate } = {
    height: 0,
    round: 0,
  };
  const timeouts: Vote[] = [];
  readFields(reader, {
    1: () => (found.height = reader.safeInteger()),
    2: () => (found.round = reader.int32()),
    3: () => (found.highQc = readQc(reader)),
    4: () => timeouts.push(reader.message(readVote)),
  });
  return { type: 'message', message: { type: 'newRound', ...found, ...certificates(timeouts) } };
}

function readOne(reader: ProtoReader): Payload {
  switch (reader.field) {
    case 1:
      return reader.message(readProposalPayload, TIMEOUTS_THIRD);
    case 2:
      return { type: 'message', message: { type: 'vote', vote: reader.message(readVote) } };
    case 3:
      return reader.message(readTimeout);
    case 4:
      return reader.message(readNewRound, TIMEOUTS_FOURTH);
    case 5:
      return { type: 'message', message: { type: 'quorum', qc: readQc(reader) } };
    case 6:
      return { type: 'message', message: { type: 'commit', commit: readQc(reader) } };
    case 7:
      return { type: 'evidence', evidence: reader.message(readEvidence) };
    default:
      throw new BitscaleError(ErrWire, `unknown field ${reader.field}`);
  }
}

/** Throws BitscaleError unless the bytes are exactly one payload in canonical form. */
export function decodePayload(bytes: Bytes): Payload {
  return checkCanonical(bytes, readPayload, encodePayload);
}

function readPayload(bytes: Bytes): Payload {
  const reader = new ProtoReader(bytes);
  let payload: Payload | undefined;
  while (reader.next()) {
    if (payload !== undefined) throw new BitscaleError(ErrWire, 'more than one payload');
    payload = readOne(reader);
  }
  if (payload === undefined) throw new BitscaleError(ErrWire, 'empty payload');
  return payload;
}
