/** The command line of the simulator; what it says is in HELP. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { campaign, type CampaignResult, type Failure } from './campaign.ts';
import { FAULTS } from './faults/fault-log.ts';
import { readKept, writeKept } from './kept.ts';
import { PLANTS } from './plants.ts';
import { Pool } from './pool.ts';
import { shrink } from './shrink.ts';
import { runTwins } from './twins/run-twins.ts';

const HELP = `npm run sim -- [options]

  --seeds N      how many seeds (300)
  --from S       the first one (1)
  --plant NAME   plants a bug first: ${Object.keys(PLANTS).join(', ')}
  --steps N      each seed runs until its machines took N inputs, instead of its own length
  --faults       shows in how many seeds each fault occurred, and in which first
  --all          counts the seeds that fail instead of ending at the first
  --replay FILE  runs the scenario of a file
  --keep FOLDER  where a failing scenario is written, made as small as it goes
  --threads N    (one per processor)
  --twins N      runs N twins scenarios as well

Exit code 0: nothing is violated; 1: something is; 2: the command line is wrong.
`;

const OPTIONS = {
  seeds: { type: 'string', default: '300' },
  from: { type: 'string', default: '1' },
  plant: { type: 'string' },
  steps: { type: 'string' },
  all: { type: 'boolean', default: false },
  faults: { type: 'boolean', default: false },
  replay: { type: 'string' },
  keep: { type: 'string', default: join(tmpdir(), 'bitscale-simulator') },
  threads: { type: 'string' },
  twins: { type: 'string', default: '0' },
  help: { type: 'boolean', default: false },
} as const;

function refuse(why: string): never {
  console.error(`${why}\n\n${HELP}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value)
    ? value
    : refuse(`--${name} takes a number`);
}

const values = readArguments();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const { plant } = values;
if (plant !== undefined && !(plant in PLANTS)) {
  refuse(`no bug ${plant}; there are: ${Object.keys(PLANTS).join(', ')}`);
}
const steps = values.steps === undefined ? undefined : number('steps', values.steps);
const threads = values.threads === undefined ? undefined : number('threads', values.threads);

/** Makes the failing scenario smaller and keeps it in a file. */
async function keep({ scenario, invariant, message }: Failure, by?: string): Promise<string> {
  const pool = new Pool({ plant: by, threads: 1 });
  const small = await shrink(scenario, async (one) => {
    return (await pool.one(one)).failure?.invariant === invariant;
  });
  const last = (await pool.one(small)).failure?.message ?? message;
  await pool.close();
  const name = [by, `seed-${scenario.seed}.json`].filter((one) => one !== undefined).join('-');
  const path = join(values.keep, name);
  writeKept(path, { plant: by, invariant, message: last, scenario: small });
  return path;
}

async function report(failure: Failure): Promise<void> {
  const planted = plant === undefined ? '' : ` --plant ${plant}`;
  const long = steps === undefined ? '' : ` --steps ${steps}`;
  console.error(`seed ${failure.scenario.seed} violates ${failure.message}`);
  if (failure.invariant === 'error') console.error(failure.stack);
  console.error(
    `repeat: npm run sim -- --seeds 1 --from ${failure.scenario.seed}${planted}${long}`,
  );
  const path = await keep(failure, plant);
  console.error(`made smaller: npm run sim -- --replay ${path}`);
}

async function replay(path: string): Promise<number> {
  const kept = readKept(path);
  const pool = new Pool({ plant: kept.plant, threads: 1 });
  const { failure, outcome } = await pool.one(kept.scenario);
  await pool.close();
  if (failure) console.error(`${failure.message}\n${failure.stack}`);
  else console.log(`nothing is violated: ${JSON.stringify(outcome)}`);
  return failure ? 1 : 0;
}

function showFaults({ faults }: CampaignResult): void {
  for (const fault of FAULTS) {
    const found = faults.get(fault) ?? [];
    console.log(`${fault}: in ${found.length} seeds, first ${found.slice(0, 3).join(', ')}`);
  }
}

async function seeds(): Promise<number> {
  const [from, count] = [number('from', values.from), number('seeds', values.seeds)];
  const result = await campaign({ from, count, plant, steps, threads, all: values.all });
  const [first] = result.failures;
  const { cpuMs, wallMs } = result;
  const speed = Math.round((result.steps / Math.max(1, cpuMs)) * 1000);
  console.log(
    `${result.seeds} seeds from ${from}: ${result.heights} heights, ${result.steps} steps in ` +
      `${(wallMs / 1000).toFixed(1)} s (${speed} steps per second of processor time), ` +
      `${result.failures.length} violated`,
  );
  if (values.faults) showFaults(result);
  if (!first) return 0;
  for (const { scenario, message } of values.all ? result.failures : []) {
    console.error(`seed ${scenario.seed}: ${message}`);
  }
  await report(first);
  return 1;
}

/** Scenarios of twins.ts are made for the machine alone, so they need no simulated hosts. */
function twins(count: number): number {
  const { violations, scenarios } = runTwins({ count, stopEarly: true });
  for (const { rule, detail, replay: again } of violations) {
    console.error(`twins violate ${rule}: ${detail}\nrepeat: ${again}`);
  }
  console.log(`${scenarios} twins scenarios, ${violations.length} violated`);
  return violations.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  if (values.replay !== undefined) return replay(values.replay);
  const code = await seeds();
  const count = number('twins', values.twins);
  return count === 0 ? code : Math.max(code, twins(count));
}

process.exitCode = await main();
