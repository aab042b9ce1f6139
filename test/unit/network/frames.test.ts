import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { frame, FrameReader } from '../../../node/network/frames.ts';

const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

describe('frames', () => {
  it('messages come out whole however the bytes are cut', () => {
    const message = fc.uint8Array({ minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(20)), (messages, cuts) => {
        const reader = new FrameReader(50);
        let rest = concat(...messages.map(frame));
        const out: Uint8Array[] = [];
        for (const cut of [...cuts, rest.length]) {
          out.push(...reader.push(rest.subarray(0, cut)));
          rest = rest.subarray(cut);
        }
        out.push(...reader.push(rest));
        assert.deepEqual(out.map(plain), messages.map(plain));
        assert.equal(reader.pendingBytes, 0);
      }),
    );
  });

  it('a declared length of 4 GiB is refused at once', () => {
    const reader = new FrameReader(1_000);
    assert.throws(() => reader.push(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), BitscaleError);
  });

  it('the bound itself passes, one more does not', () => {
    assert.equal(new FrameReader(10).push(frame(new Uint8Array(10))).length, 1);
    assert.throws(() => new FrameReader(10).push(frame(new Uint8Array(11))), BitscaleError);
  });

  it('an empty message is refused', () => {
    assert.throws(() => new FrameReader(10).push(new Uint8Array(4)), BitscaleError);
  });
});
