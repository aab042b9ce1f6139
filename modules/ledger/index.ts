/** What other floors use of the ledger: the rollup's provers, and the list of modules. */
export * from './batch.ts';
export { FIELD } from './field.ts';
export { batchFromWire, batchToWire, intentFromWire } from './codec.ts';
export { ledgerModule, type LedgerModule } from './module.ts';
export { LedgerTree, MemoryNodes, type Leaf } from './tree.ts';
export type { BatchShape, OpenBatch, Operation } from './transition.ts';
export { batchWitness, type CircuitInput } from './witness.ts';
