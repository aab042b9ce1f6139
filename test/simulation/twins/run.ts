/** Plays Twins scenarios; what it does is in HELP. */
import { readFileSync } from 'node:fs';
import { commandLine } from '../../support/command-line.ts';
import { plant, PLANTS } from '../plants.ts';
import type { Choice } from './generate.ts';
import type { TwinsScenario } from './scenario.ts';

const MODES: readonly string[] = ['mixed', 'guided', 'enumerated', 'random'];

const HELP = `node test/simulation/twins/run.ts [options]

  --count N      how many scenarios (2000)
  --from S       the first one (1)
  --mode NAME    ${MODES.join(', ')} (mixed)
  --plant NAME   plants a bug first: ${Object.keys(PLANTS).join(', ')}
  --all          goes on after a violation and counts them
  --forks        lets everything pass but two decisions and no progress
  --file FILE    plays the scenario of a file
  --print        shows the scenarios as JSON instead of playing them
  --over-fault   plays with one twin more than is allowed and looks for the guilty

Exit code 0: nothing is violated; 1: something is, with the scenario and the command that shows it again; 2 or 64:
not understood.`;

const values = commandLine(HELP, {
  count: { type: 'string', default: '2000' },
  from: { type: 'string', default: '1' },
  mode: { type: 'string', default: 'mixed' },
  plant: { type: 'string' },
  all: { type: 'boolean', default: false },
  forks: { type: 'boolean', default: false },
  file: { type: 'string' },
  print: { type: 'boolean', default: false },
  'over-fault': { type: 'boolean', default: false },
});

const MOST_SHOWN = 3;

async function main(): Promise<number> {
  const { count: countText, from: fromText, mode, plant: name } = values;
  const [count, from] = [Number(countText), Number(fromText)];
  const isKnown = MODES.includes(mode) && (name === undefined || name in PLANTS);
  if (!isKnown || !(count > 0) || !(from >= 0)) {
    console.error(`--mode: ${MODES.join(' ')}; --plant: ${Object.keys(PLANTS).join(' ')}`);
    return 2;
  }
  if (name !== undefined) plant(name);
  const { all, forks: isLenient, file } = values;
  const campaign = { count, from, mode: mode as Choice, stopEarly: !all, isLenient };
  if (file !== undefined) return playFile(file, isLenient);
  if (values['over-fault']) return blame(campaign);
  return values.print ? print(campaign) : play(campaign, name);
}

type Campaign = {
  count: number;
  from: number;
  mode: Choice;
  stopEarly: boolean;
  isLenient: boolean;
};

async function play(campaign: Campaign, name: string | undefined): Promise<number> {
  // Only now: what is planted must be there before the machine is loaded.
  const { runTwins } = await import('./run-twins.ts');
  const start = performance.now();
  const { scenarios, violations, decided, evidence, steps } = runTwins(campaign, name);
  const seconds = (performance.now() - start) / 1000;
  const perSecond = Math.round(steps / seconds);
  const { shrink } = await import('./shrink.ts');
  for (const { rule, detail, scenario, replay } of violations.slice(0, MOST_SHOWN)) {
    const small = shrink(scenario, rule, campaign.isLenient);
    console.error(`violated: ${rule}: ${detail}\n${JSON.stringify(small)}\nrepeat: ${replay}`);
  }
  console.log(
    `${scenarios} scenarios, ${violations.length} with violations, ${decided} decided under the ` +
      `script, ${evidence} with evidence; ${steps} steps in ${seconds.toFixed(1)} s, ` +
      `${perSecond} a second`,
  );
  return violations.length > 0 ? 1 : 0;
}

async function playFile(file: string, isLenient: boolean): Promise<number> {
  const { judge } = await import('./run-twins.ts');
  const scenario = JSON.parse(readFileSync(file, 'utf8')) as TwinsScenario;
  const { violation, lastRound } = judge(scenario, isLenient);
  if (violation) console.error(`violated: ${violation.rule}: ${violation.detail}`);
  else console.log(`nothing violated; decided in round ${lastRound}`);
  return violation ? 1 : 0;
}

async function print({ count, from, mode }: Campaign): Promise<number> {
  const { scenarioAt } = await import('./generate.ts');
  for (let index = from; index < from + count; index += 1) {
    console.log(JSON.stringify(scenarioAt(index, mode)));
  }
  return 0;
}

async function blame(campaign: Campaign): Promise<number> {
  const { runOverFault } = await import('./over-fault.ts');
  const { runs, forks, byDoubleVotes, problems } = runOverFault(campaign);
  for (const problem of problems.slice(0, MOST_SHOWN)) console.error(problem);
  console.log(
    `${runs} runs, ${forks} forks, ${byDoubleVotes} of them proved by double votes alone, ` +
      `${problems.length} problems`,
  );
  return problems.length > 0 ? 1 : 0;
}

process.exitCode = await main();
