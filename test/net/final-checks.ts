/**
 * What must hold at the end, whatever happened: every block that anybody ever saw is on every node, all nodes
 * agree, no key signed two things, nothing that was accepted is gone, and what a node says of itself is true.
 */
import { basename } from 'node:path';
import { verifyChains } from '../verifier/several.ts';
import { CHAIN_ID } from './homes.ts';
import type { LoadResult } from './load.ts';
import type { Meta } from './node-rpc.ts';
import type { TestNet } from './test-net.ts';
import { nanosOfTime } from './times.ts';
import { scanAllVotes, scanSignatures } from './vote-scan.ts';
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
    await until(`node${node} has block ${top}`, isThere, net.options.patience * LEVEL_MS);
  }
  const chains = new Map<number, Meta[]>();
  for (const node of nodes) {
    const { earliest } = await net.rpc(node).status();
    chains.set(node, await net.rpc(node).metas(earliest, top));
  }
  const problems = [
    ...lostBlocks(net, top, chains),
    ...disagreements(chains),
    ...timeProblems(chains),
  ];
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
  await until('every accepted send is in a block', () => isDone, net.options.patience * LOAD_MS);
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
function lostBlocks(
  net: TestNet,
  top: number,
  chains: ReadonlyMap<number, readonly Meta[]>,
): string[] {
  return [...chains].flatMap(([node, metas]) => {
    const hashes = new Map(metas.map(({ height, hash }) => [height, hash]));
    const first = metas[0]?.height ?? 1;
    const problems: string[] = [];
    for (let height = first; height <= top; height++) {
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
  const others = net.running().length - 1;
  let told = '';
  const isTrue = async (): Promise<boolean> => {
    const peers = (await rpc.peers()).length;
    const measured = await rpc.metric('[a-z]+_p2p_peers');
    told = `node${node}: ${measured} peers by metrics, ${peers} by RPC, of ${others}`;
    return measured === peers && peers === others;
  };
  // All show blocks again before the last of them has found every other one.
  await until('all are connected', isTrue, net.options.patience * LEVEL_MS).catch(() => {
    problems.push(told);
  });
  return problems;
}

/** What only the files can tell, once all nodes have stopped: every block anew, and every vote. */
export async function checkStopped(net: TestNet): Promise<string[]> {
  const started = net.processes.filter(({ starts }) => starts > 0);
  const homes = started.map(({ home }) => home.root);
  const { violations, chains, votes } = await verifyChains({ homes });
  const problems = violations.map(({ name, height, rule, detail }) => {
    return `${basename(name)}, height ${height}: ${rule}: ${detail}`;
  });
  for (const [index, { name, to }] of chains.entries()) {
    const newest = net.history.newestOf(started[index]?.index ?? 0);
    if (to < newest)
      problems.push(`${basename(name)} showed block ${newest}, its store ends at ${to}`);
  }
  const signatures = scanSignatures(net.processes.map(({ files }) => files.signatures));
  const all = scanAllVotes({
    chainId: CHAIN_ID,
    pubKeys: net.pubKeys,
    observed: net.watch.votes(),
    logged: net.loggedVotes,
  });
  net.say(
    `  ${net.history.top} blocks; ${signatures.seen} signatures of the signers, ${all.seen} votes seen ` +
      `or logged, ${votes} in stored commits`,
  );
  return [...problems, ...signatures.problems, ...all.problems];
}
