/** Scenarios in files: those that failed once are run again by the tests. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Scenario } from './faults/scenario.ts';

export interface Kept {
  /** A bug that has to be planted for the failure; none for a failure of the node itself. */
  readonly plant?: string | undefined;
  /** What was broken when it was kept: an invariant's id. */
  readonly invariant: string;
  readonly message: string;
  readonly scenario: Scenario;
}

export function readKept(path: string): Kept {
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
  if (!Array.isArray(kept.scenario?.powers)) throw new RangeError(`${path} is not a scenario`);
  return kept;
}

export function writeKept(path: string, kept: Kept): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
}
