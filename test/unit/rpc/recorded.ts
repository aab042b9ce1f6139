/** Blocks and results as a real CometBFT 0.38 node answered them, read back into our types. */
import { readFileSync } from 'node:fs';
import type { Event, FinalizeBlockResponse, TxResult } from '../../../node/app/abci.ts';
import { fromBase64, fromHex } from '../../../node/base/bytes.ts';
import { parseTime } from '../../../node/base/time.ts';
import { dataHash } from '../../../node/consensus/hashing.ts';
import type { Block, BlockId, Commit, Header } from '../../../node/consensus/types.ts';
import type { StoredBlock } from '../../../node/rpc/expected.ts';

// The recorded answers are JSON of known form; reading them needs no types of their own.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Recorded = any;

const FOLDER = new URL('../../vectors/comet-rpc-v0_38/', import.meta.url);

export function recorded(direction: 'incoming' | 'outgoing', name: string): Recorded {
  return JSON.parse(readFileSync(new URL(`${direction}/${name}.json`, FOLDER), 'utf8'));
}

export function blockIdFrom(json: Recorded): BlockId {
  return {
    hash: fromHex(json.hash),
    parts: { total: json.parts.total, hash: fromHex(json.parts.hash) },
  };
}

export function headerFrom(json: Recorded): Header {
  return {
    version: { block: BigInt(json.version.block), app: BigInt(json.version.app ?? '0') },
    chainId: json.chain_id,
    height: Number(json.height),
    time: parseTime(json.time),
    lastBlockId: blockIdFrom(json.last_block_id),
    lastCommitHash: fromHex(json.last_commit_hash),
    dataHash: fromHex(json.data_hash),
    validatorsHash: fromHex(json.validators_hash),
    nextValidatorsHash: fromHex(json.next_validators_hash),
    consensusHash: fromHex(json.consensus_hash),
    appHash: fromHex(json.app_hash),
    lastResultsHash: fromHex(json.last_results_hash),
    evidenceHash: fromHex(json.evidence_hash),
    proposerAddress: fromHex(json.proposer_address),
  };
}

export function commitFrom(json: Recorded): Commit {
  return {
    height: Number(json.height),
    round: json.round,
    blockId: blockIdFrom(json.block_id),
    signatures: json.signatures.map((entry: Recorded) => ({
      flag: entry.block_id_flag,
      address: fromHex(entry.validator_address),
      time: parseTime(entry.timestamp),
      signature: fromBase64(entry.signature ?? ''),
    })),
  };
}

function voteFrom(json: Recorded): Block['evidence'][number]['voteA'] {
  return {
    type: json.type,
    height: Number(json.height),
    round: json.round,
    blockId: blockIdFrom(json.block_id),
    time: parseTime(json.timestamp),
    address: fromHex(json.validator_address),
    index: json.validator_index,
    signature: fromBase64(json.signature),
  };
}

export function storedFrom(json: Recorded, size = 569): StoredBlock {
  const { header, data, evidence, last_commit: lastCommit } = json.block;
  const block: Block = {
    header: headerFrom(header),
    txs: data.txs.map(fromBase64),
    evidence: evidence.evidence.map(({ value }: Recorded) => ({
      voteA: voteFrom(value.vote_a),
      voteB: voteFrom(value.vote_b),
      totalVotingPower: BigInt(value.total_voting_power),
      validatorPower: BigInt(value.validator_power),
      time: parseTime(value.timestamp),
    })),
    lastCommit: commitFrom(lastCommit),
  };
  return { block, blockId: blockIdFrom(json.block_id), size };
}

export function txResultFrom(json: Recorded): TxResult {
  return {
    code: json.code ?? 0,
    data: fromBase64(json.data ?? ''),
    log: json.log ?? '',
    info: json.info ?? '',
    gasWanted: BigInt(json.gas_wanted ?? '0'),
    gasUsed: BigInt(json.gas_used ?? '0'),
    events: json.events as readonly Event[],
    codespace: json.codespace ?? '',
  };
}

const NO_RESULTS: FinalizeBlockResponse = {
  events: [],
  txResults: [],
  validatorUpdates: [],
  appHash: new Uint8Array(0),
};

export interface RecordedHeight {
  readonly stored: StoredBlock;
  readonly results: FinalizeBlockResponse;
}

export const RECORDED_TIP = 254;

/**
 * The recorded chain, heights 1 to 254. Blocks that were not recorded are copies of one that was, with
 * their own height; blocks with transactions carry the recorded ones.
 */
export function recordedChain(): RecordedHeight[] {
  const known = new Map<number, StoredBlock>();
  // Recorded from another run of the chain: stands where nothing else was recorded.
  known.set(200, storedFrom(recorded('incoming', 'block_by_hash').result));
  const sizes = new Map<string, number>();
  for (const meta of recorded('incoming', 'blockchain_from_1_to_10').result.block_metas) {
    sizes.set(meta.header.height, Number(meta.block_size));
  }
  const first = recorded('incoming', 'block_at_height_1').result;
  for (const json of [first, ...recorded('incoming', 'block_search').result.blocks]) {
    const { height } = json.block.header;
    known.set(Number(height), storedFrom(json, sizes.get(height)));
  }
  const txs = new Map<number, Recorded>();
  for (const json of recorded('incoming', 'tx_search_with_prove').result.txs) {
    txs.set(Number(json.height), json);
  }
  const template = known.get(46) as StoredBlock;
  return Array.from({ length: RECORDED_TIP }, (_, i) => {
    const stored = known.get(i + 1) ?? copyAt(template, i + 1, txs.get(i + 1));
    const tx = txs.get(i + 1);
    const txResults = tx ? [txResultFrom(tx.tx_result)] : [];
    return { stored, results: { ...NO_RESULTS, txResults } };
  });
}

function copyAt({ block, blockId, size }: StoredBlock, height: number, tx: Recorded): StoredBlock {
  const hash = blockId.hash.slice();
  new DataView(hash.buffer).setUint32(0, height);
  const txs = tx ? [fromBase64(tx.tx)] : [];
  const header = { ...block.header, height, dataHash: dataHash(txs) };
  return { block: { ...block, header, txs }, blockId: { ...blockId, hash }, size };
}
