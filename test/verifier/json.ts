/** Answers of CometBFT's RPC turned into the messages they print. */
import {
  NO_TIME,
  type Block,
  type BlockId,
  type Commit,
  type DuplicateVotes,
  type Header,
  type Vote,
} from './formats.ts';
import {
  base64,
  paramsOf,
  readTimestamp,
  resultLeaf,
  validatorOf,
  type Json,
  type Outcome,
} from './genesis.ts';
import type { Validator } from './hashes.ts';
import { FormatError, unhex } from './proto.ts';

export function blockIdOfJson(json: Json): BlockId {
  const { hash, parts } = json;
  return { hash: unhex(hash), total: parts.total, partsHash: unhex(parts.hash) };
}

export function headerOfJson(json: Json): Header {
  return {
    blockVersion: BigInt(json.version.block),
    appVersion: BigInt(json.version.app ?? 0),
    chainId: json.chain_id,
    height: BigInt(json.height),
    time: readTimestamp(json.time),
    lastBlockId: blockIdOfJson(json.last_block_id),
    lastCommitHash: unhex(json.last_commit_hash),
    dataHash: unhex(json.data_hash),
    validatorsHash: unhex(json.validators_hash),
    nextValidatorsHash: unhex(json.next_validators_hash),
    consensusHash: unhex(json.consensus_hash),
    appHash: unhex(json.app_hash),
    lastResultsHash: unhex(json.last_results_hash),
    evidenceHash: unhex(json.evidence_hash),
    proposer: unhex(json.proposer_address),
  };
}

export function commitOfJson(json: Json): Commit {
  return {
    height: BigInt(json.height),
    round: json.round,
    blockId: blockIdOfJson(json.block_id),
    signatures: (json.signatures as Json[]).map((sig) => ({
      flag: sig.block_id_flag,
      address: unhex(sig.validator_address),
      time: sig.timestamp ? readTimestamp(sig.timestamp) : NO_TIME,
      signature: base64(sig.signature),
    })),
  };
}

export function voteOfJson(json: Json): Vote {
  return {
    type: json.type,
    height: BigInt(json.height),
    round: json.round,
    blockId: blockIdOfJson(json.block_id),
    time: readTimestamp(json.timestamp),
    address: unhex(json.validator_address),
    index: json.validator_index,
    signature: base64(json.signature),
  };
}

function evidenceOfJson({ type, value }: Json): DuplicateVotes {
  if (type !== 'tendermint/DuplicateVoteEvidence') throw new FormatError(`unknown: ${type}`);
  return {
    voteA: voteOfJson(value.vote_a),
    voteB: voteOfJson(value.vote_b),
    totalPower: BigInt(value.total_voting_power),
    validatorPower: BigInt(value.validator_power),
    time: readTimestamp(value.timestamp),
  };
}

/** `result.block` of /block. */
export function blockOfJson(json: Json): Block {
  return {
    header: headerOfJson(json.header),
    txs: (json.data.txs ?? []).map(base64),
    evidence: (json.evidence.evidence ?? []).map(evidenceOfJson),
    lastCommit: commitOfJson(json.last_commit),
  };
}

/** `result` of /block_results. */
export function outcomeOfJson(json: Json): Outcome {
  const params = json.consensus_param_updates;
  return {
    results: ((json.txs_results ?? []) as Json[]).map((one) =>
      resultLeaf(
        one.code ?? 0,
        base64(one.data),
        BigInt(one.gas_wanted ?? 0),
        BigInt(one.gas_used ?? 0),
      ),
    ),
    updates: ((json.validator_updates ?? []) as Json[]).map((one) => {
      // CometBFT prints a protobuf oneof: { Sum: { type, value: { ed25519 } } }.
      const key = one.pub_key?.Sum?.value?.ed25519 ?? one.pub_key?.ed25519 ?? one.pub_key?.value;
      return validatorOf(base64(key), BigInt(one.power ?? 0));
    }),
    params: params?.block && params.evidence ? paramsOf(params) : undefined,
    appHash: base64(json.app_hash),
  };
}

/** `result.validators` of /validators: the address as the node says it. */
export function validatorsOfJson(list: Json[]): Validator[] {
  return list.map((one) => ({
    address: unhex(one.address),
    pubKey: base64(one.pub_key.value),
    power: BigInt(one.voting_power),
  }));
}
