/** The circuit: its size in all and per slot, and what one proof costs. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { ROOT } from './local-network.ts';
import { proveBatch, type Proving } from './proving.ts';
import { atMost, fact, mebibytes, seconds, whole, type Row } from './report.ts';

const NAME = 'circuit';
/** The promise is 14.1 thousand. */
const MOST_PER_SLOT = 14_149;
const MOST_IN_ALL = 2 ** 16;
const MOST_PROOF_SECONDS = 9;
/** Each proof is made this often; the quickest counts. */
const TRIES = 3;

interface Profile {
  readonly depth: number;
  readonly slots: number;
  readonly quotes: number;
  readonly constraints: number;
}

/** One operation with its two paths, compiled alone. */
function slotRows(): Row[] {
  const tool = join(ROOT, 'circuits', 'tools', 'template-sizes.js');
  const names = ['Slot', 'Slot at depth 12'];
  const text = execFileSync(process.execPath, [tool, ...names], { encoding: 'utf8' });
  const sizes = JSON.parse(text) as Record<string, number>;
  const [shallow = 0, deep = 0] = names.map((name) => sizes[name]);
  return [
    {
      ...fact(NAME, 'constraints of a slot at depth 8', thousands(shallow)),
      target: '<= 14.1k',
      verdict: shallow <= MOST_PER_SLOT ? 'ok' : 'miss',
    },
    fact(NAME, 'constraints of a slot at depth 12', thousands(deep)),
  ];
}

const thousands = (value: number): string => `${(value / 1000).toFixed(1)}k (${value})`;

function sizeRows(): Row[] {
  const path = join(ROOT, 'circuits', 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { profiles: Record<string, Profile> };
  const rows: Row[] = [];
  for (const [name, profile] of Object.entries(manifest.profiles)) {
    const { depth, slots, quotes, constraints } = profile;
    const shape = `${name} profile, depth ${depth}, ${slots} slots, ${quotes} quote`;
    const label = `constraints, ${shape}`;
    rows.push(
      name === 'dev'
        ? atMost([NAME, label], constraints, MOST_IN_ALL, whole)
        : fact(NAME, label, whole(constraints)),
    );
  }
  return rows;
}

async function proofRows({ proverCommand, say }: BenchOptions): Promise<Row[]> {
  const found: Proving[] = [];
  for (let i = 0; i < TRIES; i++) {
    say(`proof ${i + 1} of ${TRIES}`);
    found.push(await proveBatch(proverCommand));
  }
  const { backend, valid } = found[0] as Proving;
  const best = (pick: (one: Proving) => number): number => Math.min(...found.map(pick));
  const proof = best(({ proofSeconds }) => proofSeconds);
  return [
    atMost([NAME, `proof with ${backend}, best of ${TRIES}`], proof, MOST_PROOF_SECONDS, seconds),
    fact(NAME, 'witness', seconds(best(({ witnessSeconds }) => witnessSeconds))),
    fact(NAME, `most memory of ${backend}`, mebibytes(best(({ peakBytes }) => peakBytes))),
    fact(NAME, 'the proof holds for the node', valid ? 'yes' : 'NO'),
  ];
}

export const circuit: Benchmark = {
  name: 'circuit',
  summary: 'size of the circuit; seconds and memory of one proof',
  run: async (options) => [...slotRows(), ...sizeRows(), ...(await proofRows(options))],
};
