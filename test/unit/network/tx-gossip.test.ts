import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { fromUtf8, utf8, type Bytes } from '../../../node/base/bytes.ts';
import {
  MAX_TXS_PER_BATCH,
  MAX_UNHEARD_BATCHES,
  TX_BATCH_DELAY_MS,
} from '../../../node/base/limits.ts';
import { silentLogger } from '../../../node/base/service.ts';
import type { Host } from '../../../node/network/host.ts';
import { decodeTxBatch } from '../../../node/network/messages.ts';
import { TxGossip } from '../../../node/network/tx-gossip.ts';

const FEW = 5;

describe('network/gossip of transactions', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** How many transactions each message holds that has left. */
  function started() {
    const left: number[] = [];
    const peers = { hear: true };
    const dropped: number[] = [];
    const publish = (_topic: string, data: Bytes): Promise<void> => {
      left.push(decodeTxBatch(data).length);
      return Promise.resolve();
    };
    const gossip = new TxGossip({
      host: { services: { gossip: { publish } } } as unknown as Host,
      topic: 'txs',
      logger: silentLogger,
      judge: () => Promise.resolve('accept'),
      isHeard: () => peers.hear,
      isWanted: (tx) => fromUtf8(tx) !== 'tx 0',
      hasReachedAll: () => false,
      mayPass: () => true,
      onDropped: (txs) => dropped.push(txs),
      onMalformed: () => assert.fail(),
    });
    const many = (count: number): void => {
      for (let i = 0; i < count; i++) gossip.publish(utf8(`tx ${i}`));
    };
    return { publish: many, left, peers, dropped, gossip };
  }

  it('few leave together after a moment', () => {
    const { publish, left } = started();
    publish(FEW);
    mock.timers.tick(TX_BATCH_DELAY_MS - 1);
    assert.deepEqual(left, []);
    mock.timers.tick(1);
    assert.deepEqual(left, [FEW]);
  });

  it('a full message leaves at once', () => {
    const { publish, left } = started();
    publish(MAX_TXS_PER_BATCH);
    assert.deepEqual(left, [MAX_TXS_PER_BATCH]);
    mock.timers.tick(TX_BATCH_DELAY_MS);
    assert.deepEqual(left, [MAX_TXS_PER_BATCH]);
  });

  for (const tooMany of [0, 1]) {
    it(`nobody hears ${MAX_UNHEARD_BATCHES + tooMany} messages: ${tooMany} are dropped, the rest waits`, () => {
      const { publish, left, peers, dropped, gossip } = started();
      peers.hear = false;
      const batches = MAX_UNHEARD_BATCHES + tooMany;
      for (let i = 0; i < batches; i++) publish(MAX_TXS_PER_BATCH);
      gossip.retry();
      assert.deepEqual(left, []);
      // What is not wanted any more is neither missed nor sent.
      const wanted = MAX_TXS_PER_BATCH - 1;
      assert.deepEqual(dropped, tooMany === 0 ? [] : [wanted]);
      peers.hear = true;
      gossip.retry();
      assert.deepEqual(left, Array(MAX_UNHEARD_BATCHES).fill(wanted));
      gossip.retry();
      assert.equal(left.length, MAX_UNHEARD_BATCHES);
    });
  }

  it('what waited for somebody to hear leaves before what is new', () => {
    const { publish, left, peers } = started();
    peers.hear = false;
    publish(FEW);
    mock.timers.tick(TX_BATCH_DELAY_MS);
    peers.hear = true;
    publish(FEW + 1);
    mock.timers.tick(TX_BATCH_DELAY_MS);
    assert.deepEqual(left, [FEW - 1, FEW + 1]);
  });
});
