/** What the validators of a local network answer over RPC. */
import assert from 'node:assert/strict';
import { nodeRpc } from '../../../node/cli/localnet/layout.ts';
import { until } from './until.ts';

export const VALIDATORS = [0, 1, 2, 3];
const METAS = 20;
const PAUSE_MS = 5_000;

interface Meta {
  readonly block_id: { readonly hash: string };
  readonly header: { readonly height: string };
}

interface CommitSignature {
  readonly block_id_flag: number;
  readonly validator_address: string;
  readonly timestamp: string;
  readonly signature: string | null;
}

interface Commit {
  readonly height: string;
  readonly round: number;
  readonly block_id: { readonly hash: string };
  readonly signatures: readonly CommitSignature[];
}

async function ask<T>(index: number, path: string): Promise<T> {
  const reply = await fetch(`${nodeRpc(index)}/${path}`, { signal: AbortSignal.timeout(PAUSE_MS) });
  const { result, error } = (await reply.json()) as { result?: T; error?: unknown };
  if (result === undefined) throw new Error(`node${index} ${path}: ${JSON.stringify(error)}`);
  return result;
}

/** Height of a node; undefined while it does not answer. */
export async function height(index: number): Promise<number | undefined> {
  try {
    const status = await ask<{ sync_info: { latest_block_height: string } }>(index, 'status');
    return Number(status.sync_info.latest_block_height);
  } catch {
    return undefined;
  }
}

export async function reach(index: number, wanted: number): Promise<void> {
  await until(`node${index} is at height ${wanted}`, async () => {
    return ((await height(index)) ?? 0) >= wanted;
  });
}

/** Height of a node that certainly answers. */
export async function heightNow(index = 0): Promise<number> {
  return until(`node${index} answers`, () => height(index));
}

/** Block hashes of heights 1 to `top`. */
async function hashes(index: number, top: number): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (let from = 1; from <= top; from += METAS) {
    const to = Math.min(top, from + METAS - 1);
    const path = `blockchain?minHeight=${from}&maxHeight=${to}`;
    const { block_metas: metas } = await ask<{ block_metas: Meta[] }>(index, path);
    for (const { block_id: id, header } of metas) found.set(Number(header.height), id.hash);
  }
  assert.equal(found.size, top, `node${index} misses blocks`);
  return found;
}

/** One history for all nodes and all times. */
export class History {
  readonly #known = new Map<number, string>();

  get length(): number {
    return this.#known.size;
  }

  /** Every node has every block that any node ever showed, and the same one. Answers the height. */
  async check(): Promise<number> {
    const heights = await Promise.all(VALIDATORS.map((index) => heightNow(index)));
    const top = Math.max(this.length, ...heights);
    for (const index of VALIDATORS) {
      await reach(index, top);
      for (const [at, hash] of await hashes(index, top)) {
        assert.equal(hash, this.#known.get(at) ?? hash, `node${index}, height ${at}`);
        this.#known.set(at, hash);
      }
    }
    return top;
  }
}

/**
 * Compares all precommits that any node has stored: two different ones of one validator for one height and
 * round are a double signature. Answers how many were seen, and the conflicts.
 */
export async function scanSignatures(top: number): Promise<{ seen: number; conflicts: string[] }> {
  const signed = new Map<string, string>();
  const conflicts: string[] = [];
  const look = (commit: Commit): void => {
    for (const { validator_address: who, block_id_flag: flag, ...rest } of commit.signatures) {
      if (!rest.signature) continue;
      const place = `${who} ${commit.height}/${commit.round}`;
      const what = `${flag === 2 ? commit.block_id.hash : 'nil'} ${rest.timestamp} ${rest.signature}`;
      if ((signed.get(place) ?? what) !== what) conflicts.push(place);
      signed.set(place, what);
    }
  };
  for (const index of VALIDATORS) {
    for (let at = 1; at <= top; at++) {
      const path = `commit?height=${at}`;
      look((await ask<{ signed_header: { commit: Commit } }>(index, path)).signed_header.commit);
    }
  }
  return { seen: signed.size, conflicts };
}

/** Heights whose block carries evidence of a double signature. */
export async function heightsWithEvidence(top: number): Promise<number[]> {
  const found: number[] = [];
  for (let at = 1; at <= top; at++) {
    type Answer = { block: { evidence: { evidence: readonly unknown[] } } };
    const { block } = await ask<Answer>(0, `block?height=${at}`);
    if (block.evidence.evidence.length > 0) found.push(at);
  }
  return found;
}
