/** The bytes that votes and proposals sign: CometBFT's length-prefixed canonical protobuf. */
import type { Bytes } from '../base/bytes.ts';
import { ProtoWriter, lengthPrefixed } from '../base/proto-writer.ts';
import type { Time } from '../base/time.ts';
import { encodePartSetHeader, encodeTime } from './encoding.ts';
import type { BlockId, VoteType } from './types.ts';

const ALWAYS = { always: true } as const;
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

/** Undefined for nil, which is left out of the sign bytes. */
function canonicalBlockId(id: BlockId): Bytes | undefined {
  if (id.hash.length === 0 && id.parts.total === 0 && id.parts.hash.length === 0) return undefined;
  return new ProtoWriter()
    .bytes(1, id.hash)
    .message(2, encodePartSetHeader(id.parts), ALWAYS)
    .finish();
}

export function voteSignBytes(chainId: string, vote: SignedVoteFields): Bytes {
  return lengthPrefixed(
    new ProtoWriter()
      .int64(1, vote.type)
      .sfixed64(2, vote.height)
      .sfixed64(3, vote.round)
      .message(4, canonicalBlockId(vote.blockId))
      .message(5, encodeTime(vote.time), ALWAYS)
      .string(6, chainId)
      .finish(),
  );
}

export function proposalSignBytes(chainId: string, proposal: SignedProposalFields): Bytes {
  return lengthPrefixed(
    new ProtoWriter()
      .int64(1, PROPOSAL_TYPE)
      .sfixed64(2, proposal.height)
      .sfixed64(3, proposal.round)
      .int64(4, proposal.polRound)
      .message(5, canonicalBlockId(proposal.blockId))
      .message(6, encodeTime(proposal.time), ALWAYS)
      .string(7, chainId)
      .finish(),
  );
}
