/** bitscale query settlement finality: how final a transaction or an intent is. */
import type { MethodTable } from '../../method-table.ts';
import { usageError, type Command } from '../command.ts';
import { printResult } from '../output.ts';
import { ask, QUERY_OPTIONS } from './ask.ts';

const PATH = '/bitscale.settlement.v1.Query/Finality';

/** Both are 32 bytes in hexadecimal, so the node is asked for a transaction first. */
export function finalityCommand(table: MethodTable): Command {
  return {
    name: 'query settlement finality',
    summary: 'How final a transaction or an intent is: unknown, soft, proven or final',
    arguments: ['<tx hash|intent id>'],
    options: QUERY_OPTIONS,
    examples: ['bitscale query settlement finality 3F0C... --node http://127.0.0.1:26657'],
    async run(call, terminal) {
      const id = call.argument(0).replace(/^0x/, '').toLowerCase();
      if (!/^[0-9a-f]{64}$/.test(id)) {
        throw usageError('a transaction or an intent is named by 64 hexadecimal digits');
      }
      const about = async (field: string, text: string) => {
        const fields = new Map([[field, [text]]]);
        return (await ask(call, table, { path: PATH, fields })) as Record<string, unknown>;
      };
      const ofTx = await about('tx_hash', Buffer.from(id, 'hex').toString('base64'));
      const isKnown = ofTx['finality'] !== 'unknown';
      const answer = isKnown ? ofTx : await about('intent_id', id);
      printResult(call, terminal, { ...answer, l1_tx_hash: l1Hash(answer['l1_tx_hash']) });
    },
  };
}

/** As the tools of L1 write it. */
function l1Hash(base64: unknown): string | null {
  if (typeof base64 !== 'string') return null;
  return `0x${Buffer.from(base64, 'base64').toString('hex')}`;
}
