/** Keys of accounts: one secp256k1 key, or so many of a list of them ("multisig"). */
import { LegacyAminoPubKey } from 'cosmjs-types/cosmos/crypto/multisig/keys';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import type { Any } from 'cosmjs-types/google/protobuf/any';
import { accountAddress } from '../base/address.ts';
import { concat, fromHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_MULTISIG_KEYS } from '../base/limits.ts';
import { encodeVarint } from '../base/proto-writer.ts';
import { INVALID_PUBKEY } from '../base/sdk-errors.ts';
import { isSecp256k1PublicKey } from '../base/secp256k1.ts';
import { strictDecode } from '../base/strict-decode.ts';

export interface PublicKey {
  readonly any: Any;
  /** Compressed secp256k1, 33 bytes each; exactly one unless `multi`. */
  readonly members: readonly Bytes[];
  /** How many members must sign. */
  readonly threshold: number;
  readonly multi: boolean;
}

export const SINGLE_KEY_URL = '/cosmos.crypto.secp256k1.PubKey';
export const MULTI_KEY_URL = '/cosmos.crypto.multisig.LegacyAminoPubKey';
/** Amino's prefixes of the two kinds. */
const AMINO_SINGLE = fromHex('eb5ae98721');
const AMINO_MULTI = fromHex('22c1f7e2');

export function singleKey(key: Bytes): PublicKey {
  const any = { typeUrl: SINGLE_KEY_URL, value: PubKey.encode({ key }).finish() };
  return { any, members: [key], threshold: 1, multi: false };
}

/** So many of these keys. Throws RangeError for a threshold or a number of keys that cannot be. */
export function multiKey(members: readonly Bytes[], threshold: number): PublicKey {
  const publicKeys = members.map((member) => singleKey(member).any);
  const value = LegacyAminoPubKey.encode({ threshold, publicKeys }).finish();
  const key = readPublicKey({ typeUrl: MULTI_KEY_URL, value }, 0);
  if (key instanceof BitscaleError) throw new RangeError(key.message);
  return key;
}

/** A key that cannot be used is an error; bytes that are not canonical throw sdk/2. */
export function readPublicKey(any: Any, depth: number): PublicKey | BitscaleError {
  if (any.typeUrl === SINGLE_KEY_URL) {
    const { key } = strictDecode(PubKey, any.value, depth);
    return { any, members: [key], threshold: 1, multi: false };
  }
  if (any.typeUrl !== MULTI_KEY_URL) {
    return new BitscaleError(INVALID_PUBKEY, `unrecognized public key type: ${any.typeUrl}`);
  }
  const { threshold, publicKeys } = strictDecode(LegacyAminoPubKey, any.value, depth);
  if (publicKeys.length > MAX_MULTISIG_KEYS) {
    return new BitscaleError(INVALID_PUBKEY, `more than ${MAX_MULTISIG_KEYS} keys`);
  }
  const members: Bytes[] = [];
  for (const inner of publicKeys) {
    const member = readPublicKey(inner, depth + 2);
    if (member instanceof BitscaleError) return member;
    if (member.multi) return new BitscaleError(INVALID_PUBKEY, 'a multisig inside a multisig');
    members.push(...member.members);
  }
  if (threshold < 1 || threshold > members.length) {
    return new BitscaleError(INVALID_PUBKEY, `threshold ${threshold} of ${members.length} keys`);
  }
  return { any, members, threshold, multi: true };
}

/** Are all members points on the curve? */
export function isUsable(key: PublicKey): boolean {
  return key.members.every(isSecp256k1PublicKey);
}

const addresses = new WeakMap<PublicKey, Bytes>();

/** 20 bytes, not to be changed: computed once for each key object. */
export function addressOfKey(key: PublicKey): Bytes {
  let address = addresses.get(key);
  if (!address) {
    address = computeAddress(key);
    addresses.set(key, address);
  }
  return address;
}

function computeAddress({ members, threshold, multi }: PublicKey): Bytes {
  if (!multi) return accountAddress(members[0] as Bytes);
  const keys = members.map((member) => {
    const amino = concat(AMINO_SINGLE, member);
    return concat(Uint8Array.of(0x12), encodeVarint(amino.length), amino);
  });
  const head = concat(AMINO_MULTI, Uint8Array.of(0x08), encodeVarint(threshold));
  return sha256(concat(head, ...keys)).slice(0, 20);
}
