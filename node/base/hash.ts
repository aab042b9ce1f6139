/** The hash functions of the chain. */
import { hash as nodeHash } from 'node:crypto';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Bytes } from './bytes.ts';

/** 32 bytes. */
export function sha256(data: Bytes): Bytes {
  return new Uint8Array(nodeHash('sha256', data, 'buffer'));
}

/** 20 bytes. */
export function ripemd160(data: Bytes): Bytes {
  return nobleRipemd160(data);
}

/** 32 bytes; the hash of the EVM. */
export function keccak256(data: Bytes): Bytes {
  return keccak_256(data);
}
