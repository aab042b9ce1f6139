/** Reads the chain out of a running node, over CometBFT's JSON-RPC. */
import type { StoredBlock } from './chain.ts';
import { writeBlock, writeBlockId, writeCommit } from './formats.ts';
import { readGenesis, type Genesis, type Json } from './genesis.ts';
import {
  blockIdOfJson,
  blockOfJson,
  commitOfJson,
  outcomeOfJson,
  validatorsOfJson,
} from './json.ts';

const PAGE = 100;

export interface RemoteChain {
  readonly genesis: Genesis;
  readonly blocks: AsyncIterable<StoredBlock>;
  close(): Promise<void>;
}

async function call(url: string, method: string, params: Record<string, string>): Promise<Json> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as Json;
  if (error) throw new Error(`${method} ${JSON.stringify(params)}: ${JSON.stringify(error)}`);
  return result;
}

export interface RemoteOptions {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The blocks from the oldest the node has to the newest it has now. */
export async function openRemote(url: string, options: RemoteOptions = {}): Promise<RemoteChain> {
  const { genesis: file } = await call(url, 'genesis', {});
  const { sync_info: info } = await call(url, 'status', {});
  const from = options.from ?? Math.max(1, Number(info.earliest_block_height));
  const to = options.to ?? Number(info.latest_block_height);
  const genesis = readGenesis(JSON.stringify(file));
  return { genesis, blocks: blocksOf(url, from, to), close: async () => undefined };
}

async function* blocksOf(url: string, from: number, to: number): AsyncGenerator<StoredBlock> {
  for (let height = from; height <= to; height += 1) {
    const at = { height: String(height) };
    const [block, commit, results, validators] = await Promise.all([
      call(url, 'block', at),
      call(url, 'commit', at),
      call(url, 'block_results', at),
      allValidators(url, height),
    ]);
    yield {
      height,
      block: writeBlock(blockOfJson(block.block)),
      blockId: writeBlockId(blockIdOfJson(block.block_id)),
      seenCommit: writeCommit(commitOfJson(commit.signed_header.commit)),
      outcome: outcomeOfJson(results),
      validators: validatorsOfJson(validators),
    };
  }
}

async function allValidators(url: string, height: number): Promise<Json[]> {
  const all: Json[] = [];
  for (let page = 1; ; page += 1) {
    const params = { height: String(height), page: String(page), per_page: String(PAGE) };
    const { validators, total } = await call(url, 'validators', params);
    all.push(...validators);
    if (all.length >= Number(total) || validators.length === 0) return all;
  }
}
