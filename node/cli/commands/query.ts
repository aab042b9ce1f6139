/** bitscale query: what is in blocks, and any query of the application by its path. */
import { fromHex, utf8 } from '../../base/bytes.ts';
import { usageError, wholeNumber, type Call, type Command } from '../command.ts';
import { RpcClient, type Json } from '../rpc-client.ts';
import { NODE_OPTION, printJson } from '../shared-options.ts';
import { ledgerQueries } from './query-ledger.ts';
import { cosmosQueries } from './query-cosmos.ts';
import { settlementQueries } from './query-settlement.ts';

const client = (call: Call): RpcClient => new RpcClient(call.text('node'));

function atHeight(text: string | undefined): Json {
  return text === undefined ? {} : { height: String(wholeNumber(text, 'the height')) };
}

/** A query that CometBFT's RPC answers by itself. */
function rpcQuery(
  name: string,
  summary: string,
  args: string[],
  params: (call: Call) => Json,
): Command {
  const method = name.split(' ').at(-1)!.replaceAll('-', '_');
  return {
    name,
    summary,
    arguments: args,
    options: NODE_OPTION,
    async run(call, terminal) {
      printJson(terminal, await client(call).call(method, params(call)));
    },
  };
}

const tx: Command = {
  name: 'query tx',
  summary: 'A transaction by its hash, with its result',
  arguments: ['<hash>'],
  options: { ...NODE_OPTION, prove: { help: 'with the proof that its block holds it' } },
  async run(call, terminal) {
    const text = call.argument(0).replace(/^0x/, '');
    if (!/^[0-9a-fA-F]{64}$/.test(text)) throw usageError('a hash has 64 hexadecimal digits');
    const hash = Buffer.from(text, 'hex').toString('base64');
    printJson(terminal, await client(call).call('tx', { hash, prove: call.flag('prove') }));
  },
};

const abci: Command = {
  name: 'query abci',
  summary: 'Any query by path, such as /cosmos.bank.v1beta1.Query/Params or /store/bank/key',
  arguments: ['<path>'],
  options: {
    ...NODE_OPTION,
    data: {
      value: '<hex>',
      help: 'the request: encoded protobuf, or a key of a store',
      default: '',
    },
    text: { value: '<text>', help: 'the request as text instead' },
    height: { value: '<number>', help: 'state after this block; 0 for the newest', default: '0' },
    prove: { help: 'with a Merkle proof' },
  },
  async run(call, terminal) {
    const options = { height: call.integer('height'), prove: call.flag('prove') };
    const words = call.optional('text');
    const data = words === undefined ? hexOption(call.text('data')) : utf8(words);
    const { response } = await client(call).abciQuery(call.argument(0), data, options);
    printJson(terminal, response);
  },
};

function hexOption(text: string): Uint8Array {
  try {
    return fromHex(text.replace(/^0x/, ''));
  } catch {
    throw usageError('--data is not hexadecimal');
  }
}

export const queryCommands: readonly Command[] = [
  abci,
  tx,
  rpcQuery('query block', 'A block, by default the newest', ['[height]'], (call) =>
    atHeight(call.optionalArgument(0)),
  ),
  rpcQuery('query block-results', 'What the transactions of a block did', ['[height]'], (call) =>
    atHeight(call.optionalArgument(0)),
  ),
  rpcQuery('query commit', 'The signatures that decided a block', ['[height]'], (call) =>
    atHeight(call.optionalArgument(0)),
  ),
  rpcQuery('query validators', 'The validators of a height', ['[height]'], (call) => ({
    ...atHeight(call.optionalArgument(0)),
    per_page: '100',
  })),
  rpcQuery('query genesis', 'The genesis file', [], () => ({})),
  ...cosmosQueries,
  ...ledgerQueries,
  ...settlementQueries,
];
