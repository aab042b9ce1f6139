/** A bounded number of scenarios; for more: `node test/simulation/twins/run.ts --count 100000`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choicesOf, countOf, enumerated } from './enumerated.ts';
import { KINDS, scenarioAt } from './generate.ts';
import { runTwins } from './run-twins.ts';
import {
  everybody,
  isQuorumOf,
  processesOf,
  throughout,
  towards,
  within,
  type ScriptedRound,
  type TwinsScenario,
} from './scenario.ts';
import { play } from './stage.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const FIRST = 1;
const COUNT = 2_000;

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [RUN, ...args], { encoding: 'utf8' });

function scripted(rounds: ScriptedRound[], changes: Partial<TwinsScenario> = {}): TwinsScenario {
  return { name: 'by hand', mode: 'star', validators: 4, twins: 1, rounds, ...changes };
}

describe('twins', function () {
  this.timeout(600_000);

  it(`break no rule in ${COUNT} scenarios from ${FIRST}, and decide, and are found out`, () => {
    const report = runTwins({ count: COUNT, from: FIRST });
    const [worst] = report.violations;
    assert.equal(worst, undefined, `${worst?.rule}: ${worst?.detail}\nrepeat: ${worst?.replay}`);
    assert.equal(report.scenarios, COUNT);
    assert.ok(report.decided > COUNT / 3, `${report.decided} decided under the script`);
    assert.ok(report.evidence > COUNT / 10, `evidence in ${report.evidence}`);
  });

  it('the same number is the same scenario, plain JSON, with the same outcome', () => {
    for (let index = 0; index < 60; index += 1) {
      const scenario = scenarioAt(index);
      assert.deepEqual(scenarioAt(index), scenario);
      const copy = JSON.parse(JSON.stringify(scenario)) as TwinsScenario;
      assert.deepEqual(copy, scenario);
      assert.deepEqual(play(copy), play(scenario));
    }
  });

  it('come in all kinds, modes and sizes, with at most f twins', () => {
    const seen = new Set<string>();
    for (let index = 0; index < 60; index += 1) {
      const { mode, validators, twins, rounds } = scenarioAt(index);
      assert.ok(twins * 3 < validators);
      assert.ok(rounds.length >= 1);
      seen.add(`${KINDS[index % KINDS.length]} ${mode} ${validators}`);
    }
    // Seven validators have too many splits to enumerate.
    assert.equal(seen.size, KINDS.length * 4 - 2);
  });

  for (const mode of ['star', 'clique'] as const) {
    it(`decide in round 0 if nobody is cut off and an honest validator leads (${mode})`, () => {
      const calm = scripted([throughout(1, everybody(5))], { mode });
      const { violation, lastRound, accused } = play(calm);
      assert.deepEqual([violation, lastRound, accused], [undefined, 0, 0]);
    });

    it(`find a twin out that votes for two blocks in honest hearing (${mode})`, () => {
      // Each copy leads a world; process 1 hears the votes of both.
      const split = within(5, [
        [0, 1],
        [2, 3, 4],
      ]);
      const { hears } = throughout(0, split);
      const prevote = mode === 'star' ? hears.prevote : everybody(5);
      const precommit = towards(5, [4], [1, 2, 3]);
      const round = { leader: 0, hears: { ...hears, prevote, precommit, end: everybody(5) } };
      assert.equal(play(scripted([round], { mode })).accused, 1);
    });

    it(`wait while nobody has a quorum, and decide after healing (${mode})`, () => {
      const apart = throughout(1, within(5, [[0, 1], [2, 3], [4]]));
      const { violation, decidedEarly, lastRound } = play(scripted([apart, apart], { mode }));
      assert.equal(violation, undefined);
      assert.equal(decidedEarly, 0);
      assert.ok(lastRound >= 0);
    });
  }
});

describe('twins, enumerated', () => {
  const shape = { mode: 'star', validators: 4, twins: 1 } as const;

  it('have a quorum in each round, and each round once', () => {
    const { first, later } = choicesOf(shape);
    assert.equal(new Set(later.map((round) => JSON.stringify(round))).size, later.length);
    for (const { hears } of later) {
      const groups = hears.propose.map((mask) =>
        everybody(processesOf(shape)).flatMap((_, process) =>
          mask & (1 << process) ? [process] : [],
        ),
      );
      assert.ok(groups.some((group) => isQuorumOf(shape, group)));
    }
    // Renaming 3 honest validators and a pair of twins: up to 12 names for one scenario.
    assert.ok(first.length >= later.length / 12 && first.length < later.length / 4);
  });

  it('go through all of a length before longer ones, with long ones in between', () => {
    const one = countOf(shape, 1);
    const some = Array.from({ length: 4 * one }, (_, index) => enumerated(shape, index).rounds);
    assert.equal(new Set(some.map((rounds) => JSON.stringify(rounds))).size, some.length);
    const inTurn = some.filter((_, index) => index % 4 !== 3).map(({ length }) => length);
    assert.deepEqual(inTurn, [...Array(one).fill(1), ...Array(2 * one).fill(2)]);
    const between = some.filter((_, index) => index % 4 === 3).map(({ length }) => length);
    assert.deepEqual([...new Set(between)], [3, 4, 5, 6, 7, 8]);
  });
});

describe('the twins program', function () {
  this.timeout(600_000);

  /** Guided scenarios: the first, how many, in how many of them at least the bug is found, by which rule. */
  const PLANTED: [string, readonly [number, number], number, RegExp][] = [
    ['lock-not-checked', [1, 300], 20, /agreement|nobody honest is to blame/],
    ['lock-not-updated', [1, 50], 40, /locked before precommit/],
    ['quorum-off-by-one', [1, 50], 40, /a certificate has more than 2\/3/],
    ['vote-not-persisted', [1, 50], 50, /durable before signed/],
    ['justify-unbound', [1, 700], 2, /agreement|nobody honest is to blame/],
    ['lock-off-by-one', [1, 900], 2, /agreement|nobody honest is to blame/],
  ];
  const guided = (from: number, count: number): string[] => [
    '--mode',
    'guided',
    '--from',
    String(from),
    '--count',
    String(count),
  ];
  for (const [name, [from, count], least, rule] of PLANTED) {
    it(`finds the planted bug ${name} in ${least} of ${count} guided scenarios or more`, () => {
      const words = [...guided(from, count), '--plant', name, '--all'];
      const { status, stdout, stderr } = run(...words);
      assert.equal(status, 1, stderr);
      assert.match(stderr, rule);
      const found = Number(/(\d+) with violations/.exec(stdout)?.[1]);
      assert.ok(found >= least, stdout);
      const [command = ''] = /(?<=repeat: node \S+ ).*/.exec(stderr) ?? [];
      const again = run(...command.split(' '));
      assert.equal(again.status, 1, `${command}: ${again.stdout}`);
    });
  }

  /** Where to look, so as not to look long; `--forks` lets every other rule be broken. */
  const FORKS: [string, number, number][] = [
    ['lock-not-checked', 710, 30],
    ['lock-not-updated', 30, 30],
    ['quorum-off-by-one', 230, 30],
    ['justify-unbound', 5_900, 30],
    ['lock-off-by-one', 14_960, 30],
  ];
  for (const [name, from, count] of FORKS) {
    it(`makes the planted bug ${name} decide two blocks`, () => {
      const { status, stdout, stderr } = run(...guided(from, count), '--forks', '--plant', name);
      assert.equal(status, 1, stdout);
      assert.match(stderr, /violated: agreement/);
    });
  }

  it('says 0 if nothing is violated, 2 if it does not understand, and plays a file', () => {
    assert.equal(run('--count', '20').status, 0);
    for (const words of [
      ['--plant', 'nothing'],
      ['--mode', 'wild'],
      ['--count', 'x'],
    ]) {
      assert.equal(run(...words).status, 2);
    }
    const folder = mkdtempSync(join(tmpdir(), 'twins-'));
    try {
      const file = join(folder, 'scenario.json');
      writeFileSync(file, run('--count', '1', '--from', '7', '--print').stdout);
      const { status, stdout } = run('--file', file);
      assert.equal(status, 0);
      assert.match(stdout, /nothing violated; decided in round \d+/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
