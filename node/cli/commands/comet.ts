/** bitscale comet: who the node of a home is, in CometBFT's words. */
import { consensusAddress, valconsText } from '../../base/address.ts';
import { toBase64, type Bytes } from '../../base/bytes.ts';
import { ed25519PublicKey } from '../../base/ed25519.ts';
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';
import { decodeValidatorKey } from '../../engine/signer-files.ts';
import { homeAt, type Home } from '../../home.ts';
import type { Command } from '../command.ts';
import { HOME_OPTION, homeFolder } from '../shared-options.ts';
import { readWhole } from '../whole-file.ts';

/** The public key in the home's priv_validator_key.json. */
export function consensusKeyOf({ validatorKeyFile: path }: Home): Bytes {
  const content = readWhole(path);
  try {
    return ed25519PublicKey(decodeValidatorKey(content));
  } catch (cause) {
    throw new ExitError(EXIT_CONFIG, `${path} is not a validator key`, { cause });
  }
}

function showing(
  name: string,
  summary: string,
  show: (home: Home) => string | Promise<string>,
): Command {
  return {
    name: `comet ${name}`,
    aliases: [`tendermint ${name}`],
    summary,
    options: HOME_OPTION,
    run: async (call, terminal) => terminal.print(await show(homeAt(homeFolder(call, terminal)))),
  };
}

const identity = async ({ nodeKeyFile }: Home) => {
  const { loadNodeIdentity } = await import('../../network/node-key.ts');
  return loadNodeIdentity(nodeKeyFile);
};

export const cometCommands: readonly Command[] = [
  showing('show-validator', "The node's consensus key, as gentx --pubkey takes it", (home) =>
    JSON.stringify({
      '@type': '/cosmos.crypto.ed25519.PubKey',
      key: toBase64(consensusKeyOf(home)),
    }),
  ),
  showing('show-address', 'The address by which blocks and commits name the validator', (home) =>
    valconsText(consensusAddress(consensusKeyOf(home))),
  ),
  showing(
    'show-node-id',
    "The node's id as CometBFT forms it",
    async (home) => (await identity(home)).nodeId,
  ),
  showing(
    'show-peer-id',
    "The node's id in addresses of peers, /p2p/<peer id>",
    async (home) => (await identity(home)).peerId,
  ),
];
