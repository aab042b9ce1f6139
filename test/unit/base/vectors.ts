/** Reading test/vectors. */
import { readFileSync } from 'node:fs';

export function readVectors<T>(path: string): T {
  const url = new URL(`../../vectors/${path}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

export interface Group {
  readonly op: string;
  readonly cases: readonly unknown[][];
}

/** The cases of one operation of a file of sdk-math. */
export function sdkMathCases(file: 'dec' | 'int' | 'coins', op: string): readonly unknown[][] {
  const { groups } = readVectors<{ groups: Group[] }>(`sdk-math/${file}.json`);
  const group = groups.find((candidate) => candidate.op === op);
  if (group === undefined) throw new Error(`no vectors for ${op}`);
  return group.cases;
}

/** True for a recorded panic or error. */
export function isFailure(expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return false;
  return 'panic' in expected || 'error' in expected;
}
