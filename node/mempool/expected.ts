/** What the mempool needs from the application. */
import type { Abci } from '../app/abci.ts';
import type { Bytes } from '../base/bytes.ts';

export interface TxFacts {
  /** First signer. */
  readonly sender: string;
  readonly sequence: bigint;
  /** Same scale as the priority CheckTx answers. */
  readonly price: bigint;
  /** Has no place among its sender's transactions; its sequence says nothing. */
  readonly unordered: boolean;
  /** Nobody but the sender has signed. */
  readonly alone: boolean;
}

export interface MempoolApp extends Pick<Abci, 'checkTx'> {
  /** What a transaction says of itself, without any check; undefined when it cannot be read. */
  inspectTx(tx: Bytes): TxFacts | undefined;
  /** Do its signatures hold, whatever its sequence is? Undefined when that cannot be said yet. */
  signaturesHold?(tx: Bytes): boolean | undefined;
}
