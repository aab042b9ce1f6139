/** Keys of the `settlement` store (in the app hash) and of `settlement_data` (batch contents, not in it). */
import { concat, uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';

export const SETTLEMENT_STORE = 'settlement';
export const DATA_STORE = 'settlement_data';

const tag = (value: number): Bytes => Uint8Array.of(value);

export const PARAMS_KEY = tag(0x00);
export const SEALED_KEY = tag(0x01);
export const ATTESTED_KEY = tag(0x02);
export const FINAL_KEY = tag(0x03);
export const NEXT_DEPOSIT_KEY = tag(0x04);
export const UNPROVEN_VALUE_KEY = tag(0x05);

export const batchKey = (number: bigint): Bytes => concat(tag(0x10), uint64ToBytes(number));
export const VALIDATOR_PREFIX = tag(0x11);
export const validatorKey = (operator: Bytes): Bytes => concat(VALIDATOR_PREFIX, operator);
export const ATTESTATION_PREFIX = tag(0x12);
export const attestationPrefix = (batch: bigint): Bytes =>
  concat(ATTESTATION_PREFIX, uint64ToBytes(batch));
export const attestationKey = (batch: bigint, operator: Bytes): Bytes =>
  concat(attestationPrefix(batch), operator);

/** Kinds of L1 facts; each has a number (queue index or batch) and a content. */
export const DEPOSIT_FACT = 1;
export const PROVEN_FACT = 2;
export type FactKind = typeof DEPOSIT_FACT | typeof PROVEN_FACT;

export const VOTE_PREFIX = tag(0x13);
export const DECIDED_PREFIX = tag(0x14);

const factKey = (prefix: Bytes, kind: FactKind, number: bigint): Bytes =>
  concat(prefix, tag(kind), uint64ToBytes(number));
/** All votes on one fact; a vote's value is the content that the validator saw. */
export const votePrefix = (kind: FactKind, number: bigint): Bytes =>
  factKey(VOTE_PREFIX, kind, number);
export const voteKey = (kind: FactKind, number: bigint, operator: Bytes): Bytes =>
  concat(votePrefix(kind, number), operator);
/** A content that enough stake has attested to and that waits for its turn. */
export const decidedKey = (kind: FactKind, number: bigint): Bytes =>
  factKey(DECIDED_PREFIX, kind, number);
