// Multiples of the group generators, many at once, in worker threads over shared memory.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FieldEngine, G1_BYTES, G2_BYTES, SCALAR_BYTES } from './field-engine.js';

const CHUNK = 1024;
const SCALAR_BITS = 254;
const GROUPS = {
  g1: { affine: G1_BYTES, window: 12 },
  g2: { affine: G2_BYTES, window: 11 },
};
const ENGINE_MEGABYTES = 48;
const MAX_THREADS = 16;

/** table[w * 2^window + d] = d * 2^(window * w) * generator, affine. */
class FixedBase {
  constructor(engine, group) {
    const { affine, window } = GROUPS[group];
    this.engine = engine;
    this.affine = affine;
    this.jacobian = (affine / 2) * 3;
    this.window = window;
    this.windows = Math.ceil(SCALAR_BITS / window);
    const op = (name) => engine.wasm[`${group}m_${name}`];
    this.ops = { add: op('add'), addMixed: op('addMixed'), zero: op('zero'), copy: op('copy') };
    this.toAffine = op('batchToAffine');
    this.table = this.#fill(engine.pointers[group]);
    this.sums = engine.alloc(CHUNK * this.jacobian);
    this.points = engine.alloc(CHUNK * affine);
  }

  #fill(generator) {
    const { engine, jacobian, affine, ops } = this;
    const size = 2 ** this.window;
    const table = engine.alloc(this.windows * size * affine);
    const row = engine.alloc(size * jacobian);
    const base = engine.alloc(jacobian);
    ops.copy(generator, base);
    for (let w = 0; w < this.windows; w++) {
      ops.zero(row);
      for (let d = 1; d < size; d++) ops.add(row + (d - 1) * jacobian, base, row + d * jacobian);
      this.toAffine(row, size, table + w * size * affine);
      ops.add(row + (size - 1) * jacobian, base, base);
    }
    return table;
  }

  /** Writes `count` <= CHUNK points for plain little-endian scalars; a zero scalar gives all-zero bytes. */
  multiply(scalars, count, out) {
    const { ops, jacobian, affine, window, table } = this;
    const size = 2 ** window;
    const words = new Uint32Array(SCALAR_BYTES / 4 + 1);
    for (let i = 0; i < count; i++) {
      const scalar = scalars.slice(i * SCALAR_BYTES, (i + 1) * SCALAR_BYTES);
      words.set(new Uint32Array(scalar.buffer));
      const sum = this.sums + i * jacobian;
      ops.zero(sum);
      for (let w = 0; w < this.windows; w++) {
        const bit = w * window;
        const offset = bit & 31;
        let digit = words[bit >> 5] >>> offset;
        if (offset > 0) digit |= words[(bit >> 5) + 1] << (32 - offset);
        digit &= size - 1;
        if (digit > 0) ops.addMixed(sum, table + (w * size + digit) * affine, sum);
      }
    }
    this.toAffine(this.sums, count, this.points);
    out.set(this.engine.bytes.subarray(this.points, this.points + count * affine));
  }
}

function work({ jobs, counter }) {
  const engine = new FieldEngine(ENGINE_MEGABYTES);
  const bases = {};
  for (;;) {
    const index = Atomics.add(counter, 0, 1);
    if (index >= jobs.length) return;
    const { group, scalars, points, start, count } = jobs[index];
    bases[group] ??= new FixedBase(engine, group);
    const from = new Uint8Array(scalars, start * SCALAR_BYTES, count * SCALAR_BYTES);
    const { affine } = GROUPS[group];
    bases[group].multiply(from, count, new Uint8Array(points, start * affine, count * affine));
    parentPort.postMessage(count);
  }
}

if (!isMainThread) work(workerData);

/**
 * Multiplies the generators: one result per request, affine Montgomery bytes in the order of the scalars.
 * Slow G2 requests should come first. `onProgress` gets the share that is done.
 */
export async function multiplyFixedBase(requests, onProgress = () => {}) {
  const jobs = [];
  const results = [];
  for (const { group, scalars } of requests) {
    const total = scalars.length / SCALAR_BYTES;
    const shared = new SharedArrayBuffer(scalars.length);
    new Uint8Array(shared).set(scalars);
    const points = new SharedArrayBuffer(total * GROUPS[group].affine);
    results.push(new Uint8Array(points));
    for (let start = 0; start < total; start += CHUNK) {
      const count = Math.min(CHUNK, total - start);
      jobs.push({ group, scalars: shared, points, start, count });
    }
  }
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const wanted = jobs.reduce((sum, job) => sum + job.count, 0);
  let done = 0;
  const threads = Math.min(availableParallelism(), MAX_THREADS, jobs.length);
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { jobs, counter } });
      worker.on('message', (count) => onProgress((done += count) / wanted));
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
    });
  await Promise.all(Array.from({ length: threads }, run));
  return results;
}
