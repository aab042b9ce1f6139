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

/** Encodes a value that is a message of its own. What is inside it is written in place: one buffer, one copy. */
function encoder<T>(write: (writer: ProtoWriter, value: T) => void): (value: T) => Bytes {
  return (value) => {
    const writer = new ProtoWriter();
    write(writer, value);
    return writer.finish();
  };
}

/** google.protobuf.Timestamp; the Unix epoch is empty. */
export function writeTime(writer: ProtoWriter, time: Time): void {
  writer.int64(1, time.seconds).int64(2, time.nanos);
}

export function writePartSetHeader(writer: ProtoWriter, parts: PartSetHeader): void {
  writer.uint64(1, parts.total).bytes(2, parts.hash);
}

/** The part set header is written even when empty. */
export function writeBlockId(writer: ProtoWriter, id: BlockId): void {
  writer.bytes(1, id.hash).nested(2, writePartSetHeader, id.parts);
}

function writeVersion(writer: ProtoWriter, version: Header['version']): void {
  writer.uint64(1, version.block).uint64(2, version.app);
}

function writeHeader(writer: ProtoWriter, header: Header): void {
  writer
    .nested(1, writeVersion, header.version)
    .string(2, header.chainId)
    .int64(3, header.height)
    .nested(4, writeTime, header.time)
    .nested(5, writeBlockId, header.lastBlockId)
    .bytes(6, header.lastCommitHash)
    .bytes(7, header.dataHash)
    .bytes(8, header.validatorsHash)
    .bytes(9, header.nextValidatorsHash)
    .bytes(10, header.consensusHash)
    .bytes(11, header.appHash)
    .bytes(12, header.lastResultsHash)
    .bytes(13, header.evidenceHash)
    .bytes(14, header.proposerAddress);
}

function writeCommitSig(writer: ProtoWriter, sig: CommitSig): void {
  writer
    .int64(1, sig.flag)
    .bytes(2, sig.address)
    .nested(3, writeTime, sig.time)
    .bytes(4, sig.signature);
}

export function writeCommit(writer: ProtoWriter, commit: Commit): void {
  writer.int64(1, commit.height).int64(2, commit.round).nested(3, writeBlockId, commit.blockId);
  for (const sig of commit.signatures) writer.nested(4, writeCommitSig, sig);
}

export function writeVote(writer: ProtoWriter, vote: Vote): void {
  writer
    .int64(1, vote.type)
    .int64(2, vote.height)
    .int64(3, vote.round)
    .nested(4, writeBlockId, vote.blockId)
    .nested(5, writeTime, vote.time)
    .bytes(6, vote.address)
    .int64(7, vote.index)
    .bytes(8, vote.signature);
}

function writeDuplicateVoteEvidence(writer: ProtoWriter, evidence: DuplicateVoteEvidence): void {
  writer
    .nested(1, writeVote, evidence.voteA)
    .nested(2, writeVote, evidence.voteB)
    .int64(3, evidence.totalVotingPower)
    .int64(4, evidence.validatorPower)
    .nested(5, writeTime, evidence.time);
}

/** tendermint.types.Evidence: the wrapper used inside blocks and on the wire. */
export function writeEvidence(writer: ProtoWriter, evidence: DuplicateVoteEvidence): void {
  writer.nested(1, writeDuplicateVoteEvidence, evidence);
}

function writeTxs(writer: ProtoWriter, txs: readonly Bytes[]): void {
  for (const tx of txs) writer.bytes(1, tx, ALWAYS);
}

function writeEvidenceList(writer: ProtoWriter, list: readonly DuplicateVoteEvidence[]): void {
  for (const evidence of list) writer.nested(1, writeEvidence, evidence);
}

function writeBlock(writer: ProtoWriter, block: Block): void {
  writer
    .nested(1, writeHeader, block.header)
    .nested(2, writeTxs, block.txs)
    .nested(3, writeEvidenceList, block.evidence)
    .nested(4, writeCommit, block.lastCommit);
}

export const encodeTime = encoder(writeTime);
export const encodePartSetHeader = encoder(writePartSetHeader);
export const encodeBlockId = encoder(writeBlockId);
export const encodeVersion = encoder(writeVersion);
export const encodeHeader = encoder(writeHeader);
export const encodeCommitSig = encoder(writeCommitSig);
/** Also the bytes of a quorum certificate, which has the same fields. */
export const encodeCommit = encoder(writeCommit);
export const encodeVote = encoder(writeVote);
export const encodeDuplicateVoteEvidence = encoder(writeDuplicateVoteEvidence);
export const encodeEvidence = encoder(writeEvidence);
/** The bytes that are cut into parts. */
export const encodeBlock = encoder(writeBlock);

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
