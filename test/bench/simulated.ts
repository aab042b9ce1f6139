/**
 * What the simulator counts: messages and signature checks of a height in which nothing fails, delays over a
 * wide-area network, one certificate of 100 validators, and how fast the simulator itself is.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { certificateMs, messagesPerHeight, wanRun } from '../simulation/measure.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { ROOT } from './local-network.ts';
import { atMost, fact, millis, type Row } from './report.ts';

const NAME = 'simulator';
const SIZES = [4, 10, 31];
const MESSAGES_PER_VALIDATOR = 5;
const DELAY_MS = 50;
const MOST_DELAYS = { star: 5, clique: 4 } as const;
const VALIDATORS = 100;
const MOST_CERTIFICATE_MS = 15;
const [CAMPAIGN_SEEDS, CAMPAIGN_STEPS, CAMPAIGN_MINUTES] = [1_000, 10_000, 15];
const SAMPLE_SEEDS = 40;

const one = (value: number): string => value.toFixed(1);

async function counted(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const n of SIZES) {
    const { messages, verifications } = await messagesPerHeight({ n, mode: 'star' });
    const what = `messages per height, star of ${n}`;
    rows.push(atMost([NAME, what], messages, MESSAGES_PER_VALIDATOR * n, one));
    const perNode = one(verifications / n);
    rows.push(fact(NAME, `signature checks per node and height, star of ${n}`, perNode));
  }
  return rows;
}

async function delays(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of ['star', 'clique'] as const) {
    const { last } = await wanRun({ delayMs: DELAY_MS, mode });
    const what = `commit over ${DELAY_MS} ms links, ${mode}: one-way delays until all know`;
    rows.push(atMost([NAME, what], last, MOST_DELAYS[mode], one));
  }
  return rows;
}

/** A sample of the campaign, and what the whole would take. */
function campaign({ say }: BenchOptions): Row {
  say(`${SAMPLE_SEEDS} seeds of ${CAMPAIGN_STEPS} steps`);
  const program = join(ROOT, 'test', 'simulation', 'run.ts');
  const args = [program, '--seeds', String(SAMPLE_SEEDS), '--steps', String(CAMPAIGN_STEPS)];
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error('the sample of the campaign failed');
  const minutes = (performance.now() - started) / 60_000;
  const what = `${CAMPAIGN_SEEDS} seeds of ${CAMPAIGN_STEPS} steps, from ${SAMPLE_SEEDS} of them`;
  const whole = (minutes * CAMPAIGN_SEEDS) / SAMPLE_SEEDS;
  return atMost([NAME, what], whole, CAMPAIGN_MINUTES, (value) => `${one(value)} min`);
}

export const simulated: Benchmark = {
  name: 'simulator',
  summary: 'what the simulator counts: messages, delays, certificates, and its own speed',
  run: async (options) => {
    const certificate = certificateMs({ n: VALIDATORS });
    const what = `certificate of ${VALIDATORS} validators, real signatures, one thread`;
    return [
      ...(await counted()),
      ...(await delays()),
      atMost([NAME, what], certificate, MOST_CERTIFICATE_MS, millis),
      campaign(options),
    ];
  },
};
