/** The damage matrix as a program. */
import { commandLine, wholeNumber } from '../support/command-line.ts';
import { Random } from '../unit/store/random.ts';
import { Examiner } from './examiner.ts';
import { allCases, judge, nameOf } from './matrix.ts';
import { makeSoundHome } from './sound-home.ts';

const HELP = `npm run test:damage -- [options]

  --all          every kind of damage at several places of every file, not at one
  --offsets N    with --all: how many places (10)
  --seed N       the same places again
  --class TEXT   only files of which the kind has TEXT in its name

Prints every case and what became of it. Exit code 0: each was harmless, refused or repaired; 1: one was not;
64: the command line is wrong.`;

const values = commandLine(HELP, {
  all: { type: 'boolean', default: false },
  offsets: { type: 'string', default: '10' },
  seed: { type: 'string' },
  class: { type: 'string', default: '' },
});
const offsets = values.all ? wholeNumber('offsets', values.offsets) : 1;
const seed =
  values.seed === undefined
    ? Random.announced('damage matrix').seed
    : wholeNumber('seed', values.seed);
const cases = allCases(offsets, seed).filter(({ fileClass }) =>
  fileClass.name.includes(values.class),
);

const sound = await makeSoundHome();
const examiner = new Examiner();
const counts = new Map<string, number>();
for (const [index, each] of cases.entries()) {
  const verdict = await judge(sound, examiner, each).catch((error: unknown) => {
    return `WRONG: ${error instanceof Error ? error.message : String(error)}`;
  });
  const kind = verdict.startsWith('WRONG') ? 'WRONG' : verdict;
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  console.log(`${index + 1}/${cases.length} ${nameOf(each)}: ${verdict}`);
}
examiner.stop();
await sound.remove();
console.log(`${cases.length} cases, seed ${seed}: ${JSON.stringify(Object.fromEntries(counts))}`);
process.exit(counts.has('WRONG') ? 1 : 0);
