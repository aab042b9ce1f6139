/** npm run fuzz:proofs -- [--count 1000000] [--seed N]: changed ICS-23 proofs against the verifier. */
import { parseArgs } from 'node:util';
import { changeProofs } from '../unit/store/ics23/change-proofs.ts';

const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' } },
});
const count = Number(values.count ?? '1000000');
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
process.stdout.write(`seed ${seed}, ${count} changed proofs\n`);
const accepted = await changeProofs(count, seed);
for (const proof of accepted) process.stdout.write(`accepted: ${proof}\n`);
process.stdout.write(`${accepted.length} accepted\n`);
process.exitCode = accepted.length === 0 ? 0 : 1;
