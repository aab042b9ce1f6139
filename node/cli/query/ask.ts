/** Asks a node for a method of the table, and answers with the JSON that REST has. */
import type { Bytes } from '../../base/bytes.ts';
import type { Method } from '../../gateway/expected.ts';
import { requestOf, type FieldTexts } from '../../gateway/json/from-fields.ts';
import { toJson, type Json } from '../../gateway/json/to-json.ts';
import { GatewayError } from '../../gateway/status.ts';
import type { MethodTable } from '../../method-table.ts';
import { usageError, wholeNumber, type Call, type OptionSpec } from '../command.ts';
import { outputOption } from '../output.ts';
import { RpcClient } from '../rpc-client.ts';
import { NODE_OPTION } from '../shared-options.ts';

export const QUERY_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...NODE_OPTION,
  ...outputOption('text'),
};

export const HEIGHT_OPTION: Readonly<Record<string, OptionSpec>> = {
  height: { value: '<number>', help: 'state after this block; 0 for the newest', default: '0' },
};

export const PAGE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'page-limit': { value: '<number>', help: 'most entries to show' },
  'page-offset': { value: '<number>', help: 'entries to pass over' },
  'page-key': { value: '<base64>', help: 'where to go on: next_key of the page before' },
  'page-reverse': { help: 'the last entries first' },
  'page-count-total': { help: 'say how many entries there are' },
};

const PAGE_FIELDS = ['limit', 'offset', 'key', 'reverse', 'count_total'];

/** What the options say about pages, as fields of a request. */
export function pageFields(call: Call): FieldTexts {
  const fields = new Map<string, readonly string[]>();
  for (const field of PAGE_FIELDS) {
    const option = `page-${field.replaceAll('_', '-')}`;
    const text = call.flag(option) ? 'true' : call.optional(option);
    if (text !== undefined) fields.set(`pagination.${field}`, [text]);
  }
  return fields;
}

/** The bytes of a request. Throws ExitError 64 for a text that its field cannot hold. */
function requestBytes({ request }: Method, fields: FieldTexts): Bytes {
  try {
    return request.encode(requestOf(request, fields)).finish();
  } catch (error) {
    if (error instanceof GatewayError) throw usageError(error.message);
    throw error;
  }
}

export interface Question {
  readonly path: string;
  readonly fields: FieldTexts;
  readonly height?: number;
}

/** Throws ExitError 74 when nobody answers, 65 with the words of the node when it refuses. */
export async function ask(call: Call, table: MethodTable, question: Question): Promise<Json> {
  const { path, fields, height = 0 } = question;
  const method = table.methods.get(path);
  if (!method) throw usageError(`no node answers ${path}; see: bitscale query grpc`);
  const rpc = new RpcClient(call.text('node'));
  const { value } = await rpc.abciQuery(path, requestBytes(method, fields), { height });
  return toJson(method.response, method.response.decode(value), table.types);
}

/** The height of the state to ask, where --height is an option. */
export function askedHeight(call: Call): number {
  return wholeNumber(call.text('height'), '--height');
}
