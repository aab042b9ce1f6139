/**
 * Transactions between mempools: collected for a moment into messages of up to TX_BATCH_BYTES, published on
 * one gossip topic, and passed on only after the own mempool has judged them.
 */
import { TopicValidatorResult } from '@libp2p/gossipsub';
import type { Bytes } from '../base/bytes.ts';
import {
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_TX_BYTES,
  MAX_TXS_PER_BATCH,
  MAX_TXS_WAITING_GOSSIP,
  MAX_UNHEARD_BATCHES,
  TX_BATCH_BYTES,
  TX_BATCH_DELAY_MS,
} from '../base/limits.ts';
import type { Logger } from '../base/service.ts';
import type { Host } from './host.ts';
import { decodeTxBatch, encodeTxBatch } from './messages.ts';
import type { Verdict } from './tx-inbox.ts';

export interface TxGossipDeps {
  readonly host: Host;
  readonly topic: string;
  readonly logger: Logger;
  readonly judge: (peerId: string, txs: readonly Bytes[]) => Promise<Verdict>;
  /** Would anybody get it now? */
  readonly isHeard: () => boolean;
  /** Does it still wait for a block? */
  readonly isWanted: (tx: Bytes) => boolean;
  /** Do all have it from this peer whom this node would pass it on to? */
  readonly hasReachedAll: (peerId: string) => boolean;
  /** May this peer send another new message? */
  readonly mayPass: (peerId: string) => boolean;
  readonly onDropped: (txs: number) => void;
  readonly onMalformed: (peerId: string) => void;
}

const VERDICTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

export class TxGossip {
  readonly #deps: TxGossipDeps;
  #waiting: Bytes[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What was to leave when nobody heard: gossipsub would count it as sent. */
  readonly #unheard: (readonly Bytes[])[] = [];

  constructor(deps: TxGossipDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { gossip } = this.#deps.host.services;
    gossip.topicValidators.set(this.#deps.topic, async (from, message) => {
      return VERDICTS[await this.#judge(from.toString(), message.data)];
    });
    gossip.subscribe(this.#deps.topic);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  /** False when the transaction is too large for gossip. */
  publish(tx: Bytes): boolean {
    if (tx.length > MAX_GOSSIP_TX_BYTES) return false;
    if (this.#waiting.length >= MAX_TXS_WAITING_GOSSIP) {
      this.#deps.onDropped(1);
      return true;
    }
    if (this.#waitingBytes + tx.length > TX_BATCH_BYTES) this.#flush();
    this.#waiting.push(tx);
    this.#waitingBytes += tx.length;
    if (this.#waiting.length === MAX_TXS_PER_BATCH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), TX_BATCH_DELAY_MS);
    return true;
  }

  /** What nobody heard leaves as soon as somebody does. To be called now and then. */
  retry(): void {
    if (this.#unheard.length === 0 || !this.#deps.isHeard()) return;
    for (const batch of this.#unheard.splice(0)) {
      const wanted = batch.filter(this.#deps.isWanted);
      if (wanted.length > 0) this.#send(wanted);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.retry();
    if (this.#deps.isHeard()) this.#send(batch);
    else this.#keep(batch);
  }

  #keep(batch: readonly Bytes[]): void {
    this.#unheard.push(batch);
    if (this.#unheard.length <= MAX_UNHEARD_BATCHES) return;
    const oldest = this.#unheard.shift() ?? [];
    this.#deps.onDropped(oldest.filter(this.#deps.isWanted).length);
  }

  #send(batch: readonly Bytes[]): void {
    const { host, topic, logger } = this.#deps;
    host.services.gossip.publish(topic, encodeTxBatch(batch)).catch((error: unknown) => {
      logger.debug('transactions were not gossiped', { error: String(error) });
    });
  }

  async #judge(peerId: string, data: Bytes): Promise<Verdict> {
    if (!this.#deps.mayPass(peerId)) return 'ignore';
    let txs: Bytes[];
    try {
      if (data.length > MAX_GOSSIP_BYTES) throw new RangeError('too large');
      txs = decodeTxBatch(data);
    } catch {
      this.#deps.onMalformed(peerId);
      return 'reject';
    }
    const verdict = await this.#deps.judge(peerId, txs);
    // Gossipsub passes on what is accepted, to all in its mesh.
    return verdict === 'accept' && this.#deps.hasReachedAll(peerId) ? 'ignore' : verdict;
  }
}
