/**
 * npm run test:damage -- [--all] [--offsets N] [--seed S] [--class text]: the damage matrix as a program. Prints
 * every case and its verdict; exits 1 when one is neither harmless nor refused nor repaired.
 */
import { parseArgs } from 'node:util';
import { Random } from '../unit/store/random.ts';
import { Examiner } from './examiner.ts';
import { allCases, judge, nameOf } from './matrix.ts';
import { makeSoundHome } from './sound-home.ts';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    offsets: { type: 'string', default: '10' },
    seed: { type: 'string' },
    class: { type: 'string', default: '' },
  },
});
const offsets = values.all ? Number(values.offsets) : 1;
const seed =
  values.seed === undefined ? Random.announced('damage matrix').seed : Number(values.seed);
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
