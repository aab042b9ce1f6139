/** bitscale tx: sign transactions with a key of the keyring and send them through a node. */
import { readFileSync } from 'node:fs';
import type { EncodeObject } from '@cosmjs/proto-signing';
import type { DeliverTxResponse } from '@cosmjs/stargate';
import { ACCOUNT_PREFIX, parseAccount, parseValoper } from '../../base/address.ts';
import { fromBase64 } from '../../base/bytes.ts';
import { coinToText, parseCoin, parseCoins } from '../../base/coin.ts';
import { EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { usageError, wholeNumber, type Call, type Command } from '../command.ts';
import { addressOf } from '../keyring/entry.ts';
import { findKey, KEYRING_OPTIONS, openKeyring, readPassword } from '../keyring/options.ts';
import { RpcClient } from '../rpc-client.ts';
import { NODE_OPTION, printJson } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';

const TX_OPTIONS = {
  ...KEYRING_OPTIONS,
  ...NODE_OPTION,
  'chain-id': { value: '<id>', help: 'refuse to sign for any other chain' },
  gas: { value: '<units|auto>', help: 'gas limit; auto asks the node', default: 'auto' },
  'gas-prices': { value: '<price>', help: 'fee per unit of gas', default: '0.001uscale' },
  memo: { value: '<text>', help: 'note in the transaction', default: '' },
};
/** The estimate plus what state may change until the transaction is in a block. */
const GAS_MARGIN = 1.4;

type MakeMessages = (sender: string) => EncodeObject[];

async function signAndSend(call: Call, terminal: Terminal, make: MakeMessages): Promise<void> {
  const { DirectSecp256k1Wallet } = await import('@cosmjs/proto-signing');
  const keyring = openKeyring(call, terminal);
  const key = findKey(keyring, call.argument(0));
  const address = addressOf(key);
  const messages = make(address);
  const client = await openClient(call);
  const chainId = await client.getChainId();
  const wanted = call.optional('chain-id');
  if (wanted !== undefined && wanted !== chainId) {
    throw new ExitError(EXIT_DATA, `the node is of chain ${chainId}, not ${wanted}`);
  }
  const { privateKey } = await keyring.unlock(key.name, () => readPassword(call, terminal));
  const wallet = await DirectSecp256k1Wallet.fromKey(privateKey, ACCOUNT_PREFIX);
  const signing = await openClient(call, wallet);
  const sent = signing.signAndBroadcast(address, messages, await fee(call), call.text('memo'));
  report(terminal, await sent.catch(refused));
  signing.disconnect();
}

/** CosmJS throws plain errors, for a node that is gone and for a transaction that is refused. */
function refused(cause: unknown): never {
  const { message } = cause as Error;
  const code = message.includes('fetch failed') ? EXIT_IO : EXIT_DATA;
  throw new ExitError(code, `the transaction was refused: ${message}`, { cause });
}

async function openClient(call: Call, wallet?: unknown) {
  const { SigningStargateClient, GasPrice } = await import('@cosmjs/stargate');
  const gasPrice = GasPrice.fromString(call.text('gas-prices'));
  try {
    return await SigningStargateClient.connectWithSigner(call.text('node'), wallet as never, {
      gasPrice,
      registry: await fullRegistry(),
    });
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ExitError(EXIT_IO, `no good answer from ${call.text('node')}: ${why}`, { cause });
  }
}

/** The messages that CosmJS knows, and our own. */
async function fullRegistry() {
  const { Registry } = await import('@cosmjs/proto-signing');
  const { defaultRegistryTypes } = await import('@cosmjs/stargate');
  const { LEDGER_TYPES } = await import('../../../modules/ledger/client.ts');
  return new Registry([...defaultRegistryTypes, ...LEDGER_TYPES]);
}

async function fee(call: Call): Promise<'auto' | number | import('@cosmjs/stargate').StdFee> {
  const gas = call.text('gas');
  if (gas === 'auto') return GAS_MARGIN;
  const { calculateFee } = await import('@cosmjs/stargate');
  return calculateFee(wholeNumber(gas, '--gas'), call.text('gas-prices'));
}

function report(terminal: Terminal, sent: DeliverTxResponse): void {
  const { transactionHash, height, code, rawLog = '', gasUsed, gasWanted } = sent;
  const facts = {
    tx_hash: transactionHash,
    height,
    code,
    gas_used: gasUsed,
    gas_wanted: gasWanted,
  };
  printJson(terminal, facts);
  if (code !== 0) throw new ExitError(EXIT_DATA, `the transaction failed: ${rawLog}`);
}

const send: Command = {
  name: 'tx bank send',
  summary: 'Send coins from a key of the keyring to an address',
  arguments: ['<key>', '<to>', '<coins>'],
  options: TX_OPTIONS,
  examples: ['bitscale tx bank send alice bitscale1... 10uscale --node http://127.0.0.1:26657'],
  async run(call, terminal) {
    const toAddress = call.argument(1);
    parseAccount(toAddress);
    const amount = parseCoins(call.argument(2)).map(coinToText);
    if (amount.length === 0) throw usageError('no coins to send');
    await signAndSend(call, terminal, (fromAddress) => [
      { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value: { fromAddress, toAddress, amount } },
    ]);
  },
};

function stakingCommand(
  word: 'delegate' | 'undelegate',
  typeUrl: string,
  summary: string,
): Command {
  return {
    name: `tx staking ${word}`,
    summary,
    arguments: ['<key>', '<validator>', '<coin>'],
    options: TX_OPTIONS,
    async run(call, terminal) {
      const validatorAddress = call.argument(1);
      parseValoper(validatorAddress);
      const amount = coinToText(parseCoin(call.argument(2)));
      await signAndSend(call, terminal, (delegatorAddress) => [
        { typeUrl, value: { delegatorAddress, validatorAddress, amount } },
      ]);
    },
  };
}

interface JsonCodec {
  fromJSON?: (json: unknown) => unknown;
}

const messages: Command = {
  name: 'tx messages',
  summary: 'Send any messages: a JSON file with a list of objects that name their "@type"',
  arguments: ['<key>', '<file>'],
  options: TX_OPTIONS,
  async run(call, terminal) {
    const registry = await fullRegistry();
    const list = readJsonList(call.argument(1)).map((json) => {
      const { '@type': type, ...fields } = json as Record<string, unknown>;
      const codec = registry.lookupType(String(type)) as JsonCodec | undefined;
      if (codec?.fromJSON === undefined) {
        throw new ExitError(EXIT_DATA, `unknown message type ${String(type)}`);
      }
      return { typeUrl: String(type), value: codec.fromJSON(fields) };
    });
    await signAndSend(call, terminal, () => list);
  },
};

function readJsonList(file: string): unknown[] {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return Array.isArray(json) ? json : [json];
  } catch (cause) {
    throw new ExitError(EXIT_DATA, `${file} is not a readable JSON file`, { cause });
  }
}

const broadcast: Command = {
  name: 'tx broadcast',
  summary: 'Send a signed transaction, given in base64 or as a file with its bytes',
  arguments: ['<base64|file>'],
  options: NODE_OPTION,
  async run(call, terminal) {
    const tx = Buffer.from(readTx(call.argument(0))).toString('base64');
    const result = await new RpcClient(call.text('node')).call('broadcast_tx_sync', { tx });
    printJson(terminal, result);
    if (result['code'] !== 0) throw new ExitError(EXIT_DATA, String(result['log']));
  },
};

function readTx(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    // Not base64: a file name.
  }
  try {
    return readFileSync(text);
  } catch (cause) {
    throw new ExitError(EXIT_IO, `${text} is neither base64 nor a file`, { cause });
  }
}

export const txCommands: readonly Command[] = [
  send,
  stakingCommand('delegate', '/cosmos.staking.v1beta1.MsgDelegate', 'Stake coins with a validator'),
  stakingCommand('undelegate', '/cosmos.staking.v1beta1.MsgUndelegate', 'Take stake back'),
  messages,
  broadcast,
];
