/** Protobuf bytes of consensus data, exactly as CometBFT 0.38 writes them. Reading is in decoding.ts. */
import type { Bytes } from '../base/bytes.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { Time } from '../base/time.ts';
import type {
  Block,
  BlockId,
  Commit,
  CommitSig,
  DuplicateVoteEvidence,
  Header,
  PartSetHeader,
  Validator,
  Vote,
} from './types.ts';

const ALWAYS = { always: true } as const;

/** google.protobuf.Timestamp; the Unix epoch is empty. */
export function encodeTime(time: Time): Bytes {
  return new ProtoWriter().int64(1, time.seconds).int64(2, time.nanos).finish();
}

export function encodePartSetHeader(parts: PartSetHeader): Bytes {
  return new ProtoWriter().uint64(1, parts.total).bytes(2, parts.hash).finish();
}

/** The part set header is written even when empty. */
export function encodeBlockId(id: BlockId): Bytes {
  return new ProtoWriter()
    .bytes(1, id.hash)
    .message(2, encodePartSetHeader(id.parts), ALWAYS)
    .finish();
}

export function encodeVersion(version: Header['version']): Bytes {
  return new ProtoWriter().uint64(1, version.block).uint64(2, version.app).finish();
}

export function encodeHeader(header: Header): Bytes {
  return new ProtoWriter()
    .message(1, encodeVersion(header.version), ALWAYS)
    .string(2, header.chainId)
    .int64(3, header.height)
    .message(4, encodeTime(header.time), ALWAYS)
    .message(5, encodeBlockId(header.lastBlockId), ALWAYS)
    .bytes(6, header.lastCommitHash)
    .bytes(7, header.dataHash)
    .bytes(8, header.validatorsHash)
    .bytes(9, header.nextValidatorsHash)
    .bytes(10, header.consensusHash)
    .bytes(11, header.appHash)
    .bytes(12, header.lastResultsHash)
    .bytes(13, header.evidenceHash)
    .bytes(14, header.proposerAddress)
    .finish();
}

export function encodeCommitSig(sig: CommitSig): Bytes {
  return new ProtoWriter()
    .int64(1, sig.flag)
    .bytes(2, sig.address)
    .message(3, encodeTime(sig.time), ALWAYS)
    .bytes(4, sig.signature)
    .finish();
}

/** Also the bytes of a quorum certificate, which has the same fields. */
export function encodeCommit(commit: Commit): Bytes {
  const writer = new ProtoWriter()
    .int64(1, commit.height)
    .int64(2, commit.round)
    .message(3, encodeBlockId(commit.blockId), ALWAYS);
  for (const sig of commit.signatures) writer.message(4, encodeCommitSig(sig), ALWAYS);
  return writer.finish();
}

export function encodeVote(vote: Vote): Bytes {
  return new ProtoWriter()
    .int64(1, vote.type)
    .int64(2, vote.height)
    .int64(3, vote.round)
    .message(4, encodeBlockId(vote.blockId), ALWAYS)
    .message(5, encodeTime(vote.time), ALWAYS)
    .bytes(6, vote.address)
    .int64(7, vote.index)
    .bytes(8, vote.signature)
    .finish();
}

export function encodeDuplicateVoteEvidence(evidence: DuplicateVoteEvidence): Bytes {
  return new ProtoWriter()
    .message(1, encodeVote(evidence.voteA))
    .message(2, encodeVote(evidence.voteB))
    .int64(3, evidence.totalVotingPower)
    .int64(4, evidence.validatorPower)
    .message(5, encodeTime(evidence.time), ALWAYS)
    .finish();
}

/** tendermint.types.Evidence: the wrapper used inside blocks and on the wire. */
export function encodeEvidence(evidence: DuplicateVoteEvidence): Bytes {
  return new ProtoWriter().message(1, encodeDuplicateVoteEvidence(evidence), ALWAYS).finish();
}

function encodeTxs(txs: readonly Bytes[]): Bytes {
  const writer = new ProtoWriter();
  for (const tx of txs) writer.bytes(1, tx, ALWAYS);
  return writer.finish();
}

function encodeEvidenceList(list: readonly DuplicateVoteEvidence[]): Bytes {
  const writer = new ProtoWriter();
  for (const evidence of list) writer.message(1, encodeEvidence(evidence), ALWAYS);
  return writer.finish();
}

/** The bytes that are cut into parts. */
export function encodeBlock(block: Block): Bytes {
  return new ProtoWriter()
    .message(1, encodeHeader(block.header), ALWAYS)
    .message(2, encodeTxs(block.txs), ALWAYS)
    .message(3, encodeEvidenceList(block.evidence), ALWAYS)
    .message(4, encodeCommit(block.lastCommit), ALWAYS)
    .finish();
}

/** tendermint.crypto.PublicKey: ed25519 has 32 bytes, secp256k1 33. */
export function encodePublicKey(pubKey: Bytes): Bytes {
  return new ProtoWriter().bytes(pubKey.length === 33 ? 2 : 1, pubKey).finish();
}

/** One leaf of the validator set hash. */
export function encodeSimpleValidator(validator: Validator): Bytes {
  return new ProtoWriter()
    .message(1, encodePublicKey(validator.pubKey))
    .int64(2, validator.power)
    .finish();
}
