/**
 * One twin too many: agreement is lost now and then, and must never be lost in silence. Whenever two honest
 * processes decide differently, what honest processes saw names the guilty of at least 1/3 of the power.
 */
import { Transcript } from './accountability.ts';
import { scenarioAt, type Choice } from './generate.ts';
import type { TwinsScenario } from './scenario.ts';
import { play } from './stage.ts';

export interface OverFaultRun {
  readonly forked: boolean;
  readonly doubleVoters: number;
  readonly culprits: number;
  /** Why this run is not as it must be. */
  readonly problem: string | undefined;
}

export interface OverFaultReport {
  readonly runs: number;
  readonly forks: number;
  /** Forks in which double votes alone name 1/3. */
  readonly byDoubleVotes: number;
  readonly problems: readonly string[];
}

export function overFault(scenario: TwinsScenario): OverFaultRun {
  const transcript = new Transcript(scenario.validators);
  const witness = (_: number, message: Parameters<Transcript['add']>[0]): void =>
    transcript.add(message);
  const { forked, violation } = play(scenario, { promises: false, witness });
  const { doubleVoters, all } = transcript.culprits();
  const innocent = [...all].filter((one) => one >= scenario.twins);
  let problem: string | undefined;
  if (violation) problem = violation.detail;
  else if (innocent.length > 0) problem = `honest validators are blamed: ${innocent.join(', ')}`;
  else if (forked && all.size * 3 < scenario.validators) problem = `a fork nobody is guilty of`;
  return { forked, doubleVoters: doubleVoters.size, culprits: all.size, problem };
}

/** Runs number `from` and on: 4 validators with 2 twins, 7 with 3. */
export function runOverFault(campaign: {
  readonly count: number;
  readonly from?: number;
  readonly mode?: Choice;
}): OverFaultReport {
  const { count, from = 1, mode = 'mixed' } = campaign;
  const problems: string[] = [];
  let [forks, byDoubleVotes] = [0, 0];
  for (let index = from; index < from + count; index += 1) {
    const scenario = scenarioAt(index, mode, 1);
    const { forked, doubleVoters, problem } = overFault(scenario);
    if (forked) forks += 1;
    if (forked && doubleVoters * 3 >= scenario.validators) byDoubleVotes += 1;
    if (problem !== undefined) problems.push(`${mode} ${index}: ${problem}`);
  }
  return { runs: count, forks, byDoubleVotes, problems };
}
