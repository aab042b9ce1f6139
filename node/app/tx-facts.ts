/** What orders a transaction among others, as it says of itself. */
import type { Bytes } from '../base/bytes.ts';
import type { AddressText } from './address-text.ts';
import { gasPrice } from './ante-fee.ts';
import type { Tx } from './tx.ts';
import type { TxFacts } from './tx-notes.ts';

export type { TxFacts };

const NOBODY: readonly string[] = [];

/** Worked out once for each transaction. */
export class KnownFacts {
  readonly #addresses: AddressText;
  readonly #feeDenom: string;

  constructor({ addresses }: { readonly addresses: AddressText }, feeDenom: string) {
    this.#addresses = addresses;
    this.#feeDenom = feeDenom;
  }

  /** Throws sdk/10 when the fee is no number. */
  of(tx: Tx): TxFacts {
    return (tx.notes.facts ??= this.#read(tx));
  }

  #read(tx: Tx): TxFacts {
    return {
      sender: this.#addresses.write(tx.signers[0] as Bytes),
      sequence: tx.authInfo.signerInfos[0]?.sequence ?? 0n,
      price: gasPrice(tx, this.#feeDenom),
      unordered: tx.body.unordered,
      others: tx.signers.length === 1 ? NOBODY : this.#others(tx.signers),
      expires: tx.body.timeoutHeight !== 0n || tx.timeout !== undefined,
    };
  }

  #others(signers: readonly Bytes[]): readonly string[] {
    return signers.slice(1).map((signer) => this.#addresses.write(signer));
  }
}
