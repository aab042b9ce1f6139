/** Events of the ledger: searchable by account, id and batch. */
import type { Context } from '../../node/app/context.ts';
import { OP_CONVERT, OP_WITHDRAW, type Intent, type Quote } from './intent.ts';

const NAMES: ReadonlyMap<bigint, string> = new Map([
  [OP_WITHDRAW, 'withdraw'],
  [OP_CONVERT, 'convert'],
]);

export function emitIntent(
  context: Context,
  intent: Intent,
  { id, batch }: { id: string; batch: bigint },
): void {
  context.events.emit(
    'ledger_intent',
    ['id', id],
    ['operation', NAMES.get(intent.op) ?? 'transfer'],
    ['sender', String(intent.sIdx)],
    ['receiver', String(intent.rIdx)],
    ['token', String(intent.token)],
    ['amount', String(intent.amount)],
    ['fee', String(intent.fee)],
    ['batch', String(batch)],
  );
}

export function emitQuote(context: Context, id: string, quote: Quote): void {
  context.events.emit(
    'ledger_quote',
    ['id', id],
    ['provider', String(quote.outIdx)],
    ['token_in', String(quote.tokenIn)],
    ['token_out', String(quote.tokenOut)],
  );
}
