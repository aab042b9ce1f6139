/** npm run fuzz:tx -- [--count 1000000] [--seed N]: bent transactions against the decoder and CheckTx. */
import { parseArgs } from 'node:util';
import { fuzzTxs } from './tx-fuzz.ts';

const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' } },
});
const count = Number(values.count ?? '1000000');
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
process.stdout.write(`seed ${seed}, ${count} inputs\n`);
const { decoded, codes, faults } = await fuzzTxs(count, seed, (done) => {
  if (done % 100_000 === 0) process.stdout.write(`${done}\n`);
});
for (const [code, times] of [...codes].sort(([, a], [, b]) => b - a)) {
  process.stdout.write(`${String(times).padStart(9)}  ${code}\n`);
}
process.stdout.write(`${decoded} were transactions, ${faults.length} faults\n`);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
