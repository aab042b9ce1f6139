/** Bounds of transactions and of the mempool; part of limits.ts. */

// Transactions

/** How far ahead of the block's time an unordered transaction may time out: the SDK's figure. */
export const MAX_UNORDERED_TIMEOUT_NANOS = 600_000_000_000n;
/** Expired entries of unordered transactions that one block removes. */
export const MAX_NONCES_REMOVED_PER_BLOCK = 10_000;

// Mempool

/** Pending transactions, their bytes, and how many one sender may have. */
export const MAX_MEMPOOL_TXS = 5_000;
export const MAX_MEMPOOL_BYTES = 67_108_864;
export const MAX_MEMPOOL_TXS_PER_SENDER = 500;
/** What a transaction must pay, in per cent of the pending one whose place it takes. */
export const REPLACEMENT_PRICE_PERCENT = 110n;
/** Blocks a transaction may wait. */
export const MAX_MEMPOOL_AGE_BLOCKS = 600;
/** Signers whose pending transactions are checked again for the sake of one that more than these have signed: none. */
export const MAX_COUNTED_SIGNERS = 32;
/** Pending transactions that are checked again, besides the rest of the last sender's, to find room for another. */
export const MAX_RECHECKS_FOR_ROOM = 250;
/** Blocks after which what no block has touched is checked again, and how many of those after one block. */
export const RECHECK_AFTER_BLOCKS = 10;
export const MAX_RECHECKS_PER_BLOCK = 100;
/** Transactions of peers that wait for a predecessor, all, their bytes, and per sender, and for how many blocks. */
export const MAX_WAITING_TXS = 500;
export const MAX_WAITING_BYTES = 8_388_608;
export const MAX_WAITING_TXS_PER_SENDER = 64;
export const MAX_WAITING_BLOCKS = 20;
/** Hashes of transactions, pending or in recent blocks, that are refused at once: at least half as many. */
export const MAX_TX_CACHE = 100_000;
