/** Bounded number of seeds; for more: `node test/simulation/run.ts --seeds 100000 --from 1`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './mutants.ts';
import { scenarioOf, type Scenario } from './scenario.ts';
import { runScenario } from './simulation.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const FIRST_SEED = 1;
const SEEDS = 120;
const MUTANT_SEEDS = 200;

function repeatable(scenario: Scenario, run: () => void): void {
  try {
    run();
  } catch (error) {
    const { seed } = scenario;
    const again = `node test/simulation/run.ts --seeds 1 --from ${seed}`;
    throw new Error(`seed ${seed}: ${(error as Error).message}\nrepeat: ${again}`, {
      cause: error,
    });
  }
}

const CALM = { ...scenarioOf(FIRST_SEED).faults, hostile: 0, drop: 0, crash: 0, partition: 0 };

function calm(changes: Partial<Scenario>): Scenario {
  return {
    ...scenarioOf(FIRST_SEED),
    size: 4,
    powers: [10n, 10n, 10n, 10n],
    byzantine: [],
    faults: { ...CALM, duplicate: 0, delayMs: 10, straggle: 0, untimely: 0 },
    chaosMs: 1_000,
    ...changes,
  };
}

describe('simulated networks', function () {
  this.timeout(300_000);

  it(`keep every invariant and recover, for ${SEEDS} seeds from ${FIRST_SEED}`, () => {
    let heights = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const scenario = scenarioOf(seed);
      repeatable(scenario, () => (heights += runScenario(scenario).height));
    }
    assert.ok(heights > SEEDS, 'the seeds decide something');
  });

  for (const mode of ['star', 'clique'] as const) {
    it(`decide every height in its first round when nothing fails (${mode})`, () => {
      const outcome = runScenario(calm({ mode, seed: 7 }));
      assert.equal(outcome.maxRound, 0);
      assert.ok(outcome.height > 5, `only ${outcome.height} heights`);
    });

    it(`work with real signatures (${mode})`, () => {
      const outcome = runScenario(calm({ mode, seed: 8, chaosMs: 300, realSignatures: true }));
      assert.ok(outcome.height >= 3);
    });

    it(`a single validator makes a chain of its own, crashes included (${mode})`, () => {
      const faults = { ...calm({}).faults, crash: 0.01 };
      const outcome = runScenario(
        calm({ mode, seed: 9, size: 1, powers: [5n], faults, chaosMs: 5_000 }),
      );
      assert.ok(outcome.height > 5 && outcome.crashes > 0);
    });

    it(`one validator with more than 2/3 of the power decides alone (${mode})`, () => {
      const powers = [1n, 100n, 1n, 1n];
      assert.ok(runScenario(calm({ mode, seed: 10, powers })).height > 5);
    });
  }
});

describe('the simulator', function () {
  this.timeout(600_000);

  for (const mutant of Object.keys(MUTANTS)) {
    it(`finds the planted bug ${mutant}`, () => {
      const args = [RUN, '--seeds', String(MUTANT_SEEDS), '--mutant', mutant];
      const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
      assert.equal(result.status, 1, `not found in ${MUTANT_SEEDS} seeds: ${result.stdout}`);
      assert.match(result.stderr, /repeat: node test\/simulation\/run\.ts/);
      assert.doesNotMatch(result.stderr, /no longer fits/);
    });
  }
});
