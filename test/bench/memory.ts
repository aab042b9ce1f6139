/** Resident memory of each node of the devnet, at the end and its trend on the way. */
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { pause, withNetwork, type LocalNetwork } from './local-network.ts';
import { residentBytes } from './processes.ts';
import { atMost, fact, mebibytes, type Row } from './report.ts';

const NAME = 'memory';
const MOST_BYTES = 350 * 2 ** 20;
const SAMPLE_MS = 10_000;
const MINUTE_MS = 60_000;

interface Sample {
  readonly minute: number;
  readonly bytes: readonly number[];
}

/** Bytes a minute, by least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (pick: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean(([at]) => at), mean(([, value]) => value)];
  const above = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  const below = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

async function measure(network: LocalNetwork, options: BenchOptions): Promise<Row[]> {
  const pids = network.nodePids();
  const started = performance.now();
  const samples: Sample[] = [];
  const sample = (): void => {
    const minute = (performance.now() - started) / MINUTE_MS;
    samples.push({ minute, bytes: pids.map(residentBytes) });
  };
  options.say(`watching for ${options.soakMinutes} minutes`);
  sample();
  while (performance.now() - started < options.soakMinutes * MINUTE_MS) {
    await pause(SAMPLE_MS);
    sample();
  }
  const last = samples.at(-1) as Sample;
  // The first half is warming up.
  const settled = samples.filter(({ minute }) => minute >= last.minute / 2);
  const slopes = pids.map((_, i) =>
    slope(settled.map(({ minute, bytes }) => [minute, bytes[i] as number] as const)),
  );
  const time = `after ${last.minute.toFixed(1)} minutes`;
  const trend = slopes.map((value) => `${(value / 2 ** 20).toFixed(2)}`).join(', ');
  return [
    atMost([NAME, `largest node ${time}`], Math.max(...last.bytes), MOST_BYTES, mebibytes),
    fact(NAME, `node by node ${time}`, last.bytes.map(mebibytes).join(', ')),
    fact(NAME, 'trend of the second half, MiB a minute', trend),
  ];
}

export const memory: Benchmark = {
  name: 'memory',
  summary: 'resident memory of each node of the devnet; --soak for how long',
  run: (options) => withNetwork({}, (network) => measure(network, options)),
};
