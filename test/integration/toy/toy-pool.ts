/** A mempool for the toy application: first in, first out, each transaction once. */
import { toHex, type Bytes } from '../../../node/base/bytes.ts';
import type { Abci } from '../../../node/app/abci.ts';
import type { Pool } from '../../../node/node.ts';
import type { Verdict } from '../../../node/network/tx-inbox.ts';

export class ToyPool implements Pool {
  readonly #app: Abci;
  readonly #waiting = new Map<string, Bytes>();
  readonly #known = new Set<string>();
  #onLocal: (tx: Bytes) => void = () => undefined;

  constructor(app: Abci) {
    this.#app = app;
  }

  add(tx: Bytes): boolean {
    if (!this.#insert(tx)) return false;
    this.#onLocal(tx);
    return true;
  }

  receive(_peerId: string, txs: readonly Bytes[]): Verdict {
    return txs.filter((tx) => this.#insert(tx)).length > 0 ? 'accept' : 'ignore';
  }

  onLocal(listener: (tx: Bytes) => void): void {
    this.#onLocal = listener;
  }

  reap(maxBytes: number): readonly Bytes[] {
    let size = 0;
    return [...this.#waiting.values()].filter((tx) => (size += tx.length + 5) <= maxBytes);
  }

  update(_height: number, txs: readonly Bytes[]): void {
    for (const tx of txs) {
      this.#known.add(toHex(tx));
      this.#waiting.delete(toHex(tx));
    }
  }

  get size(): number {
    return this.#waiting.size;
  }

  #insert(tx: Bytes): boolean {
    const name = toHex(tx);
    if (this.#known.has(name) || this.#app.checkTx(tx, 'new').code !== 0) return false;
    this.#known.add(name);
    this.#waiting.set(name, tx);
    return true;
  }
}
