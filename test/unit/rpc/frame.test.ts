import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';
import * as ws from 'ws';
import { frameStart } from '../../../node/rpc/transport/frame.ts';

/** Not declared by its types. */
const { Receiver, Sender } = ws as unknown as {
  readonly Receiver: new () => Writable;
  readonly Sender: { frame(message: Buffer, options: object): Buffer[] };
};

/** What `ws` makes of the same message. */
function byWs(message: Buffer): Buffer {
  const options = { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false };
  return Buffer.concat(Sender.frame(message, options));
}

describe('rpc/transport: frames', () => {
  const head = Buffer.from('{"id":"é",');
  for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000, 1_000_000]) {
    it(`begin as those of ws: ${size} bytes`, () => {
      const whole = Math.max(size, head.length);
      const tail = Buffer.alloc(whole - head.length, 'x');
      const made = Buffer.concat([frameStart(head, tail.length), tail]);
      assert.ok(made.equals(byWs(Buffer.concat([head, tail]))));
    });
  }

  it('are read back by ws', async () => {
    const receiver = new Receiver();
    const read = new Promise((resolve) =>
      receiver.once('message', (data: Buffer) => resolve(data.toString())),
    );
    receiver.write(frameStart(Buffer.from('ab'), 3));
    receiver.write(Buffer.from('cde'));
    assert.equal(await read, 'abcde');
  });
});
