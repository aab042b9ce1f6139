/** What must hold after a crash, whatever it hit. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Examiner, Outcome } from '../damage/examiner.ts';
import type { Traced } from './strace.ts';

const TIMEOUT_MS = 20_000;

export interface Recovered {
  readonly height: number;
}

/**
 * Starts the node again from what is on disk: every block that RPC had shown is still there, nothing is signed
 * that contradicts what was signed before, and the chain goes on.
 */
export async function requireRecovery(
  examiner: Examiner,
  folder: string,
  { acknowledged, signed }: Pick<Traced, 'acknowledged' | 'signed'>,
): Promise<Recovered> {
  const shown = Math.max(0, ...acknowledged.keys());
  const outcome = await examiner.examine({
    folder,
    last: 0,
    atLeast: shown + 2,
    timeoutMs: TIMEOUT_MS,
    hashesOf: [...acknowledged.keys()],
  });
  assert.equal(outcome.type, 'started', told(outcome));
  assert.ok(outcome.type === 'started');
  for (const [height, hash] of acknowledged) {
    assert.equal(
      outcome.hashes?.[height]?.toUpperCase(),
      hash,
      `block ${height} was lost or changed`,
    );
  }
  requireNoContradiction(folder, signed);
  return { height: outcome.answers.height };
}

function told(outcome: Outcome): string {
  return outcome.type === 'refused' ? outcome.message : JSON.stringify(outcome);
}

export function requireNoContradiction(folder: string, before: Traced['signed']): void {
  const all = new Map([...before].map(([place, values]) => [place, new Set(values)]));
  for (const [place, bytes] of loggedSignatures(folder)) {
    all.set(place, (all.get(place) ?? new Set<string>()).add(bytes));
  }
  for (const [place, values] of all) assert.equal(values.size, 1, `two signatures at ${place}`);
}

function loggedSignatures(folder: string): [string, string][] {
  const log = join(folder, 'signed.log');
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ') as [string, string]);
}
