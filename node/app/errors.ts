/** The Cosmos SDK's root errors. Codes and texts are part of the API: relayers match on them. */
import { defineError } from '../base/errors.ts';

export const ErrUnauthorized = defineError('sdk', 4, 'unauthorized');
export const ErrInsufficientFunds = defineError('sdk', 5, 'insufficient funds');
export const ErrUnknownRequest = defineError('sdk', 6, 'unknown request');
export const ErrInvalidPubKey = defineError('sdk', 8, 'invalid pubkey');
export const ErrUnknownAddress = defineError('sdk', 9, 'unknown address');
export const ErrOutOfGas = defineError('sdk', 11, 'out of gas');
export const ErrMemoTooLarge = defineError('sdk', 12, 'memo too large');
export const ErrInsufficientFee = defineError('sdk', 13, 'insufficient fee');
export const ErrTooManySignatures = defineError('sdk', 14, 'maximum number of signatures exceeded');
export const ErrNoSignatures = defineError('sdk', 15, 'no signatures supplied');
export const ErrInvalidRequest = defineError('sdk', 18, 'invalid request');
export const ErrTxInMempool = defineError('sdk', 19, 'tx already in mempool');
export const ErrMempoolFull = defineError('sdk', 20, 'mempool is full');
export const ErrTxTooLarge = defineError('sdk', 21, 'tx too large');
export const ErrKeyNotFound = defineError('sdk', 22, 'key not found');
export const ErrInvalidHeight = defineError('sdk', 26, 'invalid height');
export const ErrInvalidType = defineError('sdk', 29, 'invalid type');
export const ErrTxTimeoutHeight = defineError('sdk', 30, 'tx timeout height');
export const ErrUnknownExtension = defineError('sdk', 31, 'unknown extension options');
export const ErrWrongSequence = defineError('sdk', 32, 'incorrect account sequence');
export const ErrNotSupported = defineError('sdk', 37, 'feature not supported');
export const ErrNotFound = defineError('sdk', 38, 'not found');
export const ErrInvalidGasLimit = defineError('sdk', 41, 'invalid gas limit');
