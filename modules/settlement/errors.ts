/** Why settlement refuses; the numbers are stable. */
import { defineError } from '../../node/base/errors.ts';

const CODESPACE = 'settlement';

export const ERR_NOT_VALIDATOR = defineError(CODESPACE, 2, 'not an attesting validator');
export const ERR_UNKNOWN_BATCH = defineError(CODESPACE, 3, 'unknown batch');
export const ERR_ATTESTATION = defineError(CODESPACE, 4, 'invalid attestation');
export const ERR_L1_FACT = defineError(CODESPACE, 5, 'malformed L1 fact');
export const ERR_LIMIT = defineError(CODESPACE, 6, 'too many items');
