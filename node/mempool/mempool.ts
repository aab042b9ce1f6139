/**
 * Transactions that wait for a block. Each was accepted by CheckTx on top of those before it, is checked
 * again when a block may have changed that, and leaves when it is in a block, turns invalid, gets too old or must
 * make room for a better paying one. Count, bytes, transactions per sender and the memory of known ones are bounded.
 */
import type { CheckTxResult, TxResult } from '../app/abci.ts';
import type { Metrics } from '../base/service.ts';
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import {
  MAX_COUNTED_SIGNERS,
  MAX_MEMPOOL_AGE_BLOCKS,
  MAX_MEMPOOL_BYTES,
  MAX_MEMPOOL_TXS,
  MAX_MEMPOOL_TXS_PER_SENDER,
  MAX_RECHECKS_FOR_ROOM,
  MAX_TX_BYTES,
  MAX_TX_CACHE,
  REPLACEMENT_PRICE_PERCENT,
} from '../base/limits.ts';
import { RecentMap } from '../base/recent-map.ts';
import {
  MEMPOOL_FULL,
  TX_IN_MEMPOOL,
  TX_TOO_LARGE,
  UNAUTHORIZED,
  WRONG_SEQUENCE,
} from '../base/sdk-errors.ts';
import { txName } from '../base/tx-hash.ts';
import type { TxFacts } from '../app/tx-facts.ts';
import type { MempoolApp } from './expected.ts';
import { mempoolMetrics } from './metrics.ts';
import { PendingTxs, type Newcomer, type PendingTx } from './pending.ts';
import { BlockEffect, divide, sendersToCheck, type TxInBlock } from './recheck.ts';
import { WaitingTxs, type WaitingTx } from './waiting.ts';

export interface MempoolLimits {
  readonly txs: number;
  readonly bytes: number;
  readonly txsPerSender: number;
  /** Known transactions, pending or not, that are refused without a look. */
  readonly cache: number;
  readonly ageBlocks: number;
}

const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = {
  txs: MAX_MEMPOOL_TXS,
  bytes: MAX_MEMPOOL_BYTES,
  txsPerSender: MAX_MEMPOOL_TXS_PER_SENDER,
  cache: MAX_TX_CACHE,
  ageBlocks: MAX_MEMPOOL_AGE_BLOCKS,
};

/** `from` is the peer it came from; undefined when a client of this node sent it. */
export type AddedListener = (tx: Bytes, from: string | undefined) => void;

/** Bytes a tx takes in a block besides its own: field tag and length. */
const BLOCK_OVERHEAD_BYTES = 5;
const WAITS = 'waits for an earlier transaction of its sender';

export interface MempoolDeps {
  readonly app: MempoolApp;
  readonly limits?: Partial<MempoolLimits>;
  readonly metrics?: Metrics;
}

/** A transaction, its hash, and the peer it came from. */
interface Offered {
  readonly tx: Bytes;
  readonly key: string;
  readonly from: string | undefined;
}

const BAD_SIGNATURE = {
  code: UNAUTHORIZED.code,
  codespace: UNAUTHORIZED.codespace,
  log: 'signature verification failed: unauthorized',
};

/** Does it wait for another transaction of its sender? */
function isEarly({ code, codespace, log, sequence }: CheckTxResult): boolean {
  if (codespace !== WRONG_SEQUENCE.codespace || code !== WRONG_SEQUENCE.code) return false;
  const expected = /expected (\d+), got/.exec(log)?.[1];
  return expected !== undefined && sequence > BigInt(expected);
}

export class Mempool {
  readonly #app: MempoolApp;
  readonly #limits: MempoolLimits;
  readonly #pending = new PendingTxs();
  readonly #waiting = new WaitingTxs();
  readonly #known: RecentMap<true>;
  readonly #listeners: AddedListener[] = [];
  readonly #metrics: ReturnType<typeof mempoolMetrics>;
  /** Senders whose pending transactions CheckTx has not counted since the newest block. */
  #uncounted = new Set<string>();
  #height = 0;
  #arrivals = 0;

