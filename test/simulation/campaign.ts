/** Runs many seeds. The result is the same however many threads share them. */
import type { Fault } from './faults/fault-log.ts';
import { scenarioOf, type Scenario } from './faults/scenario.ts';
import { Pool } from './pool.ts';

export interface CampaignOptions {
  readonly from: number;
  readonly count: number;
  readonly plant?: string | undefined;
  /** Each seed runs until its machines took so many inputs. */
  readonly steps?: number | undefined;
  readonly threads?: number | undefined;
  /** Go on after a failure. */
  readonly all?: boolean;
  readonly quiet?: boolean;
}

export interface Failure {
  readonly scenario: Scenario;
  readonly invariant: string;
  readonly message: string;
  readonly stack: string;
}

export interface CampaignResult {
  readonly seeds: number;
  readonly steps: number;
  readonly heights: number;
  readonly crashes: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** By seed. */
  readonly failures: readonly Failure[];
  /** In which seeds each fault occurred. */
  readonly faults: ReadonlyMap<Fault, readonly number[]>;
}

function* scenarios({ from, count, steps }: CampaignOptions): Iterable<Scenario> {
  for (let seed = from; seed < from + count; seed += 1) {
    const scenario = scenarioOf(seed);
    yield steps === undefined ? scenario : { ...scenario, chaosSteps: steps };
  }
}

export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const pool = new Pool(options);
  const failures: Failure[] = [];
  const faults = new Map<Fault, number[]>();
  const total = { seeds: 0, steps: 0, heights: 0, crashes: 0, cpuMs: 0 };
  const started = performance.now();
  await pool.run(scenarios(options), (scenario, { outcome, failure, cpuMs }) => {
    total.seeds += 1;
    total.cpuMs += cpuMs;
    total.steps += outcome?.steps ?? 0;
    total.heights += outcome?.height ?? 0;
    total.crashes += outcome?.crashes ?? 0;
    for (const fault of Object.keys(outcome?.faults ?? {}) as Fault[]) {
      faults.set(fault, [...(faults.get(fault) ?? []), scenario.seed]);
    }
    if (failure) failures.push({ scenario, ...failure });
    if (options.quiet !== true) progress(total.seeds, options.count, total.steps);
    return failures.length === 0 || options.all === true;
  });
  await pool.close();
  if (options.quiet !== true && process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const wallMs = performance.now() - started;
  failures.sort((a, b) => a.scenario.seed - b.scenario.seed);
  for (const seeds of faults.values()) seeds.sort((a, b) => a - b);
  return { ...total, wallMs, failures, faults };
}

function progress(done: number, of: number, steps: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} seeds, ${steps} steps`);
  else if (done % 100 === 0) process.stderr.write(`${done} of ${of} seeds, ${steps} steps\n`);
}
