import assert from 'node:assert/strict';
import * as bytes from '../../../node/base/bytes.ts';

describe('base/bytes', () => {
  it('joins and compares as Go does', () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)];
    assert.deepEqual(bytes.concat(a, bytes.EMPTY, b), Uint8Array.of(1, 2, 1, 2, 0));
    assert.deepEqual([bytes.compare(a, b), bytes.compare(b, a), bytes.compare(a, a)], [-1, 1, 0]);
    assert.ok(bytes.equal(a, Uint8Array.of(1, 2)) && !bytes.equal(a, b));
    assert.equal(bytes.compare(Uint8Array.of(200), Uint8Array.of(100)), 1);
  });

  it('reads hexadecimal of either case and nothing else', () => {
    assert.deepEqual(bytes.fromHex('00fFAb'), Uint8Array.of(0, 255, 171));
    assert.equal(bytes.toUpperHex(Uint8Array.of(171)), 'AB');
    for (const bad of ['0', '0x00', 'zz', ' 00', '00 ']) {
      assert.throws(() => bytes.fromHex(bad), RangeError, bad);
    }
  });

  it('reads base64 only in the form it writes', () => {
    assert.deepEqual(bytes.fromBase64('AQI='), Uint8Array.of(1, 2));
    for (const bad of ['AQI', 'AQJ=', 'AQ I=', '-_8=', 'AQI=\n', 'AQI==']) {
      assert.throws(() => bytes.fromBase64(bad), RangeError, bad);
    }
  });

  it('keeps a byte order mark and refuses what is not UTF-8', () => {
    assert.equal(bytes.fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\ufeffA');
    assert.throws(() => bytes.fromUtf8(Uint8Array.of(0xc0, 0x80)), TypeError);
  });

  it('writes integers with the most significant byte first and refuses what does not fit', () => {
    assert.deepEqual(bytes.uint64ToBytes(258), Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2));
    assert.equal(bytes.bytesToUint64(bytes.uint64ToBytes(2n ** 64n - 1n)), 2n ** 64n - 1n);
    assert.deepEqual(bytes.bigIntToBytes(258n, 3), Uint8Array.of(0, 1, 2));
    assert.equal(bytes.bytesToBigInt(bytes.EMPTY), 0n);
    assert.throws(() => bytes.bigIntToBytes(256n, 1), RangeError);
    assert.throws(() => bytes.bigIntToBytes(-1n, 1), RangeError);
  });
});
