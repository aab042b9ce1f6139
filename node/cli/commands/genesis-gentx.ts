/** bitscale genesis gentx: this home's validator asks for its place in the first block. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { accountAddress } from '../../base/address.ts';
import { fromBase64, type Bytes } from '../../base/bytes.ts';
import { formatCoin, parseCoin } from '../../base/coin.ts';
import { Dec } from '../../base/dec.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { loadConfig } from '../../config.ts';
import { homeAt, type Home } from '../../home.ts';
import { loadNodeIdentity } from '../../network/node-key.ts';
import { usageError, wholeNumber, type Call, type Command } from '../command.ts';
import { GenesisDocument } from '../genesis/document.ts';
import { makeGentx, type GentxTerms } from '../genesis/gentx.ts';
import { readGentx } from '../genesis/gentx-file.ts';
import { unlockKey } from '../genesis/keys.ts';
import { ownAddress, peerMemo } from '../genesis/peer-memo.ts';
import { KEYRING_OPTIONS } from '../keyring/options.ts';
import { homeFolder } from '../shared-options.ts';
import { writeWhole } from '../whole-file.ts';
import { consensusKeyOf } from './comet.ts';

export const gentxFolder = (home: Home): string => join(home.config, 'gentx');

const KEY = '{"@type":"/cosmos.crypto.ed25519.PubKey","key":"..."}';

const OPTIONS = {
  ...KEYRING_OPTIONS,
  'chain-id': { value: '<id>', help: 'refuse to sign for any other chain' },
  moniker: { value: '<name>', help: "name of the validator; else the node's" },
  ip: { value: '<host>', help: 'where others reach the node; else an address of this machine' },
  'p2p-port': { value: '<port>', help: 'and its port; else p2p.port of the settings' },
  'node-id': { value: '<peer id>', help: "else that of the home's node key" },
  pubkey: { value: '<json>', help: `consensus key, ${KEY}; else that of the home` },
  'commission-rate': { value: '<decimal>', help: 'share of the rewards', default: '0.1' },
  'commission-max-rate': { value: '<decimal>', help: 'never more than this', default: '0.2' },
  'commission-max-change-rate': { value: '<decimal>', help: 'a day', default: '0.01' },
  'min-self-delegation': { value: '<amount>', help: 'least own stake', default: '1' },
  identity: { value: '<text>', help: 'of keybase or similar', default: '' },
  website: { value: '<url>', help: 'of the validator', default: '' },
  'security-contact': { value: '<mail>', help: 'of the validator', default: '' },
  details: { value: '<text>', help: 'about the validator', default: '' },
  attestation: { value: '<0x>', help: 'L1 address with which the validator signs batches' },
  'output-document': { value: '<file>', help: 'else config/gentx/gentx-<node id>.json' },
};

/** The home's consensus key, or the one that is given. */
function consensusKey(call: Call, home: Home): Bytes {
  const given = call.optional('pubkey');
  if (given === undefined) return consensusKeyOf(home);
  try {
    const { key } = JSON.parse(given) as { key: string };
    return fromBase64(key);
  } catch {
    throw usageError(`--pubkey is of the form ${KEY}`);
  }
}

async function memoOf(call: Call, home: Home): Promise<string> {
  const { p2p } = await loadConfig(home.configFile);
  const port = call.optional('p2p-port');
  return peerMemo({
    peerId: call.optional('node-id') ?? (await loadNodeIdentity(home.nodeKeyFile)).peerId,
    host: call.optional('ip') ?? ownAddress(),
    port: port === undefined ? p2p.port : wholeNumber(port, '--p2p-port'),
  });
}

async function termsOf(call: Call, home: Home, chainId: string): Promise<GentxTerms> {
  const decimal = (option: string): string => {
    try {
      return Dec.parse(call.text(option)).toString();
    } catch {
      throw usageError(`--${option} is a decimal number, such as 0.1`);
    }
  };
  const attestation = call.optional('attestation');
  if (attestation !== undefined && !/^0x[0-9a-fA-F]{40}$/.test(attestation)) {
    throw usageError(`${attestation} is not an L1 address`);
  }
  return {
    chainId,
    pubKey: consensusKey(call, home),
    stake: parseCoin(call.argument(1)),
    description: {
      moniker: call.optional('moniker') ?? (await loadConfig(home.configFile)).moniker,
      identity: call.text('identity'),
      website: call.text('website'),
      securityContact: call.text('security-contact'),
      details: call.text('details'),
    },
    rate: decimal('commission-rate'),
    maxRate: decimal('commission-max-rate'),
    maxChangeRate: decimal('commission-max-change-rate'),
    minSelfDelegation: BigInt(call.integer('min-self-delegation')),
    memo: await memoOf(call, home),
    ...(attestation !== undefined && { attestation }),
  };
}

export const gentxCommand: Command = {
  name: 'genesis gentx',
  aliases: ['gentx'],
  summary: "Sign the transaction that makes this home's node a validator of a new chain",
  arguments: ['<key>', '<coin>'],
  options: OPTIONS,
  examples: ['bitscale genesis gentx alice 1000000uscale --chain-id my-chain-1 --ip 203.0.113.7'],
  async run(call, terminal) {
    const home = homeAt(homeFolder(call, terminal));
    const document = new GenesisDocument(home.genesisFile);
    const { chainId, bondDenom } = document;
    const wanted = call.optional('chain-id');
    if (wanted !== undefined && wanted !== chainId) {
      throw new ExitError(EXIT_DATA, `the genesis file is of chain ${chainId}, not ${wanted}`);
    }
    const terms = await termsOf(call, home, chainId);
    if (terms.stake.denom !== bondDenom) {
      throw usageError(`${formatCoin(terms.stake)}: this chain stakes ${bondDenom}`);
    }
    const key = await unlockKey(call, terminal, call.argument(0));
    document.requireStake(accountAddress(key.publicKey), terms.stake.amount);
    const content = `${JSON.stringify(makeGentx(terms, key))}\n`;
    // What the one who collects would refuse is refused here.
    readGentx(content, 'gentx', chainId);
    const path = call.optional('output-document') ?? (await standardPath(home));
    if (existsSync(path)) terminal.warn(`${path} is replaced`);
    writeWhole(path, content, 0o644);
    terminal.warn(`Genesis transaction written to ${path}`);
  },
};

async function standardPath(home: Home): Promise<string> {
  const folder = gentxFolder(home);
  mkdirSync(folder, { recursive: true });
  const { nodeId } = await loadNodeIdentity(home.nodeKeyFile);
  return join(folder, `gentx-${nodeId}.json`);
}
