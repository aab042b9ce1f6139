/**
 * Consensus alone: empty blocks, not paced. An interval is from the time in one header to that in the next,
 * which is when their proposers built them; nobody asks the nodes anything while it is measured.
 */
import { mkdirSync } from 'node:fs';
import { parseTime, timeToNanos } from '../../node/base/time.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { pause, rpcUrl, VALIDATORS, withNetwork, type LocalNetwork } from './local-network.ts';
import { cpuSeconds } from './processes.ts';
import { atMost, fact, millis, percentile, type Row } from './report.ts';
import { Rpc } from './rpc.ts';

const NAME = 'consensus';
const [MOST_P50_MS, MOST_P99_MS, MOST_CPU_MS] = [60, 120, 60];
/** Code that runs for the first time is compiled first, which is no matter of a single block. */
const WARM_UP_MS = 15_000;
const MEASURED_MS = 30_000;

interface Header {
  readonly height: string;
  readonly time: string;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Times of the headers of a span, in milliseconds, in order of height. */
export async function headerTimes(rpc: Rpc, { from, to }: Span): Promise<number[]> {
  const times: number[] = [];
  while (times.length <= to - from) {
    const first = from + times.length;
    const range = { minHeight: String(first), maxHeight: String(Math.min(to, first + 19)) };
    const { block_metas: metas } = await rpc.call<{ block_metas: { header: Header }[] }>(
      'blockchain',
      range,
    );
    const sorted = metas.map(({ header }) => header);
    sorted.sort((a, b) => Number(a.height) - Number(b.height));
    for (const { time } of sorted) times.push(Number(timeToNanos(parseTime(time))) / 1e6);
  }
  return times;
}

async function measure(network: LocalNetwork, { say }: BenchOptions): Promise<Row[]> {
  const rpc = new Rpc(rpcUrl(0), 1);
  const pids = network.nodePids();
  say(`${WARM_UP_MS / 1000} s that do not count, then ${MEASURED_MS / 1000} s of empty blocks`);
  await pause(WARM_UP_MS);
  const from = await rpc.height();
  const before = pids.map(cpuSeconds);
  await pause(MEASURED_MS);
  const used = pids.map((pid, i) => cpuSeconds(pid) - (before[i] as number));
  const span = { from, to: await rpc.height() };
  const times = await headerTimes(rpc, span);
  rpc.close();
  const intervals = times.slice(1).map((time, i) => time - (times[i] as number));
  const all = used.reduce((sum, value) => sum + value, 0);
  const cpu = (1000 * all) / intervals.length;
  return [
    atMost([NAME, 'empty block, not paced: p50'], percentile(intervals, 0.5), MOST_P50_MS, millis),
    atMost([NAME, 'empty block, not paced: p99'], percentile(intervals, 0.99), MOST_P99_MS, millis),
    atMost([NAME, 'processor time of all four nodes per block'], cpu, MOST_CPU_MS, millis),
    fact(NAME, 'blocks', `${intervals.length} in ${MEASURED_MS / 1000} s`),
  ];
}

export const consensus: Benchmark = {
  name: 'consensus',
  summary: `consensus alone: ${VALIDATORS} processes, empty blocks, not paced`,
  run: (options) => {
    const { profiles } = options;
    if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
    const args = ['--no-l1', '--block-time', '0'];
    return withNetwork({ args, ...(profiles !== undefined && { profiles }) }, (network) =>
      measure(network, options),
    );
  },
};
