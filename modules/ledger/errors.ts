/** Why the ledger refuses; the numbers are stable. */
import { defineError } from '../../node/base/errors.ts';

const CODESPACE = 'ledger';

export const ERR_MALFORMED = defineError(CODESPACE, 2, 'malformed intent');
export const ERR_SIGNATURE = defineError(CODESPACE, 3, 'invalid owner signature');
export const ERR_UNKNOWN_ACCOUNT = defineError(CODESPACE, 4, 'unknown ledger account');
export const ERR_WRONG_OWNER = defineError(CODESPACE, 5, 'account belongs to another key');
export const ERR_TOKEN = defineError(CODESPACE, 6, 'unknown or wrong token');
export const ERR_NONCE = defineError(CODESPACE, 7, 'wrong nonce');
export const ERR_FUNDS = defineError(CODESPACE, 8, 'insufficient ledger balance');
export const ERR_EXPIRED = defineError(CODESPACE, 9, 'expired');
export const ERR_UNKNOWN_QUOTE = defineError(CODESPACE, 10, 'unknown quote');
export const ERR_QUOTE_EXHAUSTED = defineError(CODESPACE, 11, 'quote exhausted');
export const ERR_RATE = defineError(CODESPACE, 12, 'amounts do not match the rate of the quote');
export const ERR_ACCOUNT_EXISTS = defineError(CODESPACE, 13, 'ledger account exists already');
export const ERR_TREE_FULL = defineError(CODESPACE, 14, 'ledger is full');
export const ERR_KEY = defineError(CODESPACE, 15, 'not a valid account key');
export const ERR_LIMIT = defineError(CODESPACE, 16, 'too many items');
export const ERR_UNKNOWN_INTENT = defineError(CODESPACE, 17, 'intent not executed');
export const ERR_BALANCE_LIMIT = defineError(CODESPACE, 18, 'more than a balance can hold');
export const ERR_QUOTE_REPLACED = defineError(CODESPACE, 19, 'quote was replaced by a newer one');
