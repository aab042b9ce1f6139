/** An application for mempools: what it accepts stands in the transactions. */
import type { CheckTxResult, TxResult } from '../../../node/app/abci.ts';
import { EMPTY, fromUtf8, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { Mempool, type MempoolLimits } from '../../../node/mempool/mempool.ts';
import { PrometheusMetrics } from '../../../node/metrics/registry.ts';

/** Accepts "sender/sequence/price/gas" when the sequence is the sender's next one, and that of another signer. */
export class FakeApp {
  committed = new Map<string, bigint>();
  /** A question of somebody else about a transaction on top of what is pending. */
  ask: (tx: Bytes) => void = () => undefined;
  /** Who has signed besides the sender, for all that is asked from now on. */
  others: readonly string[] | undefined;
  #pending = new Map<string, bigint>();
  checks = 0;

  commit(txs: readonly Bytes[]): void {
    for (const tx of txs) {
      const { sender, sequence } = read(tx);
      this.committed.set(sender, sequence + 1n);
    }
    this.#pending = new Map(this.committed);
  }

  checkTx(tx: Bytes, kind: 'new' | 'replace' | 'recheck'): CheckTxResult {
    this.checks += 1;
    const { sender, sequence, price, gas, mark } = read(tx);
    const next = this.#pending.get(sender) ?? 0n;
    const { other, otherSequence } = read(tx);
    const otherNext = this.#pending.get(other ?? '') ?? 0n;
    const isNext = sequence === next && (other === undefined || otherSequence === otherNext);
    const good = kind === 'replace' ? sequence < next : isNext || mark === 'unordered';
    if (good && isNext && mark !== 'unordered') {
      this.#pending.set(sender, next + 1n);
      if (other !== undefined) this.#pending.set(other, otherNext + 1n);
    }
    const log = good ? '' : `expected ${next}, got ${sequence}`;
    return { ...result(good ? 0 : 32), log, gasWanted: gas, priority: price, sender, sequence };
  }

  followPending(refresh: (tx: Bytes) => void): void {
    this.ask = refresh;
  }

  inspectTx(tx: Bytes) {
    const { sender, sequence, price, mark, other } = read(tx);
    const others = this.others ?? (other ? [other] : mark === 'shared' ? ['somebody'] : []);
    const [unordered, expires] = [mark === 'unordered', mark === 'expires'];
    return { sender, sequence, price, unordered, others, expires };
  }
}

export function read(tx: Bytes) {
  const [sender = '', sequence = '', price = '', gas = '', mark, other, at = '0'] =
    fromUtf8(tx).split('/');
  const numbers = { sequence: BigInt(sequence), price: BigInt(price), gas: BigInt(gas) };
  return { sender, ...numbers, mark, other, otherSequence: BigInt(at) };
}

export function result(code: number): TxResult {
  return {
    code,
    data: EMPTY,
    log: '',
    info: '',
    gasWanted: 0n,
    gasUsed: 0n,
    events: [],
    codespace: code === 0 ? '' : 'sdk',
  };
}

export const tx = (sender: string, sequence: number, price: number, gas = 1): Bytes =>
  utf8(`${sender}/${sequence}/${price}/${gas}`);

export const marked = (mark: 'unordered' | 'shared' | 'expires', one: Bytes): Bytes =>
  utf8(`${fromUtf8(one)}/${mark}`);

export function pool(limits: Partial<MempoolLimits> = {}) {
  const app = new FakeApp();
  const metrics = new PrometheusMetrics({});
  return { app, metrics, pool: new Mempool({ app, limits, metrics }) };
}

/** The sender's transaction, signed by another one, too. */
export const sharedWith = (other: string, sequence: number, one: Bytes): Bytes =>
  utf8(`${fromUtf8(marked('shared', one))}/${other}/${sequence}`);

export const texts = (txs: readonly Bytes[]): string[] => txs.map(fromUtf8);
