/** What is done to a file, and to which ones. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../unit/store/random.ts';

export const PAGE_BYTES = 4096;
const TAIL_BYTES = 7;

/** `at` is from 0 to below 1: where in the file. */
export type Mutation = (bytes: Buffer, at: number, random: Random) => Uint8Array | undefined;

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bit flip': (bytes, at, random) => {
    const place = Math.floor(at * bytes.length);
    if (bytes.length > 0) bytes[place]! ^= 1 << random.below(8);
    return bytes;
  },
  'zeroed page': (bytes, at) => {
    const start = Math.floor(at * bytes.length);
    return bytes.fill(0, start, Math.min(bytes.length, start + PAGE_BYTES));
  },
  truncation: (bytes, at) => bytes.subarray(0, Math.floor(at * bytes.length)),
  'cut tail': (bytes, at) =>
    bytes.subarray(0, Math.max(0, bytes.length - 1 - Math.floor(at * TAIL_BYTES))),
  'garbage appended': (bytes, at, random) =>
    Buffer.concat([bytes, random.bytes(1 + Math.floor(at * 200))]),
  deleted: () => undefined,
};

/** Applies it to a file on disk. */
export function mutate(path: string, name: string, at: number, random: Random): void {
  const changed = MUTATIONS[name]!(readFileSync(path), at, random);
  if (changed === undefined) rmSync(path);
  else writeFileSync(path, changed);
}

export interface FileClass {
  readonly name: string;
  /** The file in a home, or undefined when there is none of its kind. */
  readonly find: (home: string) => string | undefined;
  /** The files guard the key: the home makes blocks, and no peer helps. */
  readonly lonely?: boolean;
}

function inFolder(folder: string, pattern: RegExp): FileClass['find'] {
  return (home) => {
    const path = join(home, folder);
    const names = existsSync(path) ? readdirSync(path).sort() : [];
    const name = names.filter((each) => pattern.test(each)).at(-1);
    return name && join(folder, name);
  };
}

const single =
  (path: string): FileClass['find'] =>
  () =>
    path;

const LEVEL_FILES: readonly (readonly [string, RegExp])[] = [
  ['log', /\.log$/],
  ['table', /\.ldb$/],
  ['MANIFEST', /^MANIFEST/],
  ['CURRENT', /^CURRENT$/],
];

export const FILE_CLASSES: readonly FileClass[] = [
  ...['blocks', 'state', 'index'].flatMap((database) =>
    LEVEL_FILES.map(([kind, pattern]) => ({
      name: `${database} ${kind}`,
      find: inFolder(`data/${database}`, pattern),
    })),
  ),
  { name: 'write-ahead log', find: inFolder('data/wal', /\.wal$/), lonely: true },
  { name: 'last-signed file', find: single('data/priv_validator_state.json'), lonely: true },
  { name: 'mark', find: single('config/priv_validator_mark.json'), lonely: true },
  { name: 'validator key', find: single('config/priv_validator_key.json'), lonely: true },
  { name: 'node key', find: single('config/node_key.json') },
  { name: 'config', find: single('config/config.json'), lonely: true },
  { name: 'genesis', find: single('config/genesis.json') },
];
