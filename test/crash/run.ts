/** Kills a validator at every call that changes a file, and lets every kind of write fail. */
import { commandLine, wholeNumber } from '../support/command-line.ts';
import { configure } from '../damage/sound-home.ts';
import { Campaign } from './campaign.ts';
import { FAULTS, faultName, requireOrderlyEnd } from './faults.ts';
import { hasStrace } from './strace.ts';

/** A run begins anew after so many blocks: a crash at block 50 needs no run of 50 blocks. */
const STRETCH_BLOCKS = 5;
/** About so many calls belong to the start. */
const STARTING_CALLS = 60;

const HELP = `npm run test:crash -- [options]

  --blocks N   over so many blocks a validator is killed at every call that changes a file (10)
  --every K    at every K-th call only (1)

Exit code 0: it recovered from all; 1: it did not from the last one printed; 64: the command line is wrong;
78: strace is not installed.`;

const values = commandLine(HELP, {
  blocks: { type: 'string', default: '10' },
  every: { type: 'string', default: '1' },
});
const blocks = wholeNumber('blocks', values.blocks);
const every = Math.max(1, wholeNumber('every', values.every));
if (!hasStrace()) process.exit(78);

const campaign = await Campaign.begin();
let crashes = 0;
try {
  for (let from = 0; from < blocks; from += STRETCH_BLOCKS) {
    if (from > 0) await campaign.advance(from);
    const stretch = await campaign.stretch(from, Math.min(blocks, from + STRETCH_BLOCKS));
    const calls = stretch.calls.filter((_, index) => index % every === 0);
    console.log(
      `blocks ${from + 1} to ${stretch.to}: ${calls.length} of ${stretch.calls.length} calls`,
    );
    for (const [index, call] of calls.entries()) {
      // Every third time the next start crashes as well, ever later in it.
      const again = index % 3 === 2 ? [stretch.calls[Math.floor(index / 3) % STARTING_CALLS]!] : [];
      await campaign.crashAt(stretch, call, ...again).catch((error: unknown) => {
        throw new Error(`${call.name} ${call.number}, ${call.path}`, { cause: error });
      });
      crashes += 1;
      if (crashes % 50 === 0) console.log(`${crashes} crashes, all recovered`);
    }
  }
  configure(campaign.home, { logLevel: 'error' });
  await campaign.advance(blocks);
  for (const fault of FAULTS) {
    await requireOrderlyEnd(campaign, fault).catch((error: unknown) => {
      throw new Error(faultName(fault), { cause: error });
    });
    console.log(`${faultName(fault)}: ended in order, recovered`);
  }
} catch (error) {
  console.error(error, `\nthe home is kept in ${campaign.root}`);
  process.exit(1);
}
await campaign.end();
for (const [what, count] of [...campaign.hits].sort())
  console.log(`${String(count).padStart(6)}  ${what}`);
console.log(
  `${crashes} crashes over ${blocks} blocks: no shown block lost, no contradicting signature`,
);
process.exit(0);
