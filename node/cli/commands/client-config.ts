/** bitscale client-config: what wallets and directories want to know about the chain of a home. */
import { existsSync, readFileSync } from 'node:fs';
import { readDraft } from '../../../genesis/validate.ts';
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';
import { loadConfig } from '../../config.ts';
import { homeAt } from '../../home.ts';
import { usageError, type Command } from '../command.ts';
import { HOME_OPTION, homeFolder, printJson } from '../shared-options.ts';

const FILES = ['chain', 'assetlist', 'keplr'] as const;

export const clientConfigCommand: Command = {
  name: 'client-config',
  summary: 'Print chain.json, assetlist.json or what wallets take as a suggested chain',
  arguments: [`<${FILES.join('|')}>`],
  options: {
    ...HOME_OPTION,
    rpc: { value: '<url>', help: 'where clients reach the RPC; else as in config.json' },
    rest: { value: '<url>', help: 'where clients reach REST; else as in config.json' },
    grpc: { value: '<host:port>', help: 'where clients reach gRPC; else as in config.json' },
  },
  examples: ['bitscale client-config chain --rpc https://rpc.example.org > chain.json'],
  run: async (call, terminal) => {
    const { clientFiles, clientOptions, walletProblem } = await import('../../client-config.ts');
    const wanted = FILES.find((file) => file === call.argument(0));
    if (wanted === undefined) throw usageError(`name one of ${FILES.join(', ')}`);
    const home = homeAt(homeFolder(call, terminal));
    if (!existsSync(home.genesisFile)) {
      throw new ExitError(EXIT_CONFIG, `${home.genesisFile} is missing`);
    }
    const known = Object.entries({
      rpc: call.optional('rpc'),
      rest: call.optional('rest'),
      grpc: call.optional('grpc'),
    }).filter(([, address]) => address !== undefined);
    const options = clientOptions(await loadConfig(home.configFile), Object.fromEntries(known));
    const genesis = readDraft(readFileSync(home.genesisFile, 'utf8'));
    const problem = wanted === 'keplr' ? walletProblem(genesis) : undefined;
    if (problem !== undefined) terminal.warn(problem);
    printJson(terminal, clientFiles(genesis, options)[wanted]);
  },
};
