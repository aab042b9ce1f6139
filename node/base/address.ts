/** Addresses: how they follow from keys and names, and the prefixes of their bech32 text. */
import { toBech32, fromBech32 } from './bech32.ts';
import { utf8, type Bytes } from './bytes.ts';
import { ripemd160, sha256 } from './hash.ts';

export const ACCOUNT_PREFIX = 'bitscale';
export const VALOPER_PREFIX = 'bitscalevaloper';
export const VALCONS_PREFIX = 'bitscalevalcons';

/** 20 bytes from a compressed secp256k1 key (33 bytes). */
export function accountAddress(pubKey: Bytes): Bytes {
  return ripemd160(sha256(pubKey));
}

/** 20 bytes from an ed25519 key (32 bytes): what names a validator in votes and commits. */
export function consensusAddress(pubKey: Bytes): Bytes {
  return sha256(pubKey).slice(0, 20);
}

/** 20 bytes of an account that belongs to a module and has no key. */
export function moduleAddress(name: string): Bytes {
  return sha256(utf8(name)).slice(0, 20);
}

export const accountText = (address: Bytes): string => toBech32(ACCOUNT_PREFIX, address);
export const valoperText = (address: Bytes): string => toBech32(VALOPER_PREFIX, address);
export const valconsText = (address: Bytes): string => toBech32(VALCONS_PREFIX, address);

/** Throws sdk/7. */
export const parseAccount = (text: string): Bytes => fromBech32(ACCOUNT_PREFIX, text);
/** Throws sdk/7. */
export const parseValoper = (text: string): Bytes => fromBech32(VALOPER_PREFIX, text);
