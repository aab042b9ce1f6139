/**
 * The ciphers of connections. Node makes a key object of a key given as bytes anew for each message, which takes three
 * times as long as encrypting a vote; here it is made once for each direction of a connection.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { ICryptoInterface } from '@chainsafe/libp2p-noise';
import { asCrypto, defaultCrypto, nodeCrypto } from '@chainsafe/libp2p-noise/crypto';
import type { Bytes } from '../base/bytes.ts';

/** Shorter messages take less time in WebAssembly than the way to Node's ciphers. */
const FEWEST_NATIVE_BYTES = 512;

const objects = new WeakMap<Bytes, KeyObject>();

/** The library hands the key to Node's functions as it is. */
function objectOf(key: Bytes): Bytes {
  let object = objects.get(key);
  if (object === undefined) {
    object = createSecretKey(key);
    objects.set(key, object);
  }
  return object as unknown as Bytes;
}

export const noiseCrypto: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt: (plaintext, nonce, ad, k) =>
    plaintext.byteLength < FEWEST_NATIVE_BYTES
      ? asCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, k)
      : nodeCrypto.chaCha20Poly1305Encrypt(plaintext, nonce, ad, objectOf(k)),
  chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, k, dst) =>
    ciphertext.byteLength < FEWEST_NATIVE_BYTES
      ? asCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, k, dst)
      : nodeCrypto.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, objectOf(k), dst),
};
