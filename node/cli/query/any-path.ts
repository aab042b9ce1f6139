/** bitscale query grpc and abci: any method of the table, and any path of the application. */
import { readFileSync } from 'node:fs';
import { fromHex, utf8 } from '../../base/bytes.ts';
import { EXIT_IO, ExitError } from '../../base/exit.ts';
import { bodyFields } from '../../gateway/json/from-fields.ts';
import { snakeCase } from '../../gateway/json/to-json.ts';
import { GatewayError } from '../../gateway/status.ts';
import type { MethodTable } from '../../method-table.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { printResult } from '../output.ts';
import { RpcClient } from '../rpc-client.ts';
import { ask, askedHeight, HEIGHT_OPTION, QUERY_OPTIONS } from './ask.ts';
import { assignments } from './comet.ts';

/** The path of a method by its path, or by any end of it that only one method has. */
function pathOf({ methods }: MethodTable, text: string): string {
  const wanted = text.replace(/^\//, '');
  if (methods.has(`/${wanted}`)) return `/${wanted}`;
  const found = [...methods.keys()].filter((path) => path.endsWith(`.${wanted}`));
  if (found.length === 1) return found[0]!;
  const why = found.length === 0 ? 'is no method' : `could be ${found.join(' or ')}`;
  throw usageError(`${text} ${why}; "bitscale query grpc" lists all`);
}

/** Fields from --request: JSON, or a file with it after an @. */
function requestFields(call: Call, table: MethodTable, path: string) {
  const given = call.optional('request');
  const fields = new Map<string, readonly string[]>(assignments(call, 1));
  if (given === undefined) return fields;
  try {
    const text = given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given;
    for (const [name, texts] of bodyFields(table.methods.get(path)!.request, text)) {
      fields.set(name, texts);
    }
    return fields;
  } catch (cause) {
    if (cause instanceof GatewayError) throw usageError(`--request: ${cause.message}`);
    throw new ExitError(EXIT_IO, `${given.slice(1)} cannot be read`, { cause });
  }
}

export function grpcCommand(table: MethodTable): Command {
  return {
    name: 'query grpc',
    summary: 'Any method of any gRPC service of the node; without arguments a list of them',
    arguments: ['[service/method]', '[field=value...]'],
    options: {
      request: { value: '<json|@file>', help: 'the request as JSON' },
      ...HEIGHT_OPTION,
      ...QUERY_OPTIONS,
    },
    examples: [
      'bitscale query grpc cosmos.bank.v1beta1.Query/Balance address=bitscale1... denom=uscale',
      `bitscale query grpc cosmos.bank.v1beta1.Query/SupplyOf --request '{"denom": "uscale"}'`,
    ],
    async run(call, terminal) {
      const given = call.optionalArgument(0);
      if (given === undefined) {
        const paths = [...table.methods.keys()].map((path) => path.slice(1));
        return printResult(call, terminal, paths.sort());
      }
      const path = pathOf(table, given);
      const fields = requestFields(call, table, path);
      const { request } = table.methods.get(path)!;
      const known = Object.keys(request.fromPartial({}) as object).map(snakeCase);
      for (const name of fields.keys()) {
        const first = snakeCase(name.split('.')[0]!);
        if (!known.includes(first)) throw usageError(`${path} has no field ${name}`);
      }
      const height = askedHeight(call);
      printResult(call, terminal, await ask(call, table, { path, fields, height }));
    },
  };
}

export const abciCommand: Command = {
  name: 'query abci',
  summary: 'Any query by path, such as /store/bank/key, with the bytes of request and answer',
  arguments: ['<path>'],
  options: {
    data: {
      value: '<hex>',
      help: 'the request: encoded protobuf, or a key of a store',
      default: '',
    },
    text: { value: '<text>', help: 'the request as text instead' },
    ...HEIGHT_OPTION,
    prove: { help: 'with a Merkle proof' },
    ...QUERY_OPTIONS,
  },
  async run(call, terminal) {
    const options = { height: askedHeight(call), prove: call.flag('prove') };
    const words = call.optional('text');
    const data = words === undefined ? hexOption(call.text('data')) : utf8(words);
    const rpc = new RpcClient(call.text('node'));
    const { response } = await rpc.abciQuery(call.argument(0), data, options);
    printResult(call, terminal, response);
  },
};

function hexOption(text: string): Uint8Array {
  try {
    return fromHex(text.replace(/^0x/, ''));
  } catch {
    throw usageError('--data is not hexadecimal');
  }
}
