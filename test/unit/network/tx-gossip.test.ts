import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { utf8, type Bytes } from '../../../node/base/bytes.ts';
import { MAX_TXS_PER_BATCH, TX_BATCH_DELAY_MS } from '../../../node/base/limits.ts';
import { silentLogger } from '../../../node/base/service.ts';
import type { Host } from '../../../node/network/host.ts';
import { decodeTxBatch } from '../../../node/network/messages.ts';
import { TxGossip } from '../../../node/network/tx-gossip.ts';

const FEW = 5;

describe('network/gossip of transactions', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** How many transactions each message holds that has left. */
  function started(): { readonly publish: (count: number) => void; readonly left: number[] } {
    const left: number[] = [];
    const publish = (_topic: string, data: Bytes): Promise<void> => {
      left.push(decodeTxBatch(data).length);
      return Promise.resolve();
    };
    const gossip = new TxGossip({
      host: { services: { gossip: { publish } } } as unknown as Host,
      topic: 'txs',
      logger: silentLogger,
      judge: () => Promise.resolve('accept'),
      hasReachedAll: () => false,
      mayPass: () => true,
      onDropped: () => assert.fail(),
      onMalformed: () => assert.fail(),
    });
    const many = (count: number): void => {
      for (let i = 0; i < count; i++) gossip.publish(utf8(`tx ${i}`));
    };
    return { publish: many, left };
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
});
