/**
 * ed25519 under the ZIP-215 rules, which every node answers alike. OpenSSL (fast, stricter) is asked
 * first; what it refuses is judged by the ZIP-215 verifier.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { concat, equal, fromHex, toHex, type Bytes } from './bytes.ts';
import { assert } from './errors.ts';
import { MAX_CACHED_ED25519_KEYS } from './limits.ts';

const PUBLIC_DER = fromHex('302a300506032b6570032100');
const PRIVATE_DER = fromHex('302e020100300506032b657004220420');

const publicKeys = new Map<string, KeyObject>();

function publicKeyObject(pubKey: Bytes): KeyObject {
  const id = toHex(pubKey);
  const cached = publicKeys.get(id);
  if (cached !== undefined) return cached;
  if (publicKeys.size >= MAX_CACHED_ED25519_KEYS) {
    publicKeys.delete(publicKeys.keys().next().value!);
  }
  const der = Buffer.from(concat(PUBLIC_DER, pubKey));
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  publicKeys.set(id, key);
  return key;
}

/** False, never an error, for a wrong length, a key that is no point or a wrong signature. */
export function verifyEd25519(pubKey: Bytes, message: Bytes, signature: Bytes): boolean {
  if (pubKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (verify(null, message, publicKeyObject(pubKey), signature)) return true;
  } catch {
    // OpenSSL may refuse a key that ZIP-215 allows: the second opinion below decides.
  }
  try {
    return ed25519.verify(signature, message, pubKey, { zip215: true });
  } catch {
    return false;
  }
}

/** A node signs with one key, thousands of times. */
let newest: { readonly seed: Bytes; readonly key: KeyObject } | undefined;

function privateKeyObject(seed: Bytes): KeyObject {
  assert(seed.length === 32, 'an ed25519 seed has 32 bytes');
  if (newest !== undefined && equal(newest.seed, seed)) return newest.key;
  const der = Buffer.from(concat(PRIVATE_DER, seed));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  newest = { seed: seed.slice(), key };
  return key;
}

/** 64 bytes. */
export function signEd25519(seed: Bytes, message: Bytes): Bytes {
  return new Uint8Array(sign(null, message, privateKeyObject(seed)));
}

/** 32 bytes. */
export function ed25519PublicKey(seed: Bytes): Bytes {
  const key = createPublicKey(privateKeyObject(seed));
  return new Uint8Array(key.export({ format: 'der', type: 'spki' })).slice(PUBLIC_DER.length);
}
