/** bitscale status */
import type { Command } from '../command.ts';
import { RpcClient } from '../rpc-client.ts';
import { NODE_OPTION, printJson } from '../shared-options.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Ask a node who it is and how far it has come',
  options: NODE_OPTION,
  async run(call, terminal) {
    printJson(terminal, await new RpcClient(call.text('node')).call('status'));
  },
};
