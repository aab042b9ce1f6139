/** Reads the recorded answers of reference implementations in test/vectors. */
import { readFileSync, readdirSync } from 'node:fs';
import { fromHex } from '../../../node/base/bytes.ts';
import { parseTime } from '../../../node/base/time.ts';
import type { BlockId, Header, Validator } from '../../../node/consensus/types.ts';

const ROOT = new URL('../../vectors/', import.meta.url);

// Vectors are foreign JSON of many shapes.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export function readVector(path: string): Json {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));
}

export function vectorNames(folder: string, pattern: RegExp): string[] {
  return readdirSync(new URL(`${folder}/`, ROOT))
    .filter((name) => pattern.test(name))
    .sort();
}

export const hex = (text: string) => fromHex(text);

export function blockIdOfJson(id: Json): BlockId {
  return { hash: hex(id.hash), parts: { total: id.parts.total, hash: hex(id.parts.hash) } };
}

export function headerOfJson(json: Json): Header {
  return {
    version: { block: BigInt(json.version.block), app: BigInt(json.version.app ?? 0) },
    chainId: json.chain_id,
    height: Number(json.height),
    time: parseTime(json.time),
    lastBlockId: blockIdOfJson(json.last_block_id),
    lastCommitHash: hex(json.last_commit_hash),
    dataHash: hex(json.data_hash),
    validatorsHash: hex(json.validators_hash),
    nextValidatorsHash: hex(json.next_validators_hash),
    consensusHash: hex(json.consensus_hash),
    appHash: hex(json.app_hash),
    lastResultsHash: hex(json.last_results_hash),
    evidenceHash: hex(json.evidence_hash),
    proposerAddress: hex(json.proposer_address),
  };
}

/** `[address, public key, power, ...]` rows. */
export function validatorOfRow(row: readonly string[]): Validator {
  return { address: hex(row[0]!), pubKey: hex(row[1]!), power: BigInt(row[2]!) };
}
