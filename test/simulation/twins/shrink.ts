/** Makes a scenario that breaks a rule simpler, as long as it breaks the same rule. */
import {
  PHASES,
  everybody,
  processesOf,
  type ScriptedRound,
  type TwinsScenario,
} from './scenario.ts';
import { judge } from './run-twins.ts';

function* simpler(scenario: TwinsScenario): Generator<TwinsScenario> {
  const { rounds } = scenario;
  const all = everybody(processesOf(scenario));
  const withRound = (at: number, round: ScriptedRound): TwinsScenario => ({
    ...scenario,
    rounds: rounds.with(at, round),
  });
  for (const at of rounds.keys()) yield { ...scenario, rounds: rounds.toSpliced(at, 1) };
  for (const [at, round] of rounds.entries()) {
    for (const phase of PHASES) {
      if (round.hears[phase].every((mask, process) => mask === all[process])) continue;
      yield withRound(at, { ...round, hears: { ...round.hears, [phase]: all } });
    }
  }
  if (scenario.lies) yield { ...scenario, lies: false };
}

/** Gives up after so many tries. */
const MAX_TRIES = 2_000;

export function shrink(scenario: TwinsScenario, rule: string, isLenient = false): TwinsScenario {
  let smallest = scenario;
  let tries = 0;
  const find = (): TwinsScenario | undefined => {
    for (const candidate of simpler(smallest)) {
      tries += 1;
      if (tries > MAX_TRIES) return undefined;
      if (judge(candidate, isLenient).violation?.rule === rule) return candidate;
    }
    return undefined;
  };
  for (let next = find(); next !== undefined; next = find()) smallest = next;
  return { ...smallest, name: `${scenario.name}, made smaller` };
}
