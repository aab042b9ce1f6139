/** Decoders of what is hashed and signed in consensus. */
import * as read from '../../../node/consensus/decoding.ts';
import * as write from '../../../node/consensus/encoding.ts';
import type { Bytes } from '../../../node/base/bytes.ts';
import { encodeParams, readParams } from '../../../node/engine/params-codec.ts';
import {
  decodePayload,
  decodeProposal,
  encodePayload,
  encodeProposal,
} from '../../../node/engine/wire.ts';
import { bendMessage } from '../bend-proto.ts';
import { codec, type NamedDecoder } from '../decoder.ts';
import * as values from './consensus-values.ts';

/** A decoder of protobuf that takes one encoding only. */
export function canonical<T>(
  name: string,
  [decode, encode]: readonly [(bytes: Bytes) => T, (value: T) => Bytes],
  seeds: readonly T[],
): NamedDecoder {
  const judge = codec(decode, encode);
  return { name, make: () => ({ name, seeds: seeds.map(encode), bend: bendMessage, judge }) };
}

const decodeParams = read.canonical(readParams, encodeParams);

export const CONSENSUS: readonly NamedDecoder[] = [
  canonical('block id', [read.decodeBlockId, write.encodeBlockId], [values.BLOCK_ID]),
  canonical('header', [read.decodeHeader, write.encodeHeader], values.HEADERS),
  canonical('vote', [read.decodeVote, write.encodeVote], [values.VOTE, values.NIL_VOTE]),
  canonical('commit', [read.decodeCommit, write.encodeCommit], [values.COMMIT]),
  canonical('evidence', [read.decodeEvidence, write.encodeEvidence], [values.EVIDENCE]),
  canonical('block', [read.decodeBlock, write.encodeBlock], values.BLOCKS),
  canonical('proposal', [decodeProposal, encodeProposal], [values.PROPOSAL]),
  canonical('consensus message', [decodePayload, encodePayload], values.PAYLOADS),
  canonical('consensus parameters', [decodeParams, encodeParams], [values.STATE.params]),
];
