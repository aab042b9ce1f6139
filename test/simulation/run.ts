/**
 * Runs seeds: `node test/simulation/run.ts --seeds 1000 --from 1`. Exits 1 at the first failing seed and says
 * how to repeat it. `--mutant NAME` plants a known bug first (see mutants.ts): then failing is success.
 */
import { parseArgs } from 'node:util';
import { plantMutant } from './mutants.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    /** Count failing seeds instead of stopping at the first. */
    all: { type: 'boolean', default: false },
  },
});

if (values.mutant !== undefined) plantMutant(values.mutant);
const { scenarioOf } = await import('./scenario.ts');
const { runScenario } = await import('./simulation.ts');

const from = Number(values.from);
const to = from + Number(values.seeds);
let heights = 0;
let failures = 0;
for (let seed = from; seed < to; seed++) {
  const scenario = scenarioOf(seed);
  try {
    const outcome = runScenario(scenario);
    heights += outcome.height;
    if (values.verbose) console.log(seed, JSON.stringify(outcome));
  } catch (error) {
    failures++;
    if (values.all) {
      console.error(`seed ${seed}: ${(error as Error).message}`);
      continue;
    }
    console.error(error);
    console.error(
      `seed ${seed} failed: ${JSON.stringify(scenario, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`,
    );
    const mutant = values.mutant === undefined ? '' : ` --mutant ${values.mutant}`;
    console.error(`repeat: node test/simulation/run.ts --seeds 1 --from ${seed}${mutant}`);
    process.exit(1);
  }
}
const verdict = failures === 0 ? 'no rule broken' : `${failures} failed`;
console.log(`${to - from} seeds from ${from}: ${heights} heights decided, ${verdict}`);
process.exitCode = failures === 0 ? 0 : 1;
