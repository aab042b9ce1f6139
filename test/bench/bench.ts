/**
 * npm run bench: every number that the project promises, measured on this machine, as one table. Nothing
 * here asserts: a miss is printed, and the exit code stays 0. It is 1 when something could not be measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.ts';
import { accounts } from './accounts.ts';
import { bankSends } from './bank-sends.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { checkTime } from './check-time.ts';
import { circuit } from './circuit.ts';
import { consensus } from './consensus.ts';
import { document, type Measured } from './document.ts';
import { flood } from './flood.ts';
import { l1Gas } from './l1-gas.ts';
import { ROOT } from './local-network.ts';
import { memory } from './memory.ts';
import { loadAverage } from './processes.ts';
import { queries } from './queries.ts';
import { fact, table, type Row } from './report.ts';
import { search } from './search.ts';
import { simulated } from './simulated.ts';
import { sockets } from './sockets.ts';
import { softFinality } from './soft-finality.ts';
import { start } from './start.ts';
import { store } from './store.ts';

const PAGE = join(ROOT, 'docs', 'benchmarks.md');

const BENCHMARKS: readonly Benchmark[] = [
  start,
  softFinality,
  consensus,
  simulated,
  bankSends,
  queries,
  search,
  sockets,
  store,
  accounts,
  flood,
  circuit,
  l1Gas,
  memory,
  checkTime,
];

const OPTIONS = {
  only: { type: 'string', multiple: true },
  cold: { type: 'boolean', default: false },
  soak: { type: 'string', default: '1' },
  accounts: { type: 'string', default: '1000' },
  sends: { type: 'string', default: '10' },
  samples: { type: 'string', default: '60' },
  txs: { type: 'string', default: '1000000' },
  keys: { type: 'string', default: '1000000' },
  profiles: { type: 'string' },
  'prover-command': { type: 'string' },
  write: { type: 'boolean', default: false },
} as const;

function help(): string {
  const names = BENCHMARKS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`);
  return [
    'usage: npm run bench -- [options]',
    '',
    ...names,
    '',
    '  --only <name>      this benchmark; may be given several times',
    '  --cold             start: also from a copy of the project without caches',
    '  --soak <minutes>   memory: how long to watch (1)',
    '  --accounts <n>     sends: how many accounts pay (1000)',
    '  --sends <n>        sends: how many sends each makes (10)',
    '  --samples <n>      finality: how many payments (60)',
    '  --txs <n>          search: how many transactions there are (1000000)',
    '  --keys <n>         store, accounts: how many keys and accounts there are (1000000)',
    '  --profiles <dir>   sends, queries, consensus: write a processor profile of each node there',
    '  --prover-command <words>   prove with this program instead of snarkjs;',
    '                     {zkey} {wtns} {proof} {public} are replaced',
    '  --write            write what was measured to docs/benchmarks.md; the rest of the page stays',
  ].join('\n');
}

function chosen(names: readonly string[] | undefined): readonly Benchmark[] {
  if (names === undefined) return BENCHMARKS;
  return names.map((name) => {
    const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
    if (!found) throw new Error(`no benchmark ${name}; see npm run bench -- --help`);
    return found;
  });
}

function count(text: string, name: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
  return value;
}

async function main(): Promise<number> {
  const values = commandLine(help(), OPTIONS);
  const options: BenchOptions = {
    cold: values.cold,
    soakMinutes: count(values.soak, 'soak'),
    accounts: count(values.accounts, 'accounts'),
    sends: count(values.sends, 'sends'),
    samples: count(values.samples, 'samples'),
    txs: count(values.txs, 'txs'),
    keys: count(values.keys, 'keys'),
    ...(values.profiles !== undefined && { profiles: values.profiles }),
    ...(values['prover-command'] !== undefined && {
      proverCommand: values['prover-command'].split(' ').filter(Boolean),
    }),
    say: (text) => console.error(`  ${text}`),
  };
  const measured: Measured[] = [];
  const failures: Row[] = [];
  for (const benchmark of chosen(values.only)) {
    const { name, summary } = benchmark;
    const load = loadAverage();
    console.error(`${name} (load average before: ${load})`);
    try {
      measured.push({ name, summary, rows: await benchmark.run(options), load });
    } catch (error) {
      failures.push(fact(name, 'FAILED', firstLine(error)));
    }
  }
  console.log(table([...measured.flatMap(({ rows }) => rows), ...failures]));
  if (values.write) writePage(measured);
  return failures.length === 0 ? 0 : 1;
}

function writePage(measured: readonly Measured[]): void {
  const order = BENCHMARKS.map(({ name }) => name);
  writeFileSync(PAGE, document(readFileSync(PAGE, 'utf8'), measured, order));
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
