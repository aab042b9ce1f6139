/**
 * Bent inputs against every decoder. Besides what the tests check, an input that holds the process for longer than
 * LIMIT_MS each time is a fault.
 */
import { toHex } from '../../node/base/bytes.ts';
import { commandLine, wholeNumber } from '../support/command-line.ts';
import { fuzz, quickest } from './decoder.ts';
import { DECODERS } from './decoders/all.ts';

const LIMIT_MS = 50;
const SHOWN_BYTES = 200;
const SHOWN_FAULTS = 5;

const HELP = `npm run fuzz -- [options]

  --count N      how many inputs for each decoder (1000000)
  --seed N       the same inputs again; any other seed gives others
  --only NAMES   only these decoders, with commas between them
  --list         shows the names of the decoders

Exit code 0: no faults; 1: there are some; 64: the command line is wrong.`;

const values = commandLine(HELP, {
  count: { type: 'string', default: '1000000' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  only: { type: 'string', default: '' },
  list: { type: 'boolean', default: false },
});
const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const count = wholeNumber('count', values.count);
const seed = wholeNumber('seed', values.seed);
const only = values.only.split(',').map((name) => name.trim());
const unknown = only.filter((name) => name !== '' && !DECODERS.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`no decoder is called ${unknown.join(', ')}; --list shows their names`);
  process.exit(64);
}
const chosen = DECODERS.filter(({ name }) => values.only === '' || only.includes(name));
if (values.list) for (const { name } of DECODERS) say(name);
else say(`seed ${seed}, ${count} inputs for each of ${chosen.length} decoders`);

for (const { name, make } of values.list ? [] : chosen) {
  const decoder = await make();
  const started = Date.now();
  const progress = (done: number): void => {
    if (done % 100_000 === 0) say(`${new Date().toISOString()} ${name}: ${done}`);
  };
  const report = await fuzz(decoder, { count, seed, limitMs: LIMIT_MS, progress });
  const verdicts = [...report.verdicts].sort(([, a], [, b]) => b - a);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const again = await quickest(decoder, report.slowest);
  const longest = `longest ${report.slowestMs.toFixed(1)} ms (${again.toFixed(1)} ms again)`;
  say(`${name}: ${report.inputs} in ${seconds} s, ${longest}, ${report.faults.length} faults`);
  say(`  ${verdicts.map(([verdict, times]) => `${verdict} ${times}`).join(', ')}`);
  if (again > LIMIT_MS) {
    say(
      `  the longest: ${toHex(report.slowest.slice(0, SHOWN_BYTES))} (${report.slowest.length} bytes)`,
    );
  }
  await decoder.end?.();
  for (const fault of report.faults.slice(0, SHOWN_FAULTS)) say(`  ${fault}`);
  if (report.faults.length > 0) process.exitCode = 1;
}
