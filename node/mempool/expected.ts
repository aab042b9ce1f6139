/** What the mempool needs from the application. */
import type { Abci } from '../app/abci.ts';
import type { TxFacts } from '../app/tx-facts.ts';
import type { Bytes } from '../base/bytes.ts';

export interface MempoolApp extends Pick<Abci, 'checkTx'> {
  /** What a transaction says of itself, without any check; undefined when it cannot be read. */
  inspectTx(tx: Bytes): TxFacts | undefined;
  /** `refresh` is called before anybody else's question is answered on top of what is pending. */
  followPending?(refresh: (tx: Bytes) => void): void;
  /** Do its signatures hold, whatever its sequence is? Undefined when that cannot be said yet. */
  signaturesHold?(tx: Bytes): boolean | undefined;
}
