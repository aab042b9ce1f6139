/** Consensus messages as they travel between nodes: ConsensusPayload of proto/bitscale/p2p/v1. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { ZERO_TIME } from '../base/time.ts';
import {
  decodeCommit,
  decodeEvidence,
  decodeVote,
  readBlockId,
  readFields,
  readTime,
} from '../consensus/decoding.ts';
import {
  encodeBlockId,
  encodeCommit,
  encodeEvidence,
  encodeTime,
  encodeVote,
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

const ALWAYS = { always: true } as const;
/** SignedMsgType of a proposal. */
const PROPOSAL_TYPE = 32;

export function encodeProposal(proposal: Proposal): Bytes {
  return new ProtoWriter()
    .int64(1, PROPOSAL_TYPE)
    .int64(2, proposal.height)
    .int64(3, proposal.round)
    .int64(4, proposal.polRound)
    .message(5, encodeBlockId(proposal.blockId), ALWAYS)
    .message(6, encodeTime(proposal.time), ALWAYS)
    .bytes(7, proposal.signature)
    .finish();
}

function readProposal(bytes: Bytes): Proposal {
  const reader = new ProtoReader(bytes);
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
  return checkCanonical(bytes, readProposal, encodeProposal);
}

function optionalQc(writer: ProtoWriter, field: number, qc?: QuorumCertificate): ProtoWriter {
  return qc === undefined ? writer : writer.message(field, encodeCommit(qc), ALWAYS);
}

function votes(writer: ProtoWriter, field: number, list: readonly Vote[] = []): ProtoWriter {
  for (const vote of list) writer.message(field, encodeVote(vote), ALWAYS);
  return writer;
}

function encodeProposalPayload(message: ProposalMessage, block?: Bytes): Bytes {
  const writer = new ProtoWriter().message(1, encodeProposal(message.proposal), ALWAYS);
  votes(optionalQc(writer, 2, message.justify), 3, message.timeouts);
  return writer.message(4, block).finish();
}

function encodeTimeout(message: TimeoutMessage): Bytes {
  const writer = new ProtoWriter().message(1, encodeVote(message.vote), ALWAYS);
  return optionalQc(writer, 2, message.highQc).finish();
}

function encodeNewRound(message: NewRoundMessage): Bytes {
  const writer = new ProtoWriter().int64(1, message.height).int64(2, message.round);
  return votes(optionalQc(writer, 3, message.highQc), 4, message.timeouts).finish();
}

export function encodePayload(payload: Payload): Bytes {
  const writer = new ProtoWriter();
  if (payload.type === 'evidence') {
    return writer.message(7, encodeEvidence(payload.evidence), ALWAYS).finish();
  }
  const { message, block } = payload;
  switch (message.type) {
    case 'proposal':
      return writer.message(1, encodeProposalPayload(message, block), ALWAYS).finish();
    case 'vote':
      return writer.message(2, encodeVote(message.vote), ALWAYS).finish();
    case 'timeout':
      return writer.message(3, encodeTimeout(message), ALWAYS).finish();
    case 'newRound':
      return writer.message(4, encodeNewRound(message), ALWAYS).finish();
    case 'quorum':
      return writer.message(5, encodeCommit(message.qc), ALWAYS).finish();
    case 'commit':
      return writer.message(6, encodeCommit(message.commit), ALWAYS).finish();
  }
}

/** Optional parts as the messages have them: absent, never empty. */
function certificates(timeouts: readonly Vote[]): { readonly timeouts?: readonly Vote[] } {
  return timeouts.length === 0 ? {} : { timeouts };
}

function decodeProposalPayload(bytes: Bytes): Payload {
  const reader = new ProtoReader(bytes, { repeated: [3] });
  const found: { proposal?: Proposal; justify?: QuorumCertificate; block?: Bytes } = {};
  const timeouts: Vote[] = [];
  readFields(reader, {
    1: () => (found.proposal = decodeProposal(reader.bytes())),
    2: () => (found.justify = decodeCommit(reader.bytes())),
    3: () => timeouts.push(decodeVote(reader.bytes())),
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

function decodeTimeout(bytes: Bytes): Payload {
  const reader = new ProtoReader(bytes);
  const found: { vote?: Vote; highQc?: QuorumCertificate } = {};
  readFields(reader, {
    1: () => (found.vote = decodeVote(reader.bytes())),
    2: () => (found.highQc = decodeCommit(reader.bytes())),
  });
  const { vote, highQc } = found;
  if (vote === undefined) throw new BitscaleError(ErrWire, 'no vote');
  return { type: 'message', message: { type: 'timeout', vote, ...(highQc && { highQc }) } };
}

function decodeNewRound(bytes: Bytes): Payload {
  const reader = new ProtoReader(bytes, { repeated: [4] });
  const found: { height: number; round: number; highQc?: QuorumCertificate } = {
    height: 0,
    round: 0,
  };
  const timeouts: Vote[] = [];
  readFields(reader, {
    1: () => (found.height = reader.safeInteger()),
    2: () => (found.round = reader.int32()),
    3: () => (found.highQc = decodeCommit(reader.bytes())),
    4: () => timeouts.push(decodeVote(reader.bytes())),
  });
  return { type: 'message', message: { type: 'newRound', ...found, ...certificates(timeouts) } };
}

function decodeOne(field: number, bytes: Bytes): Payload {
  switch (field) {
    case 1:
      return decodeProposalPayload(bytes);
    case 2:
      return { type: 'message', message: { type: 'vote', vote: decodeVote(bytes) } };
    case 3:
      return decodeTimeout(bytes);
    case 4:
      return decodeNewRound(bytes);
    case 5:
      return { type: 'message', message: { type: 'quorum', qc: decodeCommit(bytes) } };
    case 6:
      return { type: 'message', message: { type: 'commit', commit: decodeCommit(bytes) } };
    case 7:
      return { type: 'evidence', evidence: decodeEvidence(bytes) };
    default:
      throw new BitscaleError(ErrWire, `unknown field ${field}`);
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
    payload = decodeOne(reader.field, reader.bytes());
  }
  if (payload === undefined) throw new BitscaleError(ErrWire, 'empty payload');
  return payload;
}
