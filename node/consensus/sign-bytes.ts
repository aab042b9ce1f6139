/** The bytes that votes and proposals sign: CometBFT's length-prefixed canonical protobuf. */
import type { Bytes } from '../base/bytes.ts';
import { ProtoWriter, lengthPrefixed } from '../base/proto-writer.ts';
import type { Time } from '../base/time.ts';
import { writeBlockId, writeTime } from './encoding.ts';
import type { BlockId, VoteType } from './types.ts';

const PROPOSAL_TYPE = 32;

/** What of a vote is signed; address and index are not. */
export interface SignedVoteFields {
  readonly type: VoteType;
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  readonly time: Time;
}

export interface SignedProposalFields {
  readonly height: number;
  readonly round: number;
  readonly polRound: number;
  readonly blockId: BlockId;
  readonly time: Time;
}

/** The nil block is left out of the sign bytes. */
function blockId(writer: ProtoWriter, field: number, id: BlockId): ProtoWriter {
  const { hash, parts } = id;
  if (hash.length === 0 && parts.total === 0 && parts.hash.length === 0) return writer;
  return writer.nested(field, writeBlockId, id);
}

export function voteSignBytes(chainId: string, vote: SignedVoteFields): Bytes {
  const writer = new ProtoWriter()
    .int64(1, vote.type)
    .sfixed64(2, vote.height)
    .sfixed64(3, vote.round);
  return lengthPrefixed(
    blockId(writer, 4, vote.blockId).nested(5, writeTime, vote.time).string(6, chainId).finish(),
  );
}

export function proposalSignBytes(chainId: string, proposal: SignedProposalFields): Bytes {
  const writer = new ProtoWriter()
    .int64(1, PROPOSAL_TYPE)
    .sfixed64(2, proposal.height)
    .sfixed64(3, proposal.round)
    .int64(4, proposal.polRound);
  return lengthPrefixed(
    blockId(writer, 5, proposal.blockId)
      .nested(6, writeTime, proposal.time)
      .string(7, chainId)
      .finish(),
  );
}
