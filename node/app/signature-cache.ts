/** Remembers which signatures were found good, so that a node checks each transaction only once. */
import { MAX_CACHED_SIGNATURES } from '../base/limits.ts';

export class SignatureCache {
  readonly #good = new Set<string>();

  /** `account` is part of the name: the account number is signed but stands nowhere in the tx. */
  static key(txHash: string, signer: number, account: bigint): string {
    return `${txHash}/${signer}/${account}`;
  }

  has(key: string): boolean {
    return this.#good.has(key);
  }

  add(key: string): void {
    if (this.#good.size >= MAX_CACHED_SIGNATURES) {
      const [oldest] = this.#good;
      this.#good.delete(oldest as string);
    }
    this.#good.add(key);
  }
}
