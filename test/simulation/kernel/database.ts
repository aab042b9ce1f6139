/** A simulated database: batches are atomic and in order; those not synced may be lost, the newest first. */
import { fromText, toText } from '../../../node/store/kv.ts';
import type { Bytes } from '../../../node/base/bytes.ts';
import type { Db, DbOp, DbRange } from '../../../node/store/db.ts';
import type { Random } from '../random.ts';
import { operate } from './files.ts';
import type { Host } from './host.ts';

export class SimulatedDb implements Db {
  readonly #host: Host;
  readonly #name: string;
  readonly #durable = new Map<string, Bytes>();
  #values = new Map<string, Bytes>();
  #waiting: (readonly DbOp[])[] = [];

  constructor(host: Host, name: string) {
    this.#host = host;
    this.#name = name;
    host.disk.databases.push(this);
  }

  get(key: Bytes): Bytes | undefined {
    return this.#values.get(toText(key));
  }

  async *iterate(range: DbRange = {}): AsyncIterableIterator<[Bytes, Bytes]> {
    const start = range.start && toText(range.start);
    const end = range.end && toText(range.end);
    const keys = [...this.#values.keys()]
      .filter((key) => (start === undefined || key >= start) && (end === undefined || key < end))
      .sort();
    if (range.reverse === true) keys.reverse();
    const entries = keys.map((key): [Bytes, Bytes] => [fromText(key), this.#values.get(key)!]);
    for (const entry of entries) yield entry;
  }

  batch(ops: readonly DbOp[], options: { readonly sync?: boolean } = {}): Promise<void> {
    return operate(this.#host, 'batch', this.#name, () => {
      apply(this.#values, ops);
      this.#waiting.push(ops);
      if (options.sync === true) this.#flush(this.#waiting.length);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  losePower(random: Random): void {
    this.#flush(random.below(this.#waiting.length + 1));
    this.#waiting = [];
    this.#values = new Map(this.#durable);
  }

  wipe(): void {
    this.#values.clear();
    this.#durable.clear();
    this.#waiting = [];
  }

  #flush(batches: number): void {
    for (const ops of this.#waiting.splice(0, batches)) apply(this.#durable, ops);
  }
}

function apply(values: Map<string, Bytes>, ops: readonly DbOp[]): void {
  for (const op of ops) {
    if (op.type === 'put') values.set(toText(op.key), op.value);
    else values.delete(toText(op.key));
  }
}
