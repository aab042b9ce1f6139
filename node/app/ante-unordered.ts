/** Transactions without a sequence: each signer may use a timeout once. Rules and texts of the SDK 0.53. */
import { toHex } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_UNORDERED_TIMEOUT_NANOS } from '../base/limits.ts';
import { INVALID_REQUEST, NOT_SUPPORTED } from '../base/sdk-errors.ts';
import { timeToNanos } from '../base/time.ts';
import type { Context } from './context.ts';
import type { AccountKeeper } from './expected.ts';
import type { Tx } from './tx.ts';

const UNORDERED_GAS = 2240;

const invalid = (detail: string): BitscaleError => new BitscaleError(INVALID_REQUEST, detail);

export function requireUnorderedSupport(tx: Tx, accounts: AccountKeeper): void {
  if (!tx.body.unordered || accounts.nonces) return;
  throw new BitscaleError(NOT_SUPPORTED, 'unordered transactions are not enabled');
}

/** Throws sdk/18 for a timeout that is missing, passed, too far ahead or used before by a signer. */
export function useUnorderedNonces(context: Context, tx: Tx, accounts: AccountKeeper): void {
  const timeout = tx.timeout;
  if (timeout === undefined) throw invalid('unordered transaction must have timeout_timestamp set');
  const now = timeToNanos(context.time);
  if (timeout < now) {
    throw invalid('unordered transaction has a timeout_timestamp that has already passed');
  }
  if (timeout > now + MAX_UNORDERED_TIMEOUT_NANOS) throw invalid('unordered tx ttl exceeds 10m0s');
  if (tx.authInfo.signerInfos.some(({ sequence }) => sequence !== 0n)) {
    throw invalid('sequence is not allowed for unordered transactions');
  }
  context.gas.consume(UNORDERED_GAS, 'unordered tx');
  for (const signer of tx.signers) {
    // A simulation pays as well, and may be of a transaction that waits already.
    if (accounts.nonces?.add(context, signer, timeout) || context.isSimulate) continue;
    const used = `already used timeout ${timeout} for address ${toHex(signer)}`;
    throw invalid(`failed to add unordered nonce: ${used}`);
  }
}
