/** Builds the circuit and the development key, telling how far it is; a second time it is there at once. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { VerifyingKey } from '../../rollup/groth16.ts';
import { signalGroup } from './process-group.ts';
import type { Progress } from './progress.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAX_ERROR_TEXT = 2_000;

export interface CircuitShape {
  readonly depth: number;
  readonly slots: number;
  readonly quotes: number;
  readonly feeTokens: number;
}

export interface BuiltCircuit {
  readonly profile: string;
  readonly folder: string;
  readonly shape: CircuitShape;
  readonly vkey: VerifyingKey;
}

/** Rejects when the tool fails or the signal fires; then neither processes nor half-made files remain. */
export async function buildCircuit(
  profile: string,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<BuiltCircuit> {
  signal.throwIfAborted();
  const folder = join(ROOT, '.cache', 'circuits', profile);
  const tool = join(ROOT, 'circuits', 'tools', 'build.js');
  const child = spawn(process.execPath, [tool, '--profile', profile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stop = (): void => signalGroup(child.pid ?? 0, 'SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    await follow(child, report);
  } finally {
    signal.removeEventListener('abort', stop);
    removeUnfinished(folder, child.pid);
  }
  const vkey = JSON.parse(readFileSync(join(folder, 'vkey.json'), 'utf8')) as VerifyingKey;
  return { profile, folder, shape: shapeOf(profile), vkey };
}

/** Resolves when the tool ends well. */
function follow(
  child: ChildProcessByStdio<null, Readable, Readable>,
  report: (progress: Progress) => void,
): Promise<void> {
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-MAX_ERROR_TEXT);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const progress = parse(line);
    if (progress) report(progress);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`building the circuit failed: ${errors.trim()}`));
    });
  });
}

/** The tool writes under names that end in its process id until a file is complete. */
function removeUnfinished(folder: string, pid: number | undefined): void {
  if (pid === undefined || !existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.endsWith(`-${pid}`) || name.endsWith(`.${pid}`)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** The shape of a circuit for a network that proves nothing. */
export function unbuiltCircuit(profile: string): BuiltCircuit {
  const vkey = {} as VerifyingKey;
  return { profile, folder: '', shape: shapeOf(profile), vkey };
}

function parse(line: string): Progress | undefined {
  try {
    return JSON.parse(line) as Progress;
  } catch {
    return undefined;
  }
}

function shapeOf(profile: string): CircuitShape {
  const text = readFileSync(join(ROOT, 'circuits', 'profiles.json'), 'utf8');
  const shape = (JSON.parse(text) as Record<string, CircuitShape>)[profile];
  if (!shape) throw new Error(`no circuit profile ${profile}`);
  return shape;
}
