/** Every bound of the node by name. Each is tested at the bound and one past it. */

/** Largest transaction, bytes. */
export const MAX_TX_BYTES = 262_144;
/** Largest block, bytes, whatever the genesis file says. */
export const MAX_BLOCK_BYTES = 4_194_304;
/** Deepest nesting of protobuf messages that is decoded. */
export const MAX_PROTO_DEPTH = 32;

// Engine

/** Largest record of the write-ahead log, bytes: a proposed block and its justification. */
export const MAX_WAL_RECORD_BYTES = MAX_BLOCK_BYTES + 1_048_576;
/** Largest write-ahead log of one height, bytes; every round may add a block. */
export const MAX_WAL_FILE_BYTES = 1_073_741_824;
