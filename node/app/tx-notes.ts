/** What is worked out of a transaction once and kept with it. Each note is written by one place alone. */
import type { Coin } from '../base/coin.ts';

export interface TxFacts {
  /** First signer. */
  readonly sender: string;
  readonly sequence: bigint;
  /** Gas price in the fee denomination, scaled by 10^18 as the priority CheckTx answers. */
  readonly price: bigint;
  /** Has no place among its sender's transactions; its sequence says nothing. */
  readonly unordered: boolean;
  /** Who has signed besides the sender. */
  readonly others: readonly string[];
  /** Some block or time makes it invalid. */
  readonly expires: boolean;
}

export interface TxNotes {
  /** By tx-facts.ts. */
  facts: TxFacts | undefined;
  /** The fee as numbers, by ante-fee.ts. */
  fee: readonly Coin[] | undefined;
}
