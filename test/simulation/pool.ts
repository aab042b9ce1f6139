/** Shares scenarios out among threads. What comes back does not depend on how many there are. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Scenario } from './faults/scenario.ts';
import type { Job, Result } from './worker.ts';

export type { Result } from './worker.ts';

const MOST_THREADS = 8;

export interface PoolOptions {
  readonly plant?: string | undefined;
  readonly threads?: number | undefined;
}

interface Thread {
  readonly worker: Worker;
  reply: ((result: Result) => void) | undefined;
  fail: ((error: Error) => void) | undefined;
}

export class Pool {
  readonly #threads: Thread[] = [];

  constructor({ plant, threads }: PoolOptions = {}) {
    const count = threads ?? Math.min(MOST_THREADS, availableParallelism());
    for (let i = 0; i < count; i += 1) this.#threads.push(startThread(plant));
  }

  /** Results in the order in which they are ready; ends early when `onResult` says false. */
  async run(
    scenarios: Iterable<Scenario>,
    onResult: (scenario: Scenario, result: Result) => boolean | void,
  ): Promise<void> {
    const source = scenarios[Symbol.iterator]();
    let isOver = false;
    let id = 0;
    const serve = async (thread: Thread): Promise<void> => {
      for (;;) {
        const next = isOver ? undefined : source.next();
        if (next === undefined || next.done === true) return;
        const result = await ask(thread, { id: (id += 1), scenario: next.value });
        if (onResult(next.value, result) === false) isOver = true;
      }
    };
    await Promise.all(this.#threads.map(serve));
  }

  async one(scenario: Scenario): Promise<Result> {
    return ask(this.#threads[0]!, { id: 0, scenario });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }
}

function startThread(plant: string | undefined): Thread {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { plant } });
  const thread: Thread = { worker, reply: undefined, fail: undefined };
  worker.on('message', (result: Result) => thread.reply?.(result));
  worker.on('error', (error) => thread.fail?.(error as Error));
  return thread;
}

function ask(thread: Thread, job: Job): Promise<Result> {
  return new Promise((resolve, reject) => {
    thread.reply = resolve;
    thread.fail = reject;
    thread.worker.postMessage(job);
  });
}
