import assert from 'node:assert/strict';
import { pureJsCrypto } from '@chainsafe/libp2p-noise';
import { toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { noiseCrypto } from '../../../node/network/noise-crypto.ts';

const key = sha256(utf8('key'));
const nonce = sha256(utf8('nonce')).slice(0, 12);
const SIZES = [0, 1, 495, 496, 511, 512, 513, 65_000];

const textOf = (size: number): Bytes => new Uint8Array(size).map((_, i) => i % 251);

describe('network/noise-crypto', () => {
  it('encrypts and decrypts as the cipher in plain JavaScript does', () => {
    for (const ad of [new Uint8Array(0), utf8('hash')]) {
      for (const size of SIZES) {
        const text = textOf(size);
        const sealed = pureJsCrypto.chaCha20Poly1305Encrypt(text, nonce, ad, key).subarray();
        const own = noiseCrypto.chaCha20Poly1305Encrypt(text, nonce, ad, key).subarray();
        assert.equal(toHex(own), toHex(sealed));
        const opened = noiseCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, key).subarray();
        assert.equal(toHex(opened), toHex(text));
      }
    }
  });

  it('opens nothing that was changed, or is for another key', () => {
    const ad = new Uint8Array(0);
    for (const size of SIZES) {
      const sealed = pureJsCrypto.chaCha20Poly1305Encrypt(textOf(size), nonce, ad, key).slice();
      const other = sha256(key);
      assert.throws(() => noiseCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, other));
      sealed[size >> 1]! ^= 1;
      assert.throws(() => noiseCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, key));
    }
  });
});
