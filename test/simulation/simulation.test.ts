/** A bounded campaign; for more: `npm run sim -- --seeds 10000 --from 1`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { campaign, type CampaignResult } from './campaign.ts';
import { FAULTS } from './faults/fault-log.ts';
import { CALM, scenarioOf, type Scenario } from './faults/scenario.ts';
import { readKept } from './kept.ts';
import { PLANTS } from './plants.ts';
import { Pool } from './pool.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const KEPT = fileURLToPath(new URL('kept/', import.meta.url));
const SEEDS = 300;

const QUIET: Scenario = {
  ...scenarioOf(1),
  powers: [10, 10, 10, 10],
  faulty: [],
  faults: CALM,
  changes: 'none',
  blockTimeMs: 0,
  liar: false,
  flood: false,
  upgrade: false,
  chaosMs: 1_000,
};

async function run(scenario: Scenario, plant?: string) {
  const pool = new Pool({ threads: 1, plant });
  const result = await pool.one(scenario);
  await pool.close();
  return result;
}

function told({ failures }: CampaignResult): string {
  return failures
    .map(({ scenario, message }) => `npm run sim -- --seeds 1 --from ${scenario.seed}: ${message}`)
    .join('\n');
}

describe(`simulated networks, ${SEEDS} seeds from 1`, function () {
  this.timeout(1_800_000);
  let result: CampaignResult;

  before(async () => {
    result = await campaign({ from: 1, count: SEEDS, quiet: true, all: true });
  });

  it('violate no invariant and recover', () => {
    assert.equal(result.failures.length, 0, told(result));
    assert.ok(result.heights > SEEDS, 'the seeds decide something');
  });

  for (const fault of FAULTS) {
    it(`meet the fault ${fault}`, () => {
      assert.ok((result.faults.get(fault) ?? []).length > 0, `${fault} never occurs`);
    });
  }
});

describe('simulated networks where nothing fails', function () {
  this.timeout(300_000);

  for (const mode of ['star', 'clique'] as const) {
    for (const size of [1, 4, 7, 10]) {
      it(`decide every height in its first round: ${size} validators, ${mode}`, async () => {
        const powers = Array.from({ length: size }, () => 10);
        const { outcome, failure } = await run({ ...QUIET, mode, powers });
        assert.equal(failure, undefined, failure?.message);
        assert.equal(outcome!.maxRound, 0);
        assert.ok(outcome!.height > 5, `only ${outcome!.height} heights`);
      });
    }
  }

  it('come to the same result in another thread', async () => {
    const [one, other] = await Promise.all([run(scenarioOf(4)), run(scenarioOf(4))]);
    assert.deepEqual(one.outcome, other.outcome);
  });
});

const REPEATS = 100;

describe('a loss of power', function () {
  this.timeout(900_000);
  const OPERATIONS = 60;

  it(`at each of the first ${OPERATIONS} disk operations, before and after it, is survived`, async () => {
    const pool = new Pool();
    const scenarios = (['before', 'after'] as const).flatMap((when) =>
      Array.from({ length: OPERATIONS }, (_, at): Scenario => {
        const crashAt = { index: 0, operation: at + 1, when };
        return { ...QUIET, chaosMs: 400, heightsAfter: 1, crashAt };
      }),
    );
    const bad: string[] = [];
    let crashes = 0;
    await pool.run(scenarios, ({ crashAt }, { outcome, failure }) => {
      crashes += outcome?.crashes ?? 0;
      if (failure) bad.push(`${crashAt!.when} operation ${crashAt!.operation}: ${failure.message}`);
    });
    await pool.close();
    assert.deepEqual(bad, []);
    assert.equal(crashes, 2 * OPERATIONS);
  });
});

/** How many seeds each planted bug gets. */
const PLANTED: readonly (readonly [plant: string, seeds: number])[] = [
  ['lock-not-checked', 100],
  ['lock-not-updated', 20],
  ['quorum-off-by-one', 40],
  ['vote-not-persisted', 20],
  ['justify-unbound', 200],
];

describe('the simulator', function () {
  this.timeout(1_800_000);

  for (const [plant, seeds] of PLANTED) {
    it(`finds ${plant} in the first ${seeds} seeds`, async () => {
      const result = await campaign({ from: 1, count: seeds, plant, quiet: true, all: true });
      const found = result.failures.map(
        ({ scenario, invariant }) => `${scenario.seed}:${invariant}`,
      );
      console.log(`        ${plant}: in ${found.length} of ${seeds} seeds: ${found.join(' ')}`);
      assert.ok(found.length > 0);
      assert.ok(
        result.failures.every(({ invariant }) => invariant !== 'error'),
        told(result),
      );
    });
  }

  for (const name of readdirSync(KEPT)) {
    it(`finds again what once failed: ${name}`, async () => {
      const { scenario, plant, invariant } = readKept(`${KEPT}${name}`);
      if (plant !== undefined) {
        // Another dice may be needed when the node has changed since.
        const pool = new Pool({ plant });
        const others = Array.from({ length: REPEATS }, (_, at) => scenario.seed + 1_000 * at);
        const found: string[] = [];
        const scenarios = others.map((seed) => ({ ...scenario, seed }));
        await pool.run(scenarios, (_, { failure }) => {
          if (failure) found.push(failure.invariant);
          return found.length === 0;
        });
        await pool.close();
        assert.ok(found.includes(invariant), `${plant} is not found any more`);
      }
      const { failure } = await run(scenario);
      assert.equal(failure, undefined, failure?.message);
    });
  }
});

describe('the command line of the simulator', function () {
  this.timeout(300_000);
  const sim = (...args: string[]) =>
    spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8' });

  it('exits 0 when nothing is violated', () => {
    const { status, stdout } = sim('--seeds', '2', '--from', '5');
    assert.equal(status, 0);
    assert.match(stdout, /2 seeds from 5: .* steps per second of processor time.*, 0 violated/);
  });

  it('exits 1 with the seed, the invariant and the commands that repeat it', () => {
    const { status, stderr } = sim('--seeds', '1', '--from', '7', '--plant', 'vote-not-persisted');
    assert.equal(status, 1);
    assert.match(stderr, /seed 7 violates I4 /);
    assert.match(stderr, /npm run sim -- --seeds 1 --from 7 --plant vote-not-persisted/);
    const file = /--replay (\S+)/.exec(stderr)![1]!;
    const again = sim('--replay', file);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /^I4 /);
  });

  it('exits 2 and lists the bugs when it does not know the one to plant', () => {
    const { status, stderr } = sim('--plant', 'nothing');
    assert.equal(status, 2);
    for (const name of Object.keys(PLANTS)) assert.ok(stderr.includes(name), name);
  });

  it('exits 2 when an argument is no number or unknown', () => {
    assert.equal(sim('--seeds', 'many').status, 2);
    assert.equal(sim('--sedes', '3').status, 2);
  });

  it('explains itself', () => {
    const { status, stdout } = sim('--help');
    assert.equal(status, 0);
    assert.match(stdout, /--seeds N/);
  });
});
