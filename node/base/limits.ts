/** Every bound of the node by name. Each is tested at the bound and one past it. */

/** Largest transaction, bytes. */
export const MAX_TX_BYTES = 262_144;
/** Largest block, bytes, whatever the genesis file says. */
export const MAX_BLOCK_BYTES = 4_194_304;
/** Deepest nesting of protobuf messages that is decoded. */
export const MAX_PROTO_DEPTH = 32;
