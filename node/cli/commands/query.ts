/** bitscale query: a command for every method that a node answers, made from the table of the methods. */
import type { Command } from '../command.ts';
import { abciCommand, grpcCommand } from '../query/any-path.ts';
import { cometQueries } from '../query/comet.ts';
import { finalityCommand } from '../query/finality.ts';
import { methodCommand } from '../query/method-command.ts';
import { ELSEWHERE } from '../query/names.ts';
import { transactionCommands } from '../query/transactions.ts';

/** Loading the table loads every module of the chain. */
export async function queryCommands(): Promise<readonly Command[]> {
  const { methodTable } = await import('../../method-table.ts');
  const table = methodTable();
  const methods = [...table.methods.values()].filter(({ path }) => !ELSEWHERE.has(path));
  const named = methods.map((method) => methodCommand(method, table));
  return [
    ...transactionCommands(table),
    ...cometQueries,
    ...named.sort((a, b) => (a.name < b.name ? -1 : 1)),
    finalityCommand(table),
    grpcCommand(table),
    abciCommand,
  ];
}
