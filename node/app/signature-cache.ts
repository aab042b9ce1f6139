/** Remembers how signatures were found, so that a node checks each transaction only once. */
import type { Bytes } from '../base/bytes.ts';
import { MAX_CACHED_BAD_SIGNATURES, MAX_CACHED_SIGNATURES } from '../base/limits.ts';

/** One signature to verify, and the name under which the answer is remembered. */
export interface SignatureCheck {
  readonly key: string;
  readonly pubKey: Bytes;
  /** Hash of the sign bytes. */
  readonly message: Bytes;
  readonly signature: Bytes;
}

export class SignatureCache {
  readonly #good = new Set<string>();
  readonly #bad = new Set<string>();

  /** `account` is part of the name: the account number is signed but stands nowhere in the tx. */
  static key(txHash: string, signer: number, account: bigint): string {
    return `${txHash}/${signer}/${account}`;
  }

  has(key: string): boolean {
    return this.#good.has(key);
  }

  isBad(key: string): boolean {
    return this.#bad.has(key);
  }

  add(key: string): void {
    remember(this.#good, key, MAX_CACHED_SIGNATURES);
  }

  addBad(key: string): void {
    remember(this.#bad, key, MAX_CACHED_BAD_SIGNATURES);
  }
}

function remember(set: Set<string>, key: string, max: number): void {
  if (set.size >= max) {
    const [oldest] = set;
    set.delete(oldest as string);
  }
  set.add(key);
}
