import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat, utf8 } from '../../../node/base/bytes.ts';
import { toText } from '../../../node/store/kv.ts';
import { textKey } from '../../../node/store/text-key.ts';

const byte = fc.integer({ min: 0, max: 255 });

describe('a key made in one piece', () => {
  it('is the text of its parts joined', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(byte, bytes, byte, text, bytes, (first, one, second, name, other) => {
        const key = textKey(first).bytes(one).byte(second).text(name).bytes(other).end();
        const parts = [Uint8Array.of(first), one, Uint8Array.of(second), utf8(name), other];
        assert.equal(key, toText(concat(...parts)));
      }),
    );
  });

  it('may be longer than any key that a store takes', () => {
    const [part, name] = [new Uint8Array(100_000).fill(7), 'name'.repeat(10_000)];
    const key = textKey(1).bytes(part).text(name).end();
    assert.equal(key, toText(concat(Uint8Array.of(1), part, utf8(name))));
    assert.equal(textKey(2).text('short').end(), '\x02short');
  });
});
