import assert from 'node:assert/strict';
import { MAX_DRIVER_QUEUE_BYTES, MAX_DRIVER_QUEUE_MESSAGES } from '../../../node/base/limits.ts';
import { MessageQueue } from '../../../node/engine/message-queue.ts';

const message = (peerId: string, size = 1) => ({ peerId, payload: new Uint8Array(size) });

describe('message queue', () => {
  it('messages of validators go first, each lane in order', () => {
    const queue = new MessageQueue();
    for (const index of [0, 1, 2]) {
      queue.push(message(`stranger ${index}`), false);
      queue.push(message(`validator ${index}`), true);
    }
    const order = Array.from({ length: 6 }, () => queue.shift()?.peerId);
    const names = (who: string): string[] => [0, 1, 2].map((index) => `${who} ${index}`);
    assert.deepEqual(order, [...names('validator'), ...names('stranger')]);
    assert.equal(queue.shift(), undefined);
    assert.equal(queue.size, 0);
  });

  it('strangers fill their own lane only, to the message and the byte', () => {
    const queue = new MessageQueue();
    for (let index = 0; index < MAX_DRIVER_QUEUE_MESSAGES; index += 1) {
      assert.ok(queue.push(message('stranger'), false));
    }
    assert.equal(queue.push(message('stranger'), false), false);
    assert.ok(queue.push(message('validator', MAX_DRIVER_QUEUE_BYTES), true));
    assert.equal(queue.push(message('validator'), true), false);
    assert.equal(queue.shift()?.peerId, 'validator');
    assert.ok(queue.push(message('validator'), true));
  });

  it('goes on filling and emptying without end', () => {
    const queue = new MessageQueue();
    for (let round = 0; round < 3 * MAX_DRIVER_QUEUE_MESSAGES; round += 1) {
      assert.ok(queue.push(message(String(round)), false));
      if (round >= 5) assert.equal(queue.shift()?.peerId, String(round - 5));
    }
    assert.equal(queue.size, 5);
    queue.clear();
    assert.equal(queue.size, 0);
  });
});
