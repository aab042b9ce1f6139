/** Remembers how signatures were found, so that a node checks each transaction only once. */
import type { Bytes } from '../base/bytes.ts';
import { MAX_CACHED_BAD_SIGNATURES, MAX_CACHED_SIGNATURES } from '../base/limits.ts';
import { RecentMap } from '../base/recent-map.ts';

/** Which signature: the account number is part of what is signed but stands nowhere in the tx. */
export interface SignatureName {
  readonly txHash: string;
  readonly signer: number;
  readonly account: bigint;
}

/** One signature to verify, and the name under which the answer is remembered. */
export interface SignatureCheck {
  readonly name: SignatureName;
  readonly pubKey: Bytes;
  /** Hash of the sign bytes. */
  readonly message: Bytes;
  readonly signature: Bytes;
}

export class SignatureCache {
  /** Account numbers by transaction, and signer when it is not the first. */
  readonly #good = new RecentMap<bigint>(MAX_CACHED_SIGNATURES);
  readonly #bad = new RecentMap<bigint>(MAX_CACHED_BAD_SIGNATURES);

  has(name: SignatureName): boolean {
    return this.#good.get(placeOf(name)) === name.account;
  }

  isBad(name: SignatureName): boolean {
    return this.#bad.get(placeOf(name)) === name.account;
  }

  add(name: SignatureName): void {
    this.#good.set(placeOf(name), name.account);
  }

  addBad(name: SignatureName): void {
    this.#bad.set(placeOf(name), name.account);
  }
}

/** The hash itself for the first signer: a text that is made anew is hashed anew at every look. */
function placeOf({ txHash, signer }: SignatureName): string {
  return signer === 0 ? txHash : `${txHash}/${signer}`;
}