  constructor(deps: MempoolDeps) {
    this.#app = deps.app;
    this.#metrics = mempoolMetrics(deps.metrics);
    this.#limits = { ...DEFAULT_MEMPOOL_LIMITS, ...deps.limits };
    this.#known = new RecentMap(this.#limits.cache);
    deps.app.followPending?.((tx) => {
      const facts = this.#app.inspectTx(tx);
      if (facts) this.#countFor(facts);
    });
  }

  /**
   * The answer of CheckTx; the transaction is pending when its code is 0. One from a peer whose
   * predecessor is still missing is kept for a while and answered with code 0, too. Throws BitscaleError
   * sdk/19 when it is known already, sdk/20 when there is no room for it, sdk/21 when it is too large. The answer
   * about a peer's has no events.
   */
  add(tx: Bytes, from?: string): CheckTxResult {
    if (tx.length > MAX_TX_BYTES) throw new BitscaleError(TX_TOO_LARGE);
    const key = txName(tx);
    if (this.#isKnown(key)) {
      this.#metrics.known.add();
      throw new BitscaleError(TX_IN_MEMPOOL);
    }
    const facts = this.#app.inspectTx(tx);
    if (facts) this.#countFor(facts);
    const old = facts && this.#replacedBy(facts);
    if (old) return this.#replace(old, { tx, key, from });
    const gone = facts && this.#requireRoom(tx, facts);
    const result = this.#offer({ tx, key, from }, gone);
    if (result.code !== 0) this.#metrics.failed.add();
    if (result.code === 0 && facts?.unordered) return result;
    if (result.code === 0) this.#followUp(result.sender, result.sequence + 1n);
    else if (from !== undefined && isEarly(result)) return this.#early(tx, { key, from, result });
    return result;
  }

