/** A thread of the campaign: runs one scenario after the other on simulated hosts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Scenario } from './faults/scenario.ts';
import { installHost } from './kernel/hooks.ts';
import type { Outcome } from './simulation.ts';

export interface Job {
  readonly id: number;
  readonly scenario: Scenario;
}

export interface Result {
  readonly id: number;
  readonly outcome?: Outcome;
  /** What was broken; the invariant by its id, or `error` for a failure of the program. */
  readonly failure?: {
    readonly invariant: string;
    readonly message: string;
    readonly stack: string;
  };
  readonly cpuMs: number;
}

const draw = { next: (): number => 0 };
installHost(() => draw.next());
const { plant } = workerData as { plant?: string };
if (plant !== undefined) (await import('./plants.ts')).plant(plant);
const { dice, runScenario } = await import('./simulation.ts');
draw.next = () => dice.draw();

async function work({ id, scenario }: Job): Promise<Result> {
  const before = process.threadCpuUsage();
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  try {
    return { id, outcome: await runScenario(scenario), cpuMs: cpuMs() };
  } catch (error) {
    const { message, stack = '', invariant = 'error' } = error as Error & { invariant?: string };
    return { id, failure: { invariant, message, stack }, cpuMs: cpuMs() };
  }
}

// Errors of a run that nobody awaits belong to that run.
parentPort!.on('message', (job: Job) => {
  void work(job).then((result) => parentPort!.postMessage(result));
});
