/**
 * Errors of the state store. Queries answer with the codes of the Cosmos SDK instead: see query.ts.
 */
import { defineError, InvariantError } from '../base/errors.ts';

export const ErrInvalidKey = defineError('store', 2, 'invalid store key');
export const ErrInvalidValue = defineError('store', 3, 'invalid store value');
export const ErrStoreSet = defineError('store', 5, 'the stores do not match the state database');
export const ErrVersion = defineError('store', 7, 'version is not available');
export const ErrInvalidProof = defineError('store', 8, 'invalid proof');

/**
 * The database does not hold what it must. Never an answer to a transaction: a node that cannot
 * read its state has to stop, or its results would differ from everybody else's.
 */
export class DamagedStoreError extends InvariantError {
  override name = 'DamagedStoreError';

  constructor(why: string, options?: ErrorOptions) {
    super(`the database is damaged: ${why}`);
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}

/** Sound perhaps, but written by a program that lays it out in another way. */
export class OtherFormatError extends DamagedStoreError {
  override name = 'OtherFormatError';
}
