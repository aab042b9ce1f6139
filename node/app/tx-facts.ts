/** What orders a transaction among others, as it says of itself. */
import type { Bytes } from '../base/bytes.ts';
import type { AddressText } from './address-text.ts';
import { gasPrice } from './ante-fee.ts';
import type { Tx } from './tx.ts';

export interface TxFacts {
  /** First signer. */
  readonly sender: string;
  readonly sequence: bigint;
  /** Gas price in the fee denomination, scaled by 10^18 as the priority CheckTx answers. */
  readonly price: bigint;
  /** Has no place among its sender's transactions; its sequence says nothing. */
  readonly unordered: boolean;
  /** Nobody but the sender has signed. */
  readonly alone: boolean;
  /** Some block or time makes it invalid. */
  readonly expires: boolean;
}

/** Worked out once for each transaction. */
export class KnownFacts {
  readonly #addresses: AddressText;
  readonly #feeDenom: string;
  readonly #known = new WeakMap<Tx, TxFacts>();

  constructor({ addresses }: { readonly addresses: AddressText }, feeDenom: string) {
    this.#addresses = addresses;
    this.#feeDenom = feeDenom;
  }

  /** Throws sdk/10 when the fee is no number. */
  of(tx: Tx): TxFacts {
    let facts = this.#known.get(tx);
    if (!facts) {
      facts = this.#read(tx);
      this.#known.set(tx, facts);
    }
    return facts;
  }

  #read(tx: Tx): TxFacts {
    return {
      sender: this.#addresses.write(tx.signers[0] as Bytes),
      sequence: tx.authInfo.signerInfos[0]?.sequence ?? 0n,
      price: gasPrice(tx, this.#feeDenom),
      unordered: tx.body.unordered,
      alone: tx.signers.length === 1,
      expires: tx.body.timeoutHeight !== 0n || tx.timeout !== undefined,
    };
  }
}
