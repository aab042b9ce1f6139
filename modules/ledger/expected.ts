/** What the ledger needs from other parts of the chain. */
import type { Context } from '../../node/app/context.ts';
import type { SealedBatch } from './batch.ts';

/** Receives every batch in the moment it is sealed; the settlement module brings it to L1. */
export interface BatchSink {
  sealed(context: Context, batch: SealedBatch): void;
}
