/** bitscale genesis: from an empty genesis file to one that a chain can begin with. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readGenesis } from '../../../genesis/validate.ts';
import { toHex } from '../../base/bytes.ts';
import { EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { homeAt } from '../../home.ts';
import type { Command } from '../command.ts';
import { setSetting } from '../config-file.ts';
import { collect, type GentxFile } from '../genesis/collect.ts';
import { GenesisDocument } from '../genesis/document.ts';
import { peerAddress } from '../genesis/peer-memo.ts';
import { outputOption, printResult } from '../output.ts';
import { HOME_OPTION, homeFolder } from '../shared-options.ts';
import { readWhole } from '../whole-file.ts';
import { accountCommands } from './genesis-accounts.ts';
import { gentxCommand, gentxFolder } from './genesis-gentx.ts';

function gentxFiles(folder: string): GentxFile[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch (cause) {
    throw new ExitError(EXIT_IO, `${folder} cannot be read`, { cause });
  }
  if (names.length === 0) throw new ExitError(EXIT_DATA, `${folder} holds no gentx`);
  return names.sort().map((name) => ({ name, content: readWhole(join(folder, name)) }));
}

const collectCommand: Command = {
  name: 'genesis collect-gentxs',
  aliases: ['collect-gentxs'],
  summary: 'Put the validators of all gentx files into the genesis file, and their nodes as peers',
  options: {
    ...HOME_OPTION,
    'gentx-dir': { value: '<folder>', help: 'else config/gentx of the home' },
    ...outputOption('json'),
  },
  run: async (call, terminal) => {
    const { loadNodeIdentity } = await import('../../network/node-key.ts');
    const { soundStart } = await import('../genesis/start-of-chain.ts');
    const home = homeAt(homeFolder(call, terminal));
    const files = gentxFiles(call.optional('gentx-dir') ?? gentxFolder(home));
    const document = new GenesisDocument(home.genesisFile);
    const collected = collect(document, files);
    const genesis = readGenesis(document.text());
    soundStart(genesis);
    if (collected.some(({ isNew }) => isNew)) document.save();
    const peers = collected.flatMap(({ memo, moniker }) => {
      const address = peerAddress(memo);
      if (address === undefined) {
        terminal.warn(`${moniker}: its memo names no node, so it is not among the peers`);
      }
      return address ?? [];
    });
    const { peerId } = await loadNodeIdentity(home.nodeKeyFile);
    const others = peers.filter((address) => !address.endsWith(`/${peerId}`));
    setSetting(home.configFile, 'p2p.persistentPeers', others);
    const validators = collected.map(({ operator, moniker, isNew }) => ({
      operator,
      moniker,
      new: isNew,
    }));
    printResult(
      call,
      terminal,
      { chain_id: document.chainId, sha256: toHex(genesis.hash), validators, peers: others },
      'json',
    );
  },
};

const validateCommand: Command = {
  name: 'genesis validate',
  aliases: ['genesis validate-genesis', 'validate-genesis'],
  summary: 'Check a genesis file as a chain that begins with it does',
  arguments: ['[file]'],
  options: { ...HOME_OPTION, ...outputOption('text') },
  examples: ['bitscale genesis validate genesis.json'],
  run: async (call, terminal) => {
    const { soundStart } = await import('../genesis/start-of-chain.ts');
    const path = call.optionalArgument(0) ?? homeAt(homeFolder(call, terminal)).genesisFile;
    if (!existsSync(path)) throw new ExitError(EXIT_IO, `${path} cannot be read`);
    const genesis = readGenesis(readWhole(path));
    printResult(call, terminal, { file: path, ...soundStart(genesis) });
  },
};

export const genesisCommands: readonly Command[] = [
  ...accountCommands,
  gentxCommand,
  collectCommand,
  validateCommand,
];
