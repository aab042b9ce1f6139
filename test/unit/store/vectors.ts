/** Reads the shared test vectors. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../vectors');

export function vectorFiles(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

export function vectorFolders(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export function readVector<T>(file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as T;
}

/** Fails on a field that no test reads: a vector must not say more than is checked. */
export function assertFields(what: string, json: object, known: string): void {
  const read = new Set(known.split(' '));
  const unread = Object.keys(json).filter((field) => !read.has(field));
  assert.deepEqual(unread, [], `fields of ${what} that nobody reads`);
}

/** What every file says about itself. */
export const ABOUT = 'name about seed generated_with';
