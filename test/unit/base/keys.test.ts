import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { ed25519 } from '@noble/curves/ed25519.js';
import { accountAddress, consensusAddress } from '../../../node/base/address.ts';
import { bigIntToBytes, bytesToBigInt, concat, fromHex, toHex } from '../../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519, verifyEd25519 } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import {
  isSecp256k1PublicKey,
  secp256k1PublicKey,
  signSecp256k1,
  verifySecp256k1,
} from '../../../node/base/secp256k1.ts';
import { readVectors } from './vectors.ts';

interface Key {
  type: 'ed25519' | 'secp256k1';
  private_key: string;
  public_key: string;
  address: string;
  message: string;
  signature: string;
}

const { keys } = readVectors<{ keys: Key[] }>('simple-merkle/keys.json');
const ofType = (type: Key['type']): Key[] => keys.filter((key) => key.type === type);
const SECP256K1_ORDER = BigInt(
  '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
);

describe('base/ed25519', () => {
  it('derives keys, addresses and signatures as CometBFT does', () => {
    for (const key of ofType('ed25519')) {
      const seed = fromHex(key.private_key).slice(0, 32);
      const [pubKey, message] = [fromHex(key.public_key), fromHex(key.message)];
      assert.equal(toHex(ed25519PublicKey(seed)), key.public_key);
      assert.equal(toHex(consensusAddress(pubKey)), key.address);
      assert.equal(toHex(signEd25519(seed, message)), key.signature);
      assert.ok(verifyEd25519(pubKey, message, fromHex(key.signature)));
      assert.ok(!verifyEd25519(pubKey, concat(message, message, seed), fromHex(key.signature)));
    }
  });

  it('accepts what ZIP-215 accepts although OpenSSL refuses it', () => {
    // A point of small order as the key, identity as R, S = 0: valid for every message in ZIP-215.
    const pubKey = fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
    const signature = concat(fromHex('01'.padEnd(64, '0')), new Uint8Array(32));
    const message = new Uint8Array(5);
    assert.equal(ed25519.verify(signature, message, pubKey, { zip215: false }), false);
    assert.equal(verifyEd25519(pubKey, message, signature), true);
  });

  it('answers false, without an error, to wrong lengths and keys that are no point', () => {
    const [seed, message] = [new Uint8Array(32).fill(1), new Uint8Array(3)];
    const signature = signEd25519(seed, message);
    const pubKey = ed25519PublicKey(seed);
    assert.ok(!verifyEd25519(pubKey.slice(1), message, signature));
    assert.ok(!verifyEd25519(pubKey, message, signature.slice(1)));
    assert.ok(!verifyEd25519(new Uint8Array(32).fill(2), message, signature));
    assert.ok(!verifyEd25519(pubKey, message, new Uint8Array(64).fill(255)));
  });

  it('verifies with more keys than it caches', () => {
    for (let i = 0; i < 1_100; i++) {
      const seed = sha256(Uint8Array.of(i & 255, i >> 8));
      const message = Uint8Array.of(i & 255);
      assert.ok(verifyEd25519(ed25519PublicKey(seed), message, signEd25519(seed, message)));
    }
  });
});

describe('base/secp256k1', () => {
  it('has loaded the native binding', () => {
    const binding = createRequire(import.meta.url)('secp256k1/bindings') as object;
    assert.ok('ecdsaVerify' in binding);
  });

  it('derives keys, addresses and signatures as CometBFT does', () => {
    for (const key of ofType('secp256k1')) {
      const hash = sha256(fromHex(key.message));
      const pubKey = fromHex(key.public_key);
      assert.equal(toHex(secp256k1PublicKey(fromHex(key.private_key))), key.public_key);
      assert.equal(toHex(accountAddress(pubKey)), key.address);
      assert.equal(toHex(signSecp256k1(fromHex(key.private_key), hash)), key.signature);
      assert.ok(verifySecp256k1(pubKey, hash, fromHex(key.signature)));
    }
  });

  it('refuses high s, a flipped bit, other lengths and a key off the curve', () => {
    const key = ofType('secp256k1')[0]!;
    const [pubKey, signature] = [fromHex(key.public_key), fromHex(key.signature)];
    const hash = sha256(fromHex(key.message));
    const highS = SECP256K1_ORDER - bytesToBigInt(signature.slice(32));
    const high = concat(signature.slice(0, 32), bigIntToBytes(highS, 32));
    const flipped = signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    for (const bad of [high, flipped, signature.slice(1), concat(signature, Uint8Array.of(0))]) {
      assert.equal(verifySecp256k1(pubKey, hash, bad), false);
    }
    const offCurve = concat(Uint8Array.of(2), new Uint8Array(32).fill(255));
    assert.equal(verifySecp256k1(offCurve, hash, signature), false);
    assert.equal(isSecp256k1PublicKey(offCurve), false);
    assert.equal(isSecp256k1PublicKey(pubKey), true);
    assert.equal(verifySecp256k1(pubKey, hash.slice(1), signature), false);
  });
});