  /** Only what is signed may wait and is passed on: others will check it, and blame whom they have it from. */
  #early(
    tx: Bytes,
    { key, from, result }: { key: string; from: string; result: CheckTxResult },
  ): CheckTxResult {
    const { sender, sequence } = result;
    if (!this.#waiting.hasRoom(sender, tx.length)) return result;
    const holds = this.#app.signaturesHold?.(tx);
    if (holds === false) return { ...result, ...BAD_SIGNATURE };
    if (holds === undefined && this.#app.signaturesHold !== undefined) return result;
    const waits = this.#waiting.add({ tx, key, from, sender, sequence, height: this.#height });
    return waits ? { ...result, code: 0, codespace: '', info: WAITS } : result;
  }

  /** `gone` make room for it. */
  #offer(offered: Offered, gone: readonly PendingTx[] = []): CheckTxResult {
    const result = this.#app.checkTx(offered.tx, 'new', offered.from === undefined);
    if (result.code !== 0) return result;
    for (const { key } of gone) {
      this.#metrics.evicted.add();
      this.#pending.remove(key);
      this.#known.delete(key);
    }
    this.#admit(offered, result, this.#arrivals++);
    return result;
  }

  #admit({ tx, key, from }: Offered, result: CheckTxResult, arrival: number): void {
    this.#known.set(key, true);
    const facts = this.#app.inspectTx(tx);
    this.#pending.add({
      tx,
      key,
      sender: result.sender,
      sequence: result.sequence,
      unordered: facts?.unordered ?? false,
      others: facts?.others ?? [],
      expires: facts?.expires ?? false,
      price: result.priority,
      gas: result.gasWanted,
      height: this.#height,
      arrival,
      offers: 0,
      checked: this.#height,
    });
    this.#metrics.txBytes.observe(tx.length);
    this.#measureSize();
    for (const listener of this.#listeners) listener(tx, from);
  }

  /** The pending transaction that one with these facts outbids. Others' sequences must not depend on it. */
  #replacedBy({ sender, sequence, price, unordered, others }: TxFacts): PendingTx | undefined {
    if (unordered || others.length > 0) return undefined;
    const old = this.#pending.at(sender, sequence);
    if (old?.others.length !== 0 || price <= old.price) return undefined;
    return price * 100n >= old.price * REPLACEMENT_PRICE_PERCENT ? old : undefined;
  }

  /** The old one stays known: it came first at others, and they will tell of it. */
  #replace(old: PendingTx, offered: Offered): CheckTxResult {
    const bytes = this.#pending.bytes - old.tx.length + offered.tx.length;
    if (bytes > this.#limits.bytes) {
      this.#metrics.rejected.add();
      throw new BitscaleError(MEMPOOL_FULL);
    }
    const result = this.#app.checkTx(offered.tx, 'replace', offered.from === undefined);
    if (result.code !== 0) {
      this.#metrics.failed.add();
      return result;
    }
    this.#metrics.evicted.add();
    this.#pending.remove(old.key);
    this.#admit(offered, result, old.arrival);
    return result;
  }

  /** Lets in those that waited for the tx of this sender that has just come. */
  #followUp(sender: string, sequence: bigint): void {
    for (let next = sequence, go = true; go; next += 1n) {
      const waiting = this.#waiting.take(sender, next);
      go = waiting.some((one) => this.#offerWaiting(one));
    }
  }

  #offerWaiting({ tx, key, from, sender }: WaitingTx): boolean {
    this.#count(sender);
    const room = this.#hasPlace(sender) && this.#fits(tx.length) && !this.#isKnown(key);
    return room && this.#offer({ tx, key, from }).code === 0;
  }

  /** The best of the pending transactions that fit; a negative `maxGas` is no limit. */
  reap(maxBytes: number, maxGas: bigint, maxTxs = Infinity): Bytes[] {
    const txs: Bytes[] = [];
    let [bytes, gas] = [0, 0n];
    this.#pending.pick((pending) => {
      const size = pending.tx.length + BLOCK_OVERHEAD_BYTES;
      if (bytes + size > maxBytes || txs.length >= maxTxs) return false;
      if (maxGas >= 0n && gas + pending.gas > maxGas) return false;
      bytes += size;
      gas += pending.gas;
      pending.offers += 1;
      txs.push(pending.tx);
      return true;
    });
    return txs;
  }

  /**
   * After the block `height` is committed in the application: drops what it held, checks again what it may have
   * made invalid. The rest is counted again when somebody builds on it: most of it is in a block before that.
   */
  update(height: number, txs: readonly Bytes[], results: readonly TxResult[]): void {
    this.#height = height;
    const effect = new BlockEffect();
    txs.forEach((tx, index) => effect.add(this.#takeOut(tx, results[index]?.code === 0)));
    const { doubtful, others } = divide(this.#pending, effect, height - this.#limits.ageBlocks);
    this.#uncounted = others;
    this.#recheck(doubtful);
    for (const sender of sendersToCheck(this.#pending, others, height)) this.#count(sender);
    this.#retryWaiting(height, effect.senders());
    this.#measureSize();
  }

  #takeOut(tx: Bytes, succeeded: boolean): TxInBlock | undefined {
    const key = txName(tx);
    const facts = this.#pending.remove(key) ?? this.#app.inspectTx(tx);
    // One that failed may be sent again; its sender may have to pay, not to change it.
    if (succeeded) this.#known.set(key, true);
    else this.#known.delete(key);
    return facts && { ...facts, succeeded };
  }

  /** In this order; drops what does not pass, or is too old. */
  #recheck(list: readonly PendingTx[]): void {
    for (const pending of list) {
      const old = this.#height - pending.height > this.#limits.ageBlocks;
      if (!old) this.#metrics.rechecks.add();
      if (!old && this.#app.checkTx(pending.tx, 'recheck').code === 0) {
        pending.checked = this.#height;
        pending.offers = 0;
        continue;
      }
      this.#pending.remove(pending.key);
      this.#known.delete(pending.key);
    }
  }

  /** Before something is checked on top of what its signers have pending. */
  #countFor({ sender, others }: TxFacts): void {
    // Anybody may name hundreds as signers; none of their transactions need be looked at to refuse that one.
    if (this.#uncounted.size === 0 || others.length >= MAX_COUNTED_SIGNERS) return;
    this.#count(sender);
    for (const other of others) this.#count(other);
  }

  /** Checks again all whose senders have not been counted since the newest block; true when some of it fell. */
  recount(): boolean {
    const before = this.#pending.size;
    for (const one of [...this.#uncounted]) this.#count(one);
    return this.#pending.size < before;
  }

  #count(sender: string): void {
    if (this.#uncounted.delete(sender)) this.#recheck([...this.#pending.ofSender(sender)]);
  }

  #measureSize(): void {
    this.#metrics.size.set(this.#pending.size);
    this.#metrics.bytes.set(this.#pending.bytes);
  }

  /** Only a transaction of the same sender can have made way for one that waits. */
  #retryWaiting(height: number, senders: Iterable<string>): void {
    this.#waiting.expire(height);
    for (const one of this.#waiting.takeFirst(senders)) {
      if (this.#offerWaiting(one)) this.#followUp(one.sender, one.sequence + 1n);
      else if (!this.#isKnown(one.key)) this.#waiting.add(one);
    }
  }

  has(tx: Bytes): boolean {
    return this.#pending.has(txName(tx));
  }

  size(): number {
    return this.#pending.size;
  }

  sizeBytes(): number {
    return this.#pending.bytes;
  }

  /** The first `limit` in the order a block would take them. */
  txs(limit: number): readonly Bytes[] {
    const txs: Bytes[] = [];
    this.#pending.pick(({ tx }) => txs.length < limit && txs.push(tx) > 0);
    return txs;
  }

  onAdded(listener: AddedListener): void {
    this.#listeners.push(listener);
  }

  /** Who must go for it. Decided before CheckTx, which would count the sequence up for a tx that is not kept. */
  #requireRoom(tx: Bytes, { sender, price }: TxFacts): readonly PendingTx[] {
    if (!this.#hasPlace(sender)) {
      this.#metrics.rejected.add();
      throw new BitscaleError(MEMPOOL_FULL, `${sender} has too many pending transactions`);
    }
    // What nobody can pay for any more must not keep others out.
    if (this.#fits(tx.length) || this.#recountForRoom(tx.length)) return [];
    const fits: Newcomer['fits'] = (freed) => this.#fits(tx.length, freed);
    const gone = this.#pending.toMakeRoom({ sender, price, fits });
    if (gone) return gone;
    this.#metrics.rejected.add();
    throw new BitscaleError(MEMPOOL_FULL);
  }

  /** Checks again some whose senders have not been counted, and no more than a request has time for. */
  #recountForRoom(bytes: number): boolean {
    let left = MAX_RECHECKS_FOR_ROOM;
    for (const sender of this.#uncounted) {
      if (left <= 0) return false;
      left -= this.#pending.ofSender(sender).length;
      this.#count(sender);
      if (this.#fits(bytes)) return true;
    }
    return false;
  }

  #hasPlace(sender: string): boolean {
    return this.#pending.countOf(sender) < this.#limits.txsPerSender;
  }

  #fits(bytes: number, freed = { txs: 0, bytes: 0 }): boolean {
    const { size, bytes: held } = this.#pending;
    const fits = held - freed.bytes + bytes <= this.#limits.bytes;
    return fits && size - freed.txs < this.#limits.txs;
  }

  #isKnown(key: string): boolean {
    return this.#known.get(key) === true;
  }
}
