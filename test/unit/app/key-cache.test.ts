import assert from 'node:assert/strict';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { KeyCache } from '../../../node/app/key-cache.ts';
import { multiKey, singleKey, SINGLE_KEY_URL } from '../../../node/app/public-key.ts';
import { concat, toHex, uint64ToBytes, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { MAX_CACHED_ACCOUNTS } from '../../../node/base/limits.ts';
import { testKey } from '../../support/application.ts';

const { pubKey } = testKey('alice');

/** Points are not looked for here, so any bytes will do. */
const keyOf = (n: number): Bytes => concat(uint64ToBytes(n), new Uint8Array(25));

describe('app/key-cache', () => {
  it('reads a key once, and keeps nothing of the message it came in', () => {
    const keys = new KeyCache();
    const { value } = singleKey(pubKey).any;
    const message = concat(new Uint8Array(1_000), value);
    const any = { typeUrl: SINGLE_KEY_URL, value: message.subarray(1_000) };
    const first = keys.read(any, 0);
    assert.ok(!(first instanceof BitscaleError));
    assert.equal(keys.read(singleKey(pubKey).any, 0), first);
    message.fill(0);
    assert.equal(toHex(first.members[0] as Bytes), toHex(pubKey));
    assert.deepEqual(first, singleKey(pubKey));
  });

  it('keeps nothing of the message that a multisig came in', () => {
    const made = multiKey([pubKey, testKey('bob').pubKey], 1);
    const { typeUrl, value } = made.any;
    const message = concat(new Uint8Array(1_000), value);
    const read = new KeyCache().read({ typeUrl, value: message.subarray(1_000) }, 0);
    message.fill(0);
    assert.deepEqual(read, made);
  });

  it('refuses what readPublicKey refuses, each time', () => {
    const keys = new KeyCache();
    for (let i = 0; i < 2; i++) {
      const unknown = keys.read({ typeUrl: '/unknown', value: new Uint8Array(35) }, 0);
      assert.ok(unknown instanceof BitscaleError);
      const garbage = { typeUrl: SINGLE_KEY_URL, value: new Uint8Array(35).fill(255) };
      assert.throws(() => keys.read(garbage, 0), BitscaleError);
    }
  });

  it('keeps what is used again and forgets the rest beyond its bound', () => {
    const keys = new KeyCache();
    const any = (n: number) => ({
      typeUrl: SINGLE_KEY_URL,
      value: PubKey.encode({ key: keyOf(n) }).finish(),
    });
    const first = keys.read(any(0), 0);
    const half = MAX_CACHED_ACCOUNTS / 2;
    for (let n = 1; n < half; n++) keys.read(any(n), 0);
    assert.equal(keys.read(any(0), 0), first);
    for (let n = half; n < 3 * half; n++) keys.read(any(n), 0);
    assert.notEqual(keys.read(any(0), 0), first);
  });
});
