/** CometBFT's JSON of blocks, headers, commits, votes, evidence and validators. */
import type { Bytes } from '../../base/bytes.ts';
import type { Block, BlockId, Commit, DuplicateVoteEvidence } from '../../consensus/types.ts';
import type { Header, Vote } from '../../consensus/types.ts';
import type { RankedValidator, StoredBlock, ValidatorSetView } from '../expected.ts';
import { base64, base64OrNull, hex, int64, time, type JsonObject } from './scalars.ts';

export function blockIdJson(id: BlockId): JsonObject {
  return { hash: hex(id.hash), parts: { total: id.parts.total, hash: hex(id.parts.hash) } };
}

export function headerJson(header: Header): JsonObject {
  const { block, app } = header.version;
  return {
    version: app === 0n ? { block: int64(block) } : { block: int64(block), app: int64(app) },
    chain_id: header.chainId,
    height: int64(header.height),
    time: time(header.time),
    last_block_id: blockIdJson(header.lastBlockId),
    last_commit_hash: hex(header.lastCommitHash),
    data_hash: hex(header.dataHash),
    validators_hash: hex(header.validatorsHash),
    next_validators_hash: hex(header.nextValidatorsHash),
    consensus_hash: hex(header.consensusHash),
    app_hash: hex(header.appHash),
    last_results_hash: hex(header.lastResultsHash),
    evidence_hash: hex(header.evidenceHash),
    proposer_address: hex(header.proposerAddress),
  };
}

export function commitJson(commit: Commit): JsonObject {
  return {
    height: int64(commit.height),
    round: commit.round,
    block_id: blockIdJson(commit.blockId),
    signatures: commit.signatures.map((entry) => ({
      block_id_flag: entry.flag,
      validator_address: hex(entry.address),
      timestamp: time(entry.time),
      signature: base64OrNull(entry.signature),
    })),
  };
}

export function blockJson(block: Block): JsonObject {
  return {
    header: headerJson(block.header),
    data: { txs: block.txs.map(base64) },
    evidence: { evidence: block.evidence.map(evidenceJson) },
    last_commit: commitJson(block.lastCommit),
  };
}

export function storedBlockJson({ block, blockId }: StoredBlock): JsonObject {
  return { block_id: blockIdJson(blockId), block: blockJson(block) };
}

export function blockMetaJson({ block, blockId, size }: StoredBlock): JsonObject {
  return {
    block_id: blockIdJson(blockId),
    block_size: int64(size),
    header: headerJson(block.header),
    num_txs: int64(block.txs.length),
  };
}

export function voteJson(vote: Vote): JsonObject {
  return {
    type: vote.type,
    height: int64(vote.height),
    round: vote.round,
    block_id: blockIdJson(vote.blockId),
    timestamp: time(vote.time),
    validator_address: hex(vote.address),
    validator_index: vote.index,
    signature: base64OrNull(vote.signature),
    extension: null,
    extension_signature: null,
  };
}

export function evidenceJson(evidence: DuplicateVoteEvidence): JsonObject {
  return {
    type: 'tendermint/DuplicateVoteEvidence',
    value: {
      vote_a: voteJson(evidence.voteA),
      vote_b: voteJson(evidence.voteB),
      total_voting_power: int64(evidence.totalVotingPower),
      validator_power: int64(evidence.validatorPower),
      timestamp: time(evidence.time),
    },
  };
}

export function pubKeyJson(key: Bytes): JsonObject {
  return { type: 'tendermint/PubKeyEd25519', value: base64(key) };
}

export function validatorJson(validator: RankedValidator): JsonObject {
  return {
    address: hex(validator.address),
    pub_key: pubKeyJson(validator.pubKey),
    voting_power: int64(validator.power),
    proposer_priority: int64(validator.priority),
  };
}

/** The members of a set in canonical order, from `start`, at most `count`. */
export function validatorsJson(set: ValidatorSetView, start = 0, count = Infinity): JsonObject[] {
  return set.validators.slice(start, start + count).map(validatorJson);
}
