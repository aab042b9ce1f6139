/**
 * What must hold at the end, whatever happened: every block that anybody ever saw is on every node, all nodes
 * agree, no key signed two things, nothing that was accepted is gone, and what a node says of itself is true.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { LoadResult } from './load.ts';
import type { Meta } from './node-rpc.ts';
import type { TestNet } from './test-net.ts';
import { nanosOfTime } from './times.ts';
import { until } from './waiting.ts';

const LEVEL_MS = 30_000;
const LOAD_MS = 60_000;

/** Everything that can be asked while the nodes run. Answers what is wrong. */
export async function checkRunning(net: TestNet): Promise<string[]> {
  const nodes = net.running();
  const load = await ended(net);
  const top = net.history.top;
  for (const node of nodes) {
    const isThere = async (): Promise<boolean> => ((await net.see(node)) ?? 0) >= top;
    await until(`node${node} has block ${top}`, isThere, LEVEL_MS);
  }
  const chains = new Map<number, Meta[]>();
  for (const node of nodes) {
    const { earliest } = await net.rpc(node).status();
    chains.set(node, await net.rpc(node).metas(earliest, top));
  }
  const problems = [...lostBlocks(net, chains), ...disagreements(chains), ...timeProblems(chains)];
  for (const node of nodes) problems.push(...(await untruths(net, node)));
  return [...problems, ...loadProblems(load)];
}

async function ended(net: TestNet): Promise<LoadResult | undefined> {
  let result: LoadResult | undefined;
  let isDone = false;
  void net.stopLoad().then((found) => {
    result = found;
    isDone = true;
  });
  await until('every accepted send is in a block', () => isDone, LOAD_MS);
  if (result) {
    const { included, diedWithNode } = result;
    net.say(`  ${included} sends in blocks; ${diedWithNode} were handed in twice, their node died`);
  }
  return result;
}

function loadProblems(load: LoadResult | undefined): string[] {
  if (load === undefined) return [];
  const lost = load.silentlyLost.map((hash) => `the send ${hash} was accepted and is gone`);
  return load.included === load.sent ? lost : [...lost, 'not every send is in a block'];
}

/** The side log against what each node has now. */
function lostBlocks(net: TestNet, chains: ReadonlyMap<number, readonly Meta[]>): string[] {
  return [...chains].flatMap(([node, metas]) => {
    const hashes = new Map(metas.map(({ height, hash }) => [height, hash]));
    const first = metas[0]?.height ?? 1;
    const problems: string[] = [];
    for (let height = first; height <= net.history.top; height++) {
      const [seen, has] = [net.history.hashAt(height), hashes.get(height)];
      if (has === undefined) problems.push(`node${node} lost block ${height}`);
      else if (seen !== undefined && seen !== has) {
        problems.push(`node${node} has ${has} at height ${height}, not ${seen}`);
      }
    }
    return problems;
  });
}

function disagreements(chains: ReadonlyMap<number, readonly Meta[]>): string[] {
  const first = new Map<number, Meta>();
  const problems: string[] = [];
  for (const [node, metas] of chains) {
    for (const meta of metas) {
      const known = first.get(meta.height);
      if (known === undefined) first.set(meta.height, meta);
      else if (known.hash !== meta.hash || known.appHash !== meta.appHash) {
        problems.push(`node${node} disagrees about height ${meta.height}`);
      }
    }
  }
  return problems;
}

function timeProblems(chains: ReadonlyMap<number, readonly Meta[]>): string[] {
  const [metas = []] = chains.values();
  return metas.slice(1).flatMap((meta, i) => {
    const before = metas[i] as Meta;
    if (nanosOfTime(meta.time) > nanosOfTime(before.time)) return [];
    return [`the time of block ${meta.height} is not after that of the block before`];
  });
}

/** RPC and metrics against each other; the height grows meanwhile, so one is asked before and after. */
async function untruths(net: TestNet, node: number): Promise<string[]> {
  const rpc = net.rpc(node);
  const problems: string[] = [];
  const before = (await rpc.status()).height;
  const measured = await rpc.metric('[a-z]+_consensus_height');
  const after = (await rpc.status()).height;
  if (measured === undefined || measured < before || measured > after + 1) {
    problems.push(`node${node}: metrics say height ${measured}, RPC ${before} to ${after}`);
  }
  const peers = (await rpc.peers()).length;
  const others = net.running().length - 1;
  const measuredPeers = await rpc.metric('[a-z]+_p2p_peers');
  if (measuredPeers !== peers || peers !== others) {
    problems.push(`node${node}: ${measuredPeers} peers by metrics, ${peers} by RPC, of ${others}`);
  }
  return problems;
}

/** Every signature that left a signer, from the files that the recorder wrote. */
export function signatureConflicts(files: readonly string[]): {
  seen: number;
  conflicts: string[];
} {
  const signed = new Map<string, string>();
  const conflicts: string[] = [];
  for (const file of files.filter((name) => existsSync(name))) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [height, round, step, key, bytes] = line.split(' ');
      if (bytes === undefined || key === undefined) continue;
      const place = `${height}/${round}/${step} of ${key.slice(0, 8)}`;
      if ((signed.get(place) ?? bytes) !== bytes) conflicts.push(`two signatures at ${place}`);
      signed.set(place, bytes);
    }
  }
  return { seen: signed.size, conflicts };
}
