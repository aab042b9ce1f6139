/**
 * The keys of a local network, all from one mnemonic that everybody knows: never for anything of worth.
 * Accounts are where wallets look for them; validators use account branch 1' of the same paths.
 */
import { Bip39, EnglishMnemonic, Slip10, Slip10Curve, stringToPath } from '@cosmjs/crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { accountAddress } from '../node/base/address.ts';
import type { Bytes } from '../node/base/bytes.ts';
import { ed25519PublicKey } from '../node/base/ed25519.ts';
import { secp256k1PublicKey } from '../node/base/secp256k1.ts';
import type { LocalValidator } from './local.ts';

export const TEST_MNEMONIC = 'test test test test test test test test test test test junk';

export interface AccountKey {
  readonly privateKey: Bytes;
  /** Compressed, 33 bytes. */
  readonly publicKey: Bytes;
  readonly address: Bytes;
}

export interface L1Key {
  readonly privateKey: Bytes;
  readonly address: Bytes;
}

export interface ValidatorKeys {
  readonly operator: AccountKey;
  /** Signs for the validator on L1. */
  readonly attestation: L1Key;
  /** ed25519 seed of the consensus key. */
  readonly consensusSeed: Bytes;
  /** ed25519 seed of the libp2p identity. */
  readonly nodeSeed: Bytes;
}

/** The 64-byte seed of a mnemonic; a few milliseconds. Throws when the checksum is wrong. */
export function seedOf(mnemonic: string): Promise<Bytes> {
  return Bip39.mnemonicToSeed(new EnglishMnemonic(mnemonic));
}

function derive(seed: Bytes, curve: Slip10Curve, path: string): Bytes {
  return Slip10.derivePath(curve, seed, stringToPath(path)).privkey;
}

/** The Cosmos account of a path, by default number `index` of wallets: m/44'/118'/0'/0/index. */
export function accountKey(seed: Bytes, index: number, branch = 0): AccountKey {
  const privateKey = derive(seed, Slip10Curve.Secp256k1, `m/44'/118'/${branch}'/0/${index}`);
  const publicKey = secp256k1PublicKey(privateKey);
  return { privateKey, publicKey, address: accountAddress(publicKey) };
}

/** The Ethereum account m/44'/60'/branch'/0/index. */
export function l1Key(seed: Bytes, index: number, branch = 0): L1Key {
  const privateKey = derive(seed, Slip10Curve.Secp256k1, `m/44'/60'/${branch}'/0/${index}`);
  const publicKey = secp256k1.getPublicKey(privateKey, false);
  return { privateKey, address: keccak_256(publicKey.slice(1)).slice(12) };
}

export function validatorKeys(seed: Bytes, index: number): ValidatorKeys {
  return {
    operator: accountKey(seed, index, 1),
    attestation: l1Key(seed, index, 1),
    consensusSeed: derive(seed, Slip10Curve.Ed25519, `m/44'/118'/2'/0'/${index}'`),
    nodeSeed: derive(seed, Slip10Curve.Ed25519, `m/44'/118'/3'/0'/${index}'`),
  };
}

/** What the genesis file says about validator `index`. */
export function localValidator(keys: ValidatorKeys, index: number): LocalValidator {
  return {
    moniker: `node${index}`,
    operator: keys.operator.address,
    pubKey: ed25519PublicKey(keys.consensusSeed),
    attestationAddress: keys.attestation.address,
  };
}
