/**
 * Bank sends from many accounts through the RPC of all four nodes: first as many as they take, then half as many a
 * second. Only the four validators and this client run. Processor time is that of the four node processes, all
 * their threads; shares of stages come from a second full load, in which one node is profiled.
 */
import { mkdirSync } from 'node:fs';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { pause } from './local-network.ts';
import { NodeNetwork } from './node-network.ts';
import { payers, signRounds, type Payer } from './payments.ts';
import { cpuSeconds } from './processes.ts';
import { Profiler, threadSeconds } from './profiler.ts';
import { atLeast, atMost, fact, millis, percentile, type Row } from './report.ts';
import { Rpc } from './rpc.ts';
import { SendLoad, type Driven } from './send-load.ts';
import { stageShares } from './stages.ts';

const NAME = 'bank sends';
const MOST_MS_PER_SEND = 3;
const LEAST_A_SECOND = 600;
const [MOST_P50_MS, MOST_P99_MS] = [500, 1_400];
const BLOCK_TIME_MS = 300;
const IDLE_SECONDS = 5;
/** Code is compiled again and again in its first thousands of runs, which is no matter of a single send. */
const WARM_UP_ROUNDS = 6;
const PROFILED_ROUNDS = 4;
const HALF_SECONDS = 20;
const SIGNING_THREAD = 'signatures';
const MAIN_THREAD = 'MainThread';

interface Found {
  readonly full: Driven;
  readonly half: Driven;
  /** Processor seconds under full load, node by node. */
  readonly used: readonly number[];
  readonly idle: number;
  readonly stages: ReadonlyMap<string, number>;
}

async function idleShare(pids: readonly number[]): Promise<number> {
  const before = pids.map(cpuSeconds);
  await pause(IDLE_SECONDS * 1000);
  const used = pids.map((pid, i) => cpuSeconds(pid) - (before[i] as number));
  return used.reduce((sum, value) => sum + value, 0) / IDLE_SECONDS;
}

/** Share of each stage in what one node uses: its main thread by stage, other threads by what they do. */
async function profiled(network: NodeNetwork, work: () => Promise<Driven>) {
  const pid = network.pids()[0] as number;
  const profiler = await Profiler.start(pid, network.logFile(0));
  const before = threadSeconds(pid);
  await work();
  const after = threadSeconds(pid);
  const shares = stageShares(await profiler.stop());
  const used = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  const all = used.reduce((sum, [, value]) => sum + value, 0);
  const stages = new Map<string, number>();
  const add = (stage: string, share: number): void =>
    void stages.set(stage, (stages.get(stage) ?? 0) + share);
  for (const [name, value] of used) {
    if (name === MAIN_THREAD)
      for (const [stage, share] of shares) add(stage, (share * value) / all);
    else if (name === SIGNING_THREAD) add('signature', value / all);
    else if (name.startsWith('libuv')) add('database writes and syncs', value / all);
    else add('threads of V8: garbage, compiling', value / all);
  }
  return stages;
}

async function measure(network: NodeNetwork, { accounts, sends, say }: BenchOptions) {
  const rpc = new Rpc(network.rpcUrl(0), 1);
  const all = await payers(rpc, accounts);
  rpc.close();
  const pids = network.pids();
  const idle = await idleShare(pids);
  const load = await SendLoad.open(network.ports.map((ports) => ports.rpc));
  const signed = (rounds: number): Uint8Array[][] => sign(all, rounds, say);
  try {
    await load.full(signed(WARM_UP_ROUNDS));
    const rounds = signed(sends);
    say('full load');
    const before = pids.map(cpuSeconds);
    const full = await load.full(rounds);
    const used = pids.map((pid, i) => cpuSeconds(pid) - (before[i] as number));
    const rate = full.sends / full.seconds / 2;
    const paced = signed(Math.max(1, Math.round((HALF_SECONDS * rate) / accounts)));
    say(`half load: ${rate.toFixed(0)} a second`);
    const half = await load.paced(paced, rate);
    const last = signed(PROFILED_ROUNDS);
    say('full load again, with a profile of one node');
    const stages = await profiled(network, () => load.full(last));
    return rowsOf({ full, half, used, idle, stages });
  } finally {
    load.close();
  }
}

function sign(all: readonly Payer[], rounds: number, say: (text: string) => void) {
  say(`signing ${all.length * rounds} sends of ${all.length} accounts`);
  return signRounds(all, rounds);
}

function rowsOf({ full, half, used, idle, stages }: Found): Row[] {
  const perSend = (cpu: number): number => (1000 * cpu) / full.sends;
  const all = perSend(used.reduce((sum, value) => sum + value, 0));
  const cpu = [NAME, 'processor time of all four nodes per committed send'] as const;
  const rate = [NAME, 'committed a second'] as const;
  const at = (share: number): number => percentile(half.latencies, share);
  const halfRate = `${(half.sends / half.seconds).toFixed(0)} a second`;
  const ordered = [...stages].sort((a, b) => b[1] - a[1]);
  return [
    atMost(cpu, all, MOST_MS_PER_SEND, millis),
    fact(NAME, 'of which node by node', used.map((one) => millis(perSend(one))).join(' + ')),
    ...ordered.map(([stage, share]) =>
      fact(NAME, `of which ${stage}`, `${millis(share * all)} (${(100 * share).toFixed(1)} %)`),
    ),
    atLeast(rate, full.sends / full.seconds, LEAST_A_SECOND, (value) => value.toFixed(0)),
    fact(NAME, 'sends and blocks that held them', `${full.sends} in ${full.blocks} blocks`),
    atMost([NAME, `half load, ${halfRate}: to commit, p50`], at(0.5), MOST_P50_MS, millis),
    atMost([NAME, `half load, ${halfRate}: to commit, p99`], at(0.99), MOST_P99_MS, millis),
    fact(NAME, 'half load: sends and blocks', `${half.sends} in ${half.blocks} blocks`),
    fact(NAME, 'least time from block to block, as configured', millis(BLOCK_TIME_MS)),
    fact(NAME, 'processor share of all four nodes when idle', `${(100 * idle).toFixed(1)} %`),
  ];
}

export const bankSends: Benchmark = {
  name: 'sends',
  summary:
    'bank sends through RPC: processor time per committed send and stage, the rate, time to commit at half of it',
  run: async (options) => {
    const { profiles, accounts } = options;
    if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
    const given = { accounts, blockTimeMs: BLOCK_TIME_MS, ...(profiles && { profiles }) };
    const network = await NodeNetwork.start(given);
    try {
      return await measure(network, options);
    } finally {
      await network.stop();
    }
  },
};
