/** Many scenarios in a row. */
import { Transcript } from './accountability.ts';
import type { Violation } from './checks.ts';
import { scenarioAt, type Choice } from './generate.ts';
import type { TwinsScenario } from './scenario.ts';
import { play } from './stage.ts';

export interface TwinsCampaign {
  readonly count: number;
  /** Number of the first scenario; 1 by default. */
  readonly from?: number;
  readonly mode?: Choice;
  /** Ends at the first violation. */
  readonly stopEarly?: boolean;
  /** Only agreement and progress are asked for. */
  readonly isLenient?: boolean;
}

export interface TwinsFailure extends Violation {
  readonly scenario: TwinsScenario;
  /** The command that shows it again. */
  readonly replay: string;
}

export interface TwinsReport {
  readonly scenarios: number;
  readonly violations: readonly TwinsFailure[];
  /** Scenarios in which somebody honest decided while the script went on. */
  readonly decided: number;
  /** Scenarios in which a twin was accused. */
  readonly evidence: number;
  /** Inputs taken by machines. */
  readonly steps: number;
}

const MAX_VIOLATIONS = 1_000;

/** Plays a scenario; honest processes may be blamed for nothing by what they saw. */
export function judge(scenario: TwinsScenario, isLenient = false): ReturnType<typeof play> {
  if (isLenient) return play(scenario, { isLenient });
  const transcript = new Transcript(scenario.validators);
  const outcome = play(scenario, { witness: (_, message) => transcript.add(message) });
  const innocent = [...transcript.culprits().all].filter((one) => one >= scenario.twins);
  if (innocent.length === 0 || outcome.violation) return outcome;
  const detail = `validators ${innocent.join(', ')}`;
  return { ...outcome, violation: { rule: 'nobody honest is to blame', detail } };
}

export function runTwins(campaign: TwinsCampaign, plant?: string): TwinsReport {
  const { count, from = 1, mode = 'mixed', stopEarly = false, isLenient = false } = campaign;
  const violations: TwinsFailure[] = [];
  let [scenarios, decided, evidence, steps] = [0, 0, 0, 0];
  for (let index = from; index < from + count; index += 1) {
    const scenario = scenarioAt(index, mode);
    const outcome = judge(scenario, isLenient);
    scenarios += 1;
    steps += outcome.steps;
    if (outcome.decidedEarly > 0) decided += 1;
    if (outcome.accused > 0) evidence += 1;
    if (outcome.violation) {
      const planted = plant === undefined ? '' : ` --plant ${plant}`;
      const replay =
        `node test/simulation/twins/run.ts --count 1 --from ${index} --mode ${mode}` + planted;
      violations.push({ ...outcome.violation, scenario, replay });
      if (stopEarly || violations.length >= MAX_VIOLATIONS) break;
    }
  }
  return { scenarios, violations, decided, evidence, steps };
}
