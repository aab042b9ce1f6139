/** bitscale query tx, txs, wait-tx: transactions as the Cosmos SDK's programs show them. */
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { MAX_RPC_PAGE } from '../../base/limits.ts';
import type { MethodTable } from '../../method-table.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { printResult } from '../output.ts';
import { RpcClient } from '../rpc-client.ts';
import { ask, QUERY_OPTIONS } from './ask.ts';
import { committedTx, findTx } from './wait.ts';

const SERVICE = '/cosmos.tx.v1beta1.Service';

type Json = Record<string, unknown>;

function hashOf(call: Call): string {
  const text = call.argument(0).replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw usageError('a hash has 64 hexadecimal digits');
  return text.toUpperCase();
}

function txCommand(table: MethodTable): Command {
  return {
    name: 'query tx',
    summary: 'A transaction by its hash, with its result',
    arguments: ['<hash>'],
    options: {
      ...QUERY_OPTIONS,
      prove: { help: "CometBFT's answer, with the proof that its block holds it" },
    },
    examples: ['bitscale query tx 3F0C...', 'bitscale query tx 3F0C... -o json'],
    async run(call, terminal) {
      const hash = hashOf(call);
      if (!call.flag('prove')) return printResult(call, terminal, await findTx(call, table, hash));
      const params = { hash: Buffer.from(hash, 'hex').toString('base64'), prove: true };
      printResult(call, terminal, await new RpcClient(call.text('node')).call('tx', params));
    },
  };
}

function waitCommand(table: MethodTable): Command {
  return {
    name: 'query wait-tx',
    aliases: ['query event-query-tx-for'],
    summary: 'Wait until a transaction is in a block, then show it',
    arguments: ['<hash>'],
    options: {
      ...QUERY_OPTIONS,
      timeout: { value: '<seconds>', help: 'how long to wait', default: '15' },
    },
    async run(call, terminal) {
      const hash = hashOf(call);
      const found = await committedTx(call, table, hash, call.integer('timeout'));
      if (found === undefined) throw new ExitError(EXIT_DATA, `${hash} is in no block yet`);
      printResult(call, terminal, found);
    },
  };
}

const ORDERS: ReadonlyMap<string, string> = new Map([
  ['asc', 'ORDER_BY_ASC'],
  ['desc', 'ORDER_BY_DESC'],
]);

function txsCommand(table: MethodTable): Command {
  return {
    name: 'query txs',
    summary: 'Transactions by their events',
    options: {
      query: { value: '<query>', help: "conditions, such as message.sender='bitscale1...'" },
      page: { value: '<number>', help: 'page, from 1', default: '1' },
      limit: { value: '<number>', help: 'transactions on a page', default: `${MAX_RPC_PAGE}` },
      order_by: { value: '<asc|desc>', help: 'oldest or newest first', default: 'asc' },
      ...QUERY_OPTIONS,
    },
    examples: [`bitscale query txs --query "tx.height>5 AND message.module='bank'"`],
    async run(call, terminal) {
      const order = ORDERS.get(call.text('order_by'));
      if (order === undefined) throw usageError('--order_by is asc or desc');
      const [page, limit] = [call.integer('page'), call.integer('limit')];
      if (page < 1 || limit < 1 || limit > MAX_RPC_PAGE) {
        throw usageError(`--page is at least 1, and --limit 1 to ${MAX_RPC_PAGE}`);
      }
      const fields = new Map([
        ['query', [call.text('query')]],
        ['page', [String(page)]],
        ['limit', [String(limit)]],
        ['order_by', [order]],
      ]);
      const path = `${SERVICE}/GetTxsEvent`;
      const { tx_responses: txs, total } = (await ask(call, table, { path, fields })) as Json;
      const shown = txs as readonly unknown[];
      printResult(call, terminal, {
        total_count: total,
        count: String(shown.length),
        page_number: String(page),
        page_total: String(Math.ceil(Number(total) / limit)),
        limit: String(limit),
        txs,
      });
    },
  };
}

export function transactionCommands(table: MethodTable): readonly Command[] {
  return [txCommand(table), waitCommand(table), txsCommand(table)];
}
