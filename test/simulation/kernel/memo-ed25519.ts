/**
 * ed25519 for simulated hosts: the real signatures, but what one of them has verified or made is known to
 * all, because the answer is the same everywhere. That saves nine tenths of the time of a run.
 */
import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { concat, fromHex, type Bytes } from '../../../node/base/bytes.ts';
import * as real from '../../../node/base/ed25519.ts';

const PRIVATE_DER = fromHex('302e020100300506032b657004220420');
const MAX_KNOWN = 100_000;

const keys = new Map<string, { readonly key: KeyObject; readonly pubKey: Bytes }>();
const known = new Map<string, boolean>();

export const counts = { signed: 0, verified: 0 };

function text(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function nameOf(pubKey: Bytes, message: Bytes, signature: Bytes): string {
  return text(pubKey) + text(signature) + text(message);
}

function remember(name: string, holds: boolean): boolean {
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, holds);
  return holds;
}

function keyOf(seed: Bytes): { readonly key: KeyObject; readonly pubKey: Bytes } {
  const name = text(seed);
  let pair = keys.get(name);
  if (!pair) {
    const der = Buffer.from(concat(PRIVATE_DER, seed));
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    keys.set(name, (pair = { key, pubKey: real.ed25519PublicKey(seed) }));
  }
  return pair;
}

export function verifyEd25519(pubKey: Bytes, message: Bytes, signature: Bytes): boolean {
  counts.verified += 1;
  const name = nameOf(pubKey, message, signature);
  return known.get(name) ?? remember(name, real.verifyEd25519(pubKey, message, signature));
}

export function signEd25519(seed: Bytes, message: Bytes): Bytes {
  counts.signed += 1;
  const { key, pubKey } = keyOf(seed);
  const signature = new Uint8Array(sign(null, message, key));
  remember(nameOf(pubKey, message, signature), true);
  return signature;
}

export function ed25519PublicKey(seed: Bytes): Bytes {
  return keyOf(seed).pubKey.slice();
}
