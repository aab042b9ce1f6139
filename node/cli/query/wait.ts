/** Waiting for a transaction to be in a block. */
import { setTimeout as pause } from 'node:timers/promises';
import { ExitError } from '../../base/exit.ts';
import type { MethodTable } from '../../method-table.ts';
import type { Call } from '../command.ts';
import type { Json } from '../rpc-client.ts';
import { ask } from './ask.ts';

const POLL_MS = 100;

/** The result as the Cosmos SDK's programs show it. Throws ExitError 65 when no block has it. */
export async function findTx(call: Call, table: MethodTable, hash: string): Promise<Json> {
  const path = '/cosmos.tx.v1beta1.Service/GetTx';
  const found = await ask(call, table, { path, fields: new Map([['hash', [hash]]]) });
  return (found as { readonly tx_response: Json }).tx_response;
}

/** As findTx, once a block has it; undefined when none has after so many seconds. */
export async function committedTx(
  call: Call,
  table: MethodTable,
  hash: string,
  seconds: number,
): Promise<Json | undefined> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    try {
      return await findTx(call, table, hash);
    } catch (error) {
      const isMissing = error instanceof ExitError && error.message.includes('tx not found');
      if (!isMissing) throw error;
    }
    if (performance.now() > end) return undefined;
    await pause(POLL_MS);
  }
}
