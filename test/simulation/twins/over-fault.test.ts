/** One twin too many. For more: `node test/simulation/twins/run.ts --over-fault --count 200`. */
import assert from 'node:assert/strict';
import { overFault, runOverFault } from './over-fault.ts';
import { everybody, throughout, towards, within, type TwinsScenario } from './scenario.ts';

const FIRST = 61;
const RUNS = 60;

describe('more twins than a third', function () {
  this.timeout(300_000);

  it(`forks happen, and never without the guilty of a third: ${RUNS} runs from ${FIRST}`, () => {
    const { runs, forks, problems } = runOverFault({ count: RUNS, from: FIRST, mode: 'guided' });
    assert.deepEqual(problems, []);
    assert.equal(runs, RUNS);
    assert.ok(forks >= 5, `only ${forks} forks: little was checked`);
  });

  const shape = { mode: 'clique', validators: 4, twins: 2 } as const;

  it('two worlds at once: the double votes of both twins prove it', () => {
    const worlds = within(6, [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    // Seen by both: in the end everybody hears everybody.
    const scenario: TwinsScenario = {
      ...shape,
      name: 'two worlds',
      rounds: [throughout(0, worlds)],
    };
    const { forked, doubleVoters, problem } = overFault(scenario);
    assert.deepEqual([forked, doubleVoters, problem], [true, 2, undefined]);
  });

  it('one world after the other: no double vote is seen, the broken locks prove it', () => {
    const small = within(6, [[0, 1, 2]]);
    const rest = towards(6, [0, 1], [3, 4, 5]);
    const scenario: TwinsScenario = {
      ...shape,
      name: 'amnesia',
      rounds: [
        {
          leader: 0,
          hears: {
            propose: small,
            prevote: small,
            certify: small,
            precommit: small.map((mask, process) => mask | rest[process]!),
            end: towards(6, [3], [3, 4, 5]),
          },
        },
        throughout(3, within(6, [[3, 4, 5]])),
      ],
    };
    const { forked, doubleVoters, culprits, problem } = overFault(scenario);
    assert.deepEqual([forked, doubleVoters, culprits, problem], [true, 0, 2, undefined]);
  });

  it('a calm network decides, and nobody is to blame', () => {
    const rounds = [throughout(3, everybody(6))];
    const { forked, culprits, problem } = overFault({ ...shape, name: 'calm', rounds });
    assert.deepEqual([forked, culprits, problem], [false, 0, undefined]);
  });
});
