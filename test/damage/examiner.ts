/** The parent's side of examine.ts. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answers } from './answers.ts';

const PROGRAM = fileURLToPath(new URL('examine.ts', import.meta.url));

export interface Examination {
  readonly folder: string;
  /** Ask about blocks up to this height. */
  readonly last: number;
  /** The node must come to this height. */
  readonly atLeast: number;
  readonly timeoutMs: number;
  /** Tell the hashes of these blocks. */
  readonly hashesOf?: readonly number[];
}

export type Outcome =
  | {
      readonly type: 'started' | 'stuck';
      readonly answers: Answers;
      /** What was decided at the height after the last one that was asked about. */
      readonly hashes?: Readonly<Record<number, string>>;
      readonly next?: { readonly round: number; readonly hash: string };
    }
  | { readonly type: 'refused'; readonly message: string; readonly exitCode?: number }
  /** The process ended by itself: LevelDB does that. */
  | { readonly type: 'died'; readonly how: string };

export class Examiner {
  #child: ChildProcess | undefined;

  async examine(examination: Examination): Promise<Outcome> {
    this.#child ??= fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const child = this.#child;
    return new Promise<Outcome>((resolve) => {
      const onExit = (code: number | null, signal: string | null): void => {
        this.#child = undefined;
        resolve({ type: 'died', how: signal ?? `code ${code}` });
      };
      child.once('exit', onExit);
      child.once('message', (outcome: Outcome) => {
        child.off('exit', onExit);
        resolve(outcome);
      });
      child.send(examination);
    });
  }

  stop(): void {
    this.#child?.disconnect();
  }
}
