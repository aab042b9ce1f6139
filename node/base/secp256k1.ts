/**
 * secp256k1 ECDSA as Cosmos uses it: compressed 33-byte keys, 64-byte r|s signatures with low s. The
 * native binding is required: the JavaScript fallback of the package is some twenty times slower.
 */
import { createRequire } from 'node:module';
import { latin1Text, type Bytes } from './bytes.ts';
import { InvariantError } from './errors.ts';
import { MAX_CACHED_POINTS } from './limits.ts';
import { RecentMap } from './recent-map.ts';

type Binding = typeof import('secp256k1');

function loadBinding(): Binding {
  try {
    return createRequire(import.meta.url)('secp256k1/bindings') as Binding;
  } catch (cause) {
    const repair = 'run "npm rebuild secp256k1" with a C++ compiler at hand';
    throw new InvariantError(`the native secp256k1 module did not load: ${repair}`, { cause });
  }
}

const binding = loadBinding();

/**
 * What the binding is handed always lies here: an array on the heap of JavaScript would be moved out of it first, into
 * memory of its own that has to be given back.
 */
const handed = Buffer.allocUnsafeSlow(64 + 32 + 65);
const handedSignature = handed.subarray(0, 64);
const handedHash = handed.subarray(64, 96);
const handedPoint = handed.subarray(96);

/** The points of recent keys: to find a point is a tenth of a verification, and the same accounts send again. */
const points = new RecentMap<Bytes>(MAX_CACHED_POINTS);

/** 65 bytes. Throws when there is no such point. */
function pointOf(pubKey: Bytes): Bytes {
  const name = latin1Text(pubKey, 0, pubKey.length);
  let point = points.get(name);
  if (point === undefined) {
    point = binding.publicKeyConvert(pubKey, false);
    points.set(name, point);
  }
  return point;
}

/** False, never an error, for a wrong length, a key off the curve, high s or a wrong signature. */
export function verifySecp256k1(pubKey: Bytes, messageHash: Bytes, signature: Bytes): boolean {
  if (pubKey.length !== 33 || messageHash.length !== 32 || signature.length !== 64) return false;
  handedSignature.set(signature);
  handedHash.set(messageHash);
  try {
    handedPoint.set(pointOf(pubKey));
    return binding.ecdsaVerify(handedSignature, handedHash, handedPoint);
  } catch {
    return false;
  }
}

/** 64 bytes r|s, low s, deterministic nonce (RFC 6979). */
export function signSecp256k1(privateKey: Bytes, messageHash: Bytes): Bytes {
  return binding.ecdsaSign(messageHash, privateKey).signature;
}

/** 33 bytes. */
export function secp256k1PublicKey(privateKey: Bytes): Bytes {
  return binding.publicKeyCreate(privateKey, true);
}

/** Is this a compressed encoding of a point on the curve? */
export function isSecp256k1PublicKey(pubKey: Bytes): boolean {
  return pubKey.length === 33 && binding.publicKeyVerify(pubKey);
}

/** Is this a number of 32 bytes from 1 to below the order of the curve? */
export function isSecp256k1PrivateKey(privateKey: Bytes): boolean {
  return privateKey.length === 32 && binding.privateKeyVerify(privateKey);
}
