/** Errors of the state store. Queries answer with the codes of the Cosmos SDK instead: see query.ts. */
import { defineError } from '../base/errors.ts';

export const ErrInvalidKey = defineError('store', 2, 'invalid store key');
export const ErrInvalidValue = defineError('store', 3, 'invalid store value');
export const ErrDamaged = defineError('store', 4, 'the state database is damaged');
export const ErrStoreSet = defineError('store', 5, 'the stores do not match the state database');
export const ErrUnknownStore = defineError('store', 6, 'no such store');
export const ErrVersion = defineError('store', 7, 'version is not available');
export const ErrInvalidProof = defineError('store', 8, 'invalid proof');
