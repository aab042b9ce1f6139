/** Changed ICS-23 proofs against the verifier. */
import { commandLine, wholeNumber } from '../support/command-line.ts';
import { changeProofs } from '../unit/store/ics23/change-proofs.ts';

const HELP = `npm run fuzz:proofs -- [options]

  --count N   how many changed proofs (1000000)
  --seed N    the same ones again; any other seed gives others

Exit code 0: none is accepted; 1: some are; 64: the command line is wrong.`;

const values = commandLine(HELP, {
  count: { type: 'string', default: '1000000' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
});
const count = wholeNumber('count', values.count);
const seed = wholeNumber('seed', values.seed);
process.stdout.write(`seed ${seed}, ${count} changed proofs\n`);
const accepted = await changeProofs(count, seed);
for (const proof of accepted) process.stdout.write(`accepted: ${proof}\n`);
process.stdout.write(`${accepted.length} accepted\n`);
process.exitCode = accepted.length === 0 ? 0 : 1;
