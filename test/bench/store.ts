/**
 * A large state on disk: commits of changes all over it, reads, proofs of history, memory.
 * `npm run bench -- --only store [--keys 1000000]`
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { MAX_CACHED_PAGE_BYTES, MAX_CACHED_TREE_NODES } from '../../node/base/limits.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import { MultiStore } from '../../node/store/multi-store.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { temporaryFolder } from './local-network.ts';
import {
  atMost,
  fact,
  mebibytes,
  micros,
  millis,
  percentile,
  seconds,
  type Row,
} from './report.ts';
import { anonymousBytes } from './processes.ts';

const NAME = 'store';
const MOST_COMMIT_MS = 150;
const MOST_PROOF_MS = 5;
const WRITES = 4_000;
const WARM_UP_BLOCKS = 10;
const BLOCKS = 20;
const KEPT = 15;
const FILLED_PER_COMMIT = 50_000;
const READS = 20_000;
const PROOFS = 2_000;

const keyOf = (n: number): Bytes => sha256(uint64ToBytes(n)).slice(0, 21);
const valueOf = (n: number): Bytes => sha256(uint64ToBytes(n));
const anyOf = (keys: number): Bytes => keyOf(Math.floor(Math.random() * keys));

interface Cost {
  readonly wallMs: number;
  /** Of the thread that everything else of a node waits for. */
  readonly threadMs: number;
}

async function costOf(work: () => unknown): Promise<Cost> {
  const [start, cpu] = [performance.now(), process.threadCpuUsage()];
  await work();
  const { user, system } = process.threadCpuUsage(cpu);
  return { wallMs: performance.now() - start, threadMs: (user + system) / 1_000 };
}

async function fill(stores: MultiStore, keys: number): Promise<void> {
  for (let n = 0; n < keys; n += FILLED_PER_COMMIT) {
    const branch = stores.branch();
    const end = Math.min(keys, n + FILLED_PER_COMMIT);
    for (let i = n; i < end; i++) branch.store('bank').set(keyOf(i), valueOf(i));
    branch.write();
    await stores.commit();
    await stores.prune(stores.version);
  }
}

interface Block {
  readonly write: Cost;
  readonly hash: Cost;
  readonly commit: Cost;
}

async function block(stores: MultiStore, keys: number): Promise<Block> {
  const branch = stores.branch();
  for (let i = 0; i < WRITES; i++) {
    branch.store('bank').set(anyOf(keys), valueOf(stores.version + i));
  }
  const write = await costOf(() => branch.write());
  const hash = await costOf(() => stores.workingHash());
  const commit = await costOf(() => stores.commit());
  await stores.prune(stores.version - KEPT);
  return { write, hash, commit };
}

async function commits(stores: MultiStore, keys: number): Promise<Row[]> {
  for (let i = 0; i < WARM_UP_BLOCKS; i++) await block(stores, keys);
  const blocks: Block[] = [];
  for (let i = 0; i < BLOCKS; i++) blocks.push(await block(stores, keys));
  const median = (pick: (of: Block) => number): number => percentile(blocks.map(pick), 0.5);
  const whole = (part: keyof Cost) => (b: Block) => b.write[part] + b.hash[part] + b.commit[part];
  const parts = (['write', 'hash', 'commit'] as const).map(
    (part) => `${part} ${millis(median((b) => b[part].wallMs))}`,
  );
  const what = `commit of ${WRITES} writes into ${keys} keys, p50`;
  return [
    atMost([NAME, what], median(whole('wallMs')), MOST_COMMIT_MS, millis),
    fact(NAME, 'its parts', parts.join(', ')),
    fact(NAME, 'its processor time on the main thread', millis(median(whole('threadMs')))),
  ];
}

async function reads(stores: MultiStore, keys: number): Promise<Row> {
  const store = stores.store('bank');
  const wanted = Array.from({ length: READS }, () => anyOf(keys));
  const { threadMs } = await costOf(() => wanted.forEach((key) => store.get(key)));
  return fact(NAME, 'reading the newest value of any key', micros((threadMs * 1_000) / READS));
}

function proofs(stores: MultiStore, keys: number): Row[] {
  const times: number[] = [];
  for (let i = 0; i < PROOFS; i++) {
    const height = stores.base + Math.floor(Math.random() * (stores.version - stores.base));
    const key = i % 2 ? anyOf(keys) : sha256(anyOf(keys));
    const start = performance.now();
    stores.query({ store: 'bank', key, height, prove: true });
    times.push(performance.now() - start);
  }
  const what = 'proof of a key or its absence at an earlier height';
  return [
    fact(NAME, `${what}, p50`, millis(percentile(times, 0.5))),
    atMost([NAME, `${what}, p99`], percentile(times, 0.99), MOST_PROOF_MS, millis),
  ];
}

async function tree(folder: string, { keys, say }: BenchOptions): Promise<Row[]> {
  const db = await LevelDb.open(join(folder, 'tree'));
  const names = { iavl: ['acc', 'bank'], plain: [] };
  const stores = MultiStore.open(db, names);
  try {
    say(`filling a store with ${keys} keys`);
    const filled = await costOf(() => fill(stores, keys));
    say(`${BLOCKS} blocks of ${WRITES} writes`);
    const rows = await commits(stores, keys);
    rows.push(await reads(stores, keys), ...proofs(stores, keys));
    const opened = await costOf(() => MultiStore.open(db, names));
    const bound = `${mebibytes(MAX_CACHED_PAGE_BYTES)} of pages, ${MAX_CACHED_TREE_NODES} tree nodes at most`;
    return [
      ...rows,
      fact(NAME, `filling it, ${FILLED_PER_COMMIT} keys a commit`, seconds(filled.wallMs / 1_000)),
      fact(NAME, 'opening it, with the check of what is newest', millis(opened.wallMs)),
      fact(NAME, `memory of the process (${bound})`, mebibytes(anonymousBytes(process.pid))),
    ];
  } finally {
    await db.close();
  }
}

async function run(options: BenchOptions): Promise<Row[]> {
  const folder = temporaryFolder();
  try {
    return await tree(folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const store: Benchmark = {
  name: NAME,
  summary: 'commits, reads and proofs of a large state',
  run,
};
