/** The hash functions of the chain. */
import { hash as nodeHash } from 'node:crypto';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Bytes } from './bytes.ts';

const SHA256_BYTES = 32;

/** 32 bytes. Taken over as a text of one character for each: a Buffer of its own costs more than the hashing. */
export function sha256(data: Bytes): Bytes {
  const text = nodeHash('sha256', data, 'binary');
  const out = new Uint8Array(SHA256_BYTES);
  for (let i = 0; i < SHA256_BYTES; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** 64 lower-case digits. */
export function sha256Hex(data: Bytes): string {
  return nodeHash('sha256', data, 'hex');
}

/** 20 bytes. */
export function ripemd160(data: Bytes): Bytes {
  return nobleRipemd160(data);
}

/** 32 bytes; the hash of the EVM. */
export function keccak256(data: Bytes): Bytes {
  return keccak_256(data);
}
