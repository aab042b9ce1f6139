/** bitscale status */
import type { Command } from '../command.ts';
import { RpcClient } from '../rpc-client.ts';
import { outputOption, printResult } from '../output.ts';
import { NODE_OPTION } from '../shared-options.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Ask a node who it is and how far it has come',
  options: { ...NODE_OPTION, ...outputOption('json') },
  async run(call, terminal) {
    const status = await new RpcClient(call.text('node')).call('status');
    printResult(call, terminal, status, 'json');
  },
};
