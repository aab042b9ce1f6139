/** CometBFT's JSON of what the application answers: results, events, queries, parameters. */
import type { ConsensusParams, Event, FinalizeBlockResponse } from '../../app/abci.ts';
import type { QueryResponse, TxResult, ValidatorUpdate } from '../../app/abci.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { MerkleProof } from '../../base/merkle.ts';
import { base64, base64OrNull, hex, int64, nullIfEmpty, withoutZeros } from './scalars.ts';
import type { Json, JsonObject } from './scalars.ts';

export function eventJson(event: Event): JsonObject {
  return {
    type: event.type,
    attributes: event.attributes.map(({ key, value, index }) => ({ key, value, index })),
  };
}

export function txResultJson(result: TxResult): JsonObject {
  return {
    code: result.code,
    data: base64OrNull(result.data),
    log: result.log,
    info: result.info,
    gas_wanted: int64(result.gasWanted),
    gas_used: int64(result.gasUsed),
    events: result.events.map(eventJson),
    codespace: result.codespace,
  };
}

/** The form inside a Tx event, where CometBFT leaves out zero values. */
export function sparseTxResultJson(result: TxResult): JsonObject {
  return withoutZeros(txResultJson(result));
}

export const EMPTY_TX_RESULT: TxResult = {
  code: 0,
  data: new Uint8Array(0),
  log: '',
  info: '',
  gasWanted: 0n,
  gasUsed: 0n,
  events: [],
  codespace: '',
};

function validatorUpdateJson(update: ValidatorUpdate): JsonObject {
  const key = {
    Sum: {
      type: 'tendermint.crypto.PublicKey_Ed25519',
      value: { ed25519: base64(update.pubKey) },
    },
  };
  return update.power === 0n ? { pub_key: key } : { pub_key: key, power: int64(update.power) };
}

export function consensusParamsJson(params: ConsensusParams): JsonObject {
  return {
    block: { max_bytes: int64(params.block.maxBytes), max_gas: int64(params.block.maxGas) },
    evidence: {
      max_age_num_blocks: int64(params.evidence.maxAgeNumBlocks),
      max_age_duration: int64(params.evidence.maxAgeDurationNanos),
      max_bytes: int64(params.evidence.maxBytes),
    },
    validator: { pub_key_types: params.validator.pubKeyTypes },
    version: { app: int64(params.version.app) },
    abci: { vote_extensions_enable_height: '0' },
  };
}

export function blockResultsJson(height: number, results: FinalizeBlockResponse): JsonObject {
  const updates = results.consensusParamUpdates;
  return {
    height: int64(height),
    txs_results: nullIfEmpty(results.txResults.map(txResultJson)),
    finalize_block_events: nullIfEmpty(results.events.map(eventJson)),
    validator_updates: nullIfEmpty(results.validatorUpdates.map(validatorUpdateJson)),
    consensus_param_updates: updates ? consensusParamsJson(updates) : null,
    app_hash: base64OrNull(results.appHash),
  };
}

/** The form inside a NewBlock event. */
export function finalizeBlockJson(results: FinalizeBlockResponse): JsonObject {
  const updates = results.consensusParamUpdates;
  return {
    ...withoutZeros({
      events: results.events.map(eventJson),
      tx_results: results.txResults.map(txResultJson),
    }),
    validator_updates: results.validatorUpdates.map(validatorUpdateJson),
    ...withoutZeros({
      consensus_param_updates: updates && consensusParamsJson(updates),
      app_hash: base64(results.appHash),
    }),
  };
}

export function queryJson(response: QueryResponse): JsonObject {
  const ops = response.proofOps.map((op): Json => {
    return { type: op.type, key: base64(op.key), data: base64(op.data) };
  });
  return {
    code: response.code,
    log: response.log,
    info: response.info,
    index: int64(response.index),
    key: base64OrNull(response.key),
    value: base64OrNull(response.value),
    proofOps: ops.length === 0 ? null : { ops },
    height: int64(response.height),
    codespace: response.codespace,
  };
}

export interface IndexedTx {
  readonly hash: Bytes;
  readonly height: number;
  readonly index: number;
  readonly tx: Bytes;
  readonly result: TxResult;
  readonly proof?: { readonly root: Bytes; readonly proof: MerkleProof };
}

export function indexedTxJson(found: IndexedTx): JsonObject {
  const json: JsonObject = {
    hash: hex(found.hash),
    height: int64(found.height),
    index: found.index,
    tx_result: txResultJson(found.result),
    tx: base64(found.tx),
  };
  return found.proof ? { ...json, proof: txProofJson(found.tx, found.proof) } : json;
}

function txProofJson(tx: Bytes, { root, proof }: NonNullable<IndexedTx['proof']>): JsonObject {
  return {
    root_hash: hex(root),
    data: base64(tx),
    proof: {
      total: int64(proof.total),
      index: int64(proof.index),
      leaf_hash: base64(proof.leafHash),
      aunts: proof.aunts.map(base64),
    },
  };
}
