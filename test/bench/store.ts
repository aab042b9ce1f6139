/**
 * Measures commits: node test/bench/store.ts [keys] [writes per block] [blocks]
 * Fills a store with `keys` accounts, then commits blocks of random updates and prints the times.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../node/base/hash.ts';
import { uint64ToBytes } from '../../node/base/bytes.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import { MultiStore } from '../../node/store/multi-store.ts';

const [keys = 100_000, writes = 1_000, blocks = 20] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'bitscale-bench-'));
const db = await LevelDb.open(folder);
const stores = MultiStore.open(db, { iavl: ['bank', 'acc'], plain: [] });

const keyOf = (n: number): Uint8Array => sha256(uint64ToBytes(n)).slice(0, 21);
const valueOf = (n: number): Uint8Array => sha256(uint64ToBytes(n));
const ms = (from: number): number => performance.now() - from;

let start = performance.now();
for (let n = 0; n < keys; n += 20_000) {
  const branch = stores.branch();
  for (let i = n; i < Math.min(keys, n + 20_000); i++)
    branch.store('bank').set(keyOf(i), valueOf(i));
  branch.write();
  await stores.commit();
}
console.log(`fill ${keys} keys: ${ms(start).toFixed(0)} ms`);

const cpuStart = process.cpuUsage();
const times: { apply: number; hash: number; commit: number; prune: number }[] = [];
for (let block = 0; block < blocks; block++) {
  const branch = stores.branch();
  for (let i = 0; i < writes; i++) {
    const n = Math.floor(Math.random() * keys);
    branch.store('bank').get(keyOf(n));
    branch.store('bank').set(keyOf(n), valueOf(n + block));
  }
  start = performance.now();
  branch.write();
  const apply = ms(start);
  start = performance.now();
  stores.workingHash();
  const hash = ms(start);
  start = performance.now();
  await stores.commit();
  const commit = ms(start);
  start = performance.now();
  await stores.prune(stores.version - 10);
  times.push({ apply, hash, commit, prune: ms(start) });
}

const cpu = process.cpuUsage(cpuStart);
const perBlock = (cpu.user + cpu.system) / 1_000 / blocks;
console.log(`processor time per block, reads and pruning included: ${perBlock.toFixed(1)} ms`);
for (const part of ['apply', 'hash', 'commit', 'prune'] as const) {
  const sorted = times.map((time) => time[part]).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] as number;
  console.log(`${part}: median ${median.toFixed(1)} ms, worst ${sorted.at(-1)?.toFixed(1)} ms`);
}
const memory = process.memoryUsage();
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
console.log(
  `resident ${mib(memory.rss)}, heap ${mib(memory.heapUsed)}, external ${mib(memory.external)}`,
);
start = performance.now();
const again = MultiStore.open(db, { iavl: ['bank', 'acc'], plain: [] });
console.log(`open with check of ${again.version} versions: ${ms(start).toFixed(1)} ms`);
await db.close();
rmSync(folder, { recursive: true });
