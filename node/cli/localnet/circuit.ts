/** Builds the circuit and the development key, telling how far it is; a second time it is there at once. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { VerifyingKey } from '../../rollup/groth16.ts';

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

interface Progress {
  readonly step: string;
  /** 0 to 1. */
  readonly share: number;
  readonly text?: string;
}

export async function buildCircuit(
  profile: string,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<BuiltCircuit> {
  const tool = join(ROOT, 'circuits', 'tools', 'build.js');
  const child = spawn(process.execPath, [tool, '--profile', profile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-MAX_ERROR_TEXT);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const progress = parse(line);
    if (progress) report(progress);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`building the circuit failed: ${errors.trim()}`);
  const folder = join(ROOT, '.cache', 'circuits', profile);
  const vkey = JSON.parse(readFileSync(join(folder, 'vkey.json'), 'utf8')) as VerifyingKey;
  return { profile, folder, shape: shapeOf(profile), vkey };
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
