/** The program as people run it: a process of its own, with standard input from a pipe. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Surroundings {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const LAUNCH = fileURLToPath(new URL('../../node/cli/launch.js', import.meta.url));

export function runProgram(
  args: readonly string[],
  { input = '', environment = {} }: Surroundings = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [LAUNCH, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // A program that asks nothing may be gone before it was told anything.
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.trimEnd(), errors }));
  });
}
