import assert from 'node:assert/strict';
import {
  MAX_DRIVER_QUEUE_BYTES,
  MAX_DRIVER_QUEUE_BYTES_PER_PEER,
  MAX_DRIVER_QUEUE_MESSAGES,
  MAX_DRIVER_QUEUE_MESSAGES_PER_PEER,
} from '../../../node/base/limits.ts';
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
      assert.ok(queue.push(message(`stranger ${index % 10}`), false));
    }
    assert.equal(queue.push(message('another'), false), false);
    const half = MAX_DRIVER_QUEUE_BYTES / 2;
    assert.ok(queue.push(message('validator 1', half), true));
    assert.ok(queue.push(message('validator 2', half), true));
    assert.equal(queue.push(message('validator 3'), true), false);
    assert.equal(queue.shift()?.peerId, 'validator 1');
    assert.ok(queue.push(message('validator 3'), true));
  });

  it('one peer has a share only, to the message and the byte', () => {
    const queue = new MessageQueue();
    for (let index = 0; index < MAX_DRIVER_QUEUE_MESSAGES_PER_PEER; index += 1) {
      assert.ok(queue.push(message('flooder'), false));
    }
    assert.equal(queue.push(message('flooder'), false), false);
    assert.ok(queue.push(message('large', MAX_DRIVER_QUEUE_BYTES_PER_PEER), false));
    assert.equal(queue.push(message('large'), false), false);
    assert.ok(queue.push(message('honest'), false));
  });

  it('peers take turns: one vote is not behind a flood of another peer', () => {
    for (const isTrusted of [true, false]) {
      const queue = new MessageQueue();
      for (let index = 0; index < 1_000; index += 1) queue.push(message('flooder'), isTrusted);
      queue.push(message('honest'), isTrusted);
      const order = [queue.shift(), queue.shift(), queue.shift()].map((one) => one?.peerId);
      assert.deepEqual(order, ['flooder', 'honest', 'flooder']);
    }
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
