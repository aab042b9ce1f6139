/** Validators' L1 signatures over the hash chain of batch headers: what the L1 contract counts stake on. */
import secp256k1 from 'secp256k1';
import { bytesToBigInt, concat, utf8, bigIntToBytes, type Bytes } from '../../node/base/bytes.ts';
import { keccak256 } from '../../node/base/hash.ts';

const ATTESTATION_DOMAIN = keccak256(utf8('bitscale.attest.v1'));
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

const word = (value: bigint): Bytes => bigIntToBytes(value, 32);

/** The digest that is signed: bound to the L1 chain and the Rollup contract. */
export function attestationDigest(
  l1: { readonly chainId: bigint; readonly rollup: Bytes },
  batch: bigint,
  rollingHash: Bytes,
): Bytes {
  return keccak256(
    concat(
      ATTESTATION_DOMAIN,
      word(l1.chainId),
      word(bytesToBigInt(l1.rollup)),
      word(batch),
      rollingHash,
    ),
  );
}

/** The L1 address that signed; undefined for anything but a low-S r, s, v with v of 27 or 28. */
export function recoverAddress(digest: Bytes, signature: Bytes): Bytes | undefined {
  if (signature.length !== 65) return undefined;
  const v = signature[64];
  if (v !== 27 && v !== 28) return undefined;
  const rs = signature.slice(0, 64);
  if (bytesToBigInt(rs.subarray(32)) > HALF_ORDER) return undefined;
  try {
    const key = secp256k1.ecdsaRecover(rs, v - 27, digest, false);
    return keccak256(key.slice(1)).slice(12);
  } catch {
    return undefined;
  }
}

export function signAttestation(digest: Bytes, secret: Bytes): Bytes {
  const { signature, recid } = secp256k1.ecdsaSign(digest, secret);
  return concat(signature, Uint8Array.of(27 + recid));
}

/** The L1 address of an attestation key. */
export function attestationAddress(secret: Bytes): Bytes {
  return keccak256(secp256k1.publicKeyCreate(secret, false).slice(1)).slice(12);
}
