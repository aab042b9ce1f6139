/** bitscale init: a home with keys, settings and a genesis file. Keys that are there are never replaced. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { formatGenesis, localGenesis, type LocalNetwork } from '../../../genesis/local.ts';
import { checkChainId, readDraft, readGenesis } from '../../../genesis/validate.ts';
import { parseAccount } from '../../base/address.ts';
import { fromHex, type Bytes } from '../../base/bytes.ts';
import { ed25519PublicKey } from '../../base/ed25519.ts';
import { EXIT_CONFIG, EXIT_IO, ExitError } from '../../base/exit.ts';
import { timeFromMillis } from '../../base/time.ts';
import { walletProblem } from '../../client-config.ts';
import { DEFAULT_CONFIG } from '../../config.ts';
import { homeAt, type Home } from '../../home.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { HOME_OPTION, homeFolder, printJson } from '../shared-options.ts';
import { writeWhole } from '../whole-file.ts';

const NO_ADDRESS = `0x${'00'.repeat(20)}`;

/** Makes the keys that are missing; returns the seed of the validator key. */
async function makeKeys(home: Home): Promise<Bytes> {
  const { encodeNodeKey } = await import('../../network/node-key.ts');
  const { decodeValidatorKey, encodeValidatorKey } = await import('../../engine/signer-files.ts');
  if (!existsSync(home.nodeKeyFile)) {
    writeWhole(home.nodeKeyFile, encodeNodeKey(new Uint8Array(randomBytes(32))), 0o600);
  }
  if (!existsSync(home.validatorKeyFile)) {
    const seed = new Uint8Array(randomBytes(32));
    writeWhole(home.validatorKeyFile, encodeValidatorKey(seed), 0o600);
  }
  try {
    return decodeValidatorKey(readFileSync(home.validatorKeyFile, 'utf8'));
  } catch (cause) {
    throw new ExitError(EXIT_CONFIG, `${home.validatorKeyFile} is not a validator key`, { cause });
  }
}

/** A genesis file that exists, checked. */
function givenGenesis(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ExitError(EXIT_IO, `${path} cannot be read`, { cause });
  }
  readGenesis(text);
  return text;
}

function l1Address(text: string): Bytes {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw usageError(`${text} is not an L1 address`);
  return fromHex(text.slice(2));
}

/** The genesis file of a new chain: with this node as its only validator, or with none yet. */
async function newGenesis(call: Call, validatorSeed: Bytes): Promise<string> {
  const { fieldToBytes } = await import('../../../modules/ledger/field.ts');
  const { ledgerDomain } = await import('../../../modules/ledger/intent.ts');
  const chainId = call.text('chain-id');
  checkChainId(chainId);
  const [l1ChainId, rollup] = [BigInt(call.integer('l1-chain-id')), l1Address(call.text('rollup'))];
  const operator = call.optional('operator');
  const validator = operator !== undefined && {
    moniker: call.argument(0),
    operator: parseAccount(operator),
    pubKey: ed25519PublicKey(validatorSeed),
    attestationAddress: l1Address(call.text('attestation')),
  };
  const network: LocalNetwork = {
    chainId,
    time: timeFromMillis(Date.now()),
    validators: validator ? [validator] : [],
    accounts: call.list('account').map(parseAccount),
    ledger: {
      shape: { depth: 8, slots: 3, quotes: 1, feeTokens: 4 },
      domain: fieldToBytes(ledgerDomain(chainId, l1ChainId, rollup)),
      tokens: [],
    },
    settlement: {
      l1ChainId,
      rollup,
      maxBatchAgeSeconds: 60,
      provingIntervalSeconds: 384,
      stakePrice: 1n,
    },
  };
  const text = formatGenesis(localGenesis(network));
  readDraft(text);
  return text;
}

async function genesisText(call: Call, seed: Bytes): Promise<string | undefined> {
  const file = call.optional('genesis');
  if (file !== undefined) return givenGenesis(file);
  return call.optional('chain-id') === undefined ? undefined : newGenesis(call, seed);
}

export const initCommand: Command = {
  name: 'init',
  summary: 'Make a home for a node: keys, settings, genesis file',
  arguments: ['<moniker>'],
  options: {
    ...HOME_OPTION,
    genesis: { value: '<file>', help: 'join the chain of this genesis file' },
    'chain-id': { value: '<id>', help: 'begin a new chain; its validators come by genesis gentx' },
    operator: {
      value: '<address>',
      help: 'new chain: funded account by which this node is its only validator at once',
    },
    account: { value: '<address>', help: 'new chain: a funded account', multiple: true },
    attestation: {
      value: '<0x>',
      help: 'new chain: L1 address of the validator',
      default: NO_ADDRESS,
    },
    rollup: { value: '<0x>', help: 'new chain: its L1 contract', default: NO_ADDRESS },
    'l1-chain-id': { value: '<number>', help: 'new chain: its L1', default: '31337' },
    overwrite: { help: 'replace settings and genesis file; keys always stay' },
  },
  examples: [
    'bitscale init node7 --genesis genesis.json',
    'bitscale init node0 --chain-id my-chain-1',
    'bitscale init alone --chain-id my-chain-1 --operator $(bitscale keys show me --address)',
  ],
  async run(call, terminal) {
    const home = homeAt(homeFolder(call, terminal));
    if (existsSync(home.configFile) && !call.flag('overwrite')) {
      throw usageError(`${home.root} is a home already; --overwrite replaces settings and genesis`);
    }
    for (const folder of [home.config, home.data])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    const seed = await makeKeys(home);
    const genesis = await genesisText(call, seed);
    if (genesis !== undefined) {
      writeWhole(home.genesisFile, genesis, 0o644);
      const problem = walletProblem(readDraft(genesis));
      if (problem !== undefined) terminal.warn(problem);
    }
    const config = { ...DEFAULT_CONFIG, moniker: call.argument(0) };
    writeWhole(home.configFile, `${JSON.stringify(config, null, 2)}\n`, 0o644);
    const { loadNodeIdentity } = await import('../../network/node-key.ts');
    const { peerId, nodeId } = await loadNodeIdentity(home.nodeKeyFile);
    printJson(terminal, {
      home: home.root,
      moniker: config.moniker,
      chain_id: genesis === undefined ? '' : readDraft(genesis).chainId,
      node_id: nodeId,
      peer_id: peerId,
      validator_key: ed25519PublicKey(seed),
    });
    if (genesis === undefined)
      terminal.warn(`Put the genesis file of the chain at ${home.genesisFile}`);
  },
};
