/** bitscale query block and its relatives: what CometBFT's RPC answers by itself. */
import { usageError, wholeNumber, type Call, type Command, type OptionSpec } from '../command.ts';
import { printResult } from '../output.ts';
import { RpcClient, type Json } from '../rpc-client.ts';
import { QUERY_OPTIONS } from './ask.ts';

function atHeight(call: Call): Json {
  const text = call.optionalArgument(0);
  return text === undefined ? {} : { height: String(wholeNumber(text, 'the height')) };
}

interface RpcQuery {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly arguments?: readonly string[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly examples?: readonly string[];
  readonly ask: (call: Call) => readonly [method: string, params: Json];
}

function rpcQuery({ ask, options = {}, ...command }: RpcQuery): Command {
  return {
    ...command,
    options: { ...options, ...QUERY_OPTIONS },
    async run(call, terminal) {
      const [method, params] = ask(call);
      printResult(call, terminal, await new RpcClient(call.text('node')).call(method, params));
    },
  };
}

const PAGES: Readonly<Record<string, OptionSpec>> = {
  page: { value: '<number>', help: 'page, from 1', default: '1' },
  limit: { value: '<number>', help: 'entries on a page, at most 100', default: '100' },
};

const pages = (call: Call): Json => ({
  page: String(call.integer('page')),
  per_page: String(call.integer('limit')),
});

const HASH = /^(?:0x)?([0-9a-fA-F]{64})$/;

/** A height, a hash, or nothing for the newest; `--type` as the Cosmos SDK has it. */
function blockQuestion(call: Call): readonly [string, Json] {
  const type = call.optional('type');
  if (type !== undefined && type !== 'height' && type !== 'hash') {
    throw usageError('--type is height or hash');
  }
  const [, hash] = HASH.exec(call.optionalArgument(0) ?? '') ?? [];
  if (type === 'hash' && hash === undefined) throw usageError('a hash has 64 hexadecimal digits');
  if (type === 'height' || hash === undefined) return ['block', atHeight(call)];
  return ['block_by_hash', { hash: Buffer.from(hash, 'hex').toString('base64') }];
}

const block = rpcQuery({
  name: 'query block',
  summary: 'A block, by default the newest',
  arguments: ['[height|hash]'],
  options: { type: { value: '<height|hash>', help: 'what the argument is; else by its form' } },
  examples: ['bitscale query block 12', 'bitscale query block --type=hash 3F0C...'],
  ask: blockQuestion,
});

const blocks = rpcQuery({
  name: 'query blocks',
  summary: 'Blocks by their events',
  options: {
    query: { value: '<query>', help: 'conditions, such as block.height>5' },
    ...PAGES,
    order_by: { value: '<asc|desc>', help: 'oldest or newest first', default: 'asc' },
  },
  ask: (call) => [
    'block_search',
    { query: call.text('query'), ...pages(call), order_by: call.text('order_by') },
  ],
});

const atAnyHeight = (name: string, method: string, summary: string): Command =>
  rpcQuery({ name, summary, arguments: ['[height]'], ask: (call) => [method, atHeight(call)] });

const validators = rpcQuery({
  name: 'query comet-validator-set',
  aliases: ['query tendermint-validator-set', 'query validators'],
  summary: 'The validators of a height, by default the newest',
  arguments: ['[height]'],
  options: PAGES,
  ask: (call) => ['validators', { ...atHeight(call), ...pages(call) }],
});

/** `name=value` arguments from a position on. */
export function assignments(call: Call, from: number): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const text of call.rest(from)) {
    const mark = text.indexOf('=');
    if (mark < 1) throw usageError(`"${text}" is not of the form name=value`);
    const [name, value] = [text.slice(0, mark), text.slice(mark + 1)];
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
}

const rpc = rpcQuery({
  name: 'query rpc',
  summary: "Any method of CometBFT's RPC",
  arguments: ['<method>', '[name=value...]'],
  examples: ['bitscale query rpc commit height=12', 'bitscale query rpc net_info'],
  ask: (call) => {
    const given = [...assignments(call, 1)];
    return [call.argument(0), Object.fromEntries(given.map(([name, [value]]) => [name, value]))];
  },
});

export const cometQueries: readonly Command[] = [
  block,
  blocks,
  atAnyHeight('query block-results', 'block_results', 'What the transactions of a block did'),
  atAnyHeight('query commit', 'commit', 'The signatures that decided a block'),
  validators,
  rpcQuery({ name: 'query genesis', summary: 'The genesis file', ask: () => ['genesis', {}] }),
  rpc,
];
