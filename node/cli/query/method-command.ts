/** The command of a method of the table: arguments and options follow from the fields of its request. */
import { fromHex, toBase64 } from '../../base/bytes.ts';
import type { Method } from '../../gateway/expected.ts';
import { keyOf } from '../../gateway/json/from-fields.ts';
import { snakeCase } from '../../gateway/json/to-json.ts';
import type { MethodTable } from '../../method-table.ts';
import { usageError, type Call, type Command, type OptionSpec } from '../command.ts';
import { printResult } from '../output.ts';
import { ask, askedHeight, HEIGHT_OPTION, PAGE_OPTIONS, pageFields, QUERY_OPTIONS } from './ask.ts';
import { dashes, nameOf, splitPath, wordsOf, type MethodName } from './names.ts';

type Shape = Readonly<Record<string, unknown>>;

interface Argument {
  readonly field: string;
  readonly isOptional: boolean;
  readonly isMany: boolean;
}

const readArgument = (spec: string): Argument => {
  const [, open = '', field = '', many] = /^(\[)?([\w.]*\w)(\.\.\.)?\]?$/.exec(spec) ?? [];
  return { field, isOptional: open !== '', isMany: many !== undefined };
};

function argumentText({ field, isOptional, isMany }: Argument): string {
  const word = `${dashes(field.replaceAll('.', '-'))}${isMany ? '...' : ''}`;
  return isOptional ? `[${word}]` : `<${word}>`;
}

/** Fields that are neither arguments nor pages nor messages: a text can say them. */
function optionFields(shape: Shape, { arguments: args = [], hidden = [] }: MethodName): string[] {
  const taken = new Set([...args.map((spec) => readArgument(spec).field), ...hidden]);
  return Object.entries(shape)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => snakeCase(key))
    .filter((field) => !taken.has(field));
}

function fieldOption(value: unknown, field: string): OptionSpec {
  const help = `the field ${field}`;
  if (typeof value === 'boolean') return { help };
  const isBytes = value instanceof Uint8Array;
  const kind = typeof value === 'number' || typeof value === 'bigint' ? '<number>' : '<text>';
  return {
    value: isBytes ? '<base64>' : kind,
    help,
    ...(Array.isArray(value) && { multiple: true }),
  };
}

function plainSummary(method: string): string {
  return method === 'Params' ? 'Parameters of the module' : `The query ${method}`;
}

export function methodCommand(method: Method, table: MethodTable): Command {
  const { path, request } = method;
  const named = nameOf(path);
  const shape = request.fromPartial({}) as Shape;
  const fields = optionFields(shape, named);
  const hasHeight = named.arguments?.includes('height') ?? false;
  const options = {
    ...Object.fromEntries(
      fields.map((field) => [dashes(field), fieldOption(shape[keyOf(shape, field)!], field)]),
    ),
    ...('pagination' in shape ? PAGE_OPTIONS : {}),
    // A method that takes a height of its own asks for blocks, not for the state.
    ...(hasHeight ? {} : HEIGHT_OPTION),
    ...QUERY_OPTIONS,
  };
  return {
    name: wordsOf(path),
    aliases: named.aliases ?? [],
    summary: named.summary ?? plainSummary(splitPath(path).method),
    arguments: (named.arguments ?? []).map((spec) => argumentText(readArgument(spec))),
    options,
    async run(call, terminal) {
      const asked = { ...fieldsOf(call, named), ...optionsOf(call, shape, fields) };
      const texts = new Map([...Object.entries(asked), ...pageFields(call)]);
      const height = hasHeight ? 0 : askedHeight(call);
      printResult(call, terminal, await ask(call, table, { path, fields: texts, height }));
    },
  };
}

type Texts = Record<string, readonly string[]>;

function fieldsOf(call: Call, { arguments: args = [], hex = [] }: MethodName): Texts {
  const texts: Texts = {};
  for (const [index, spec] of args.entries()) {
    const { field, isMany } = readArgument(spec);
    const given = isMany ? call.rest(index) : call.rest(index).slice(0, 1);
    if (given.length === 0) continue;
    texts[field] = hex.includes(field) ? given.map((text) => base64OfHex(text, field)) : given;
  }
  return texts;
}

/** An option with bytes may be written in base64, or in hexadecimal after 0x. */
function optionsOf(call: Call, shape: Shape, fields: readonly string[]): Texts {
  const texts: Texts = {};
  for (const field of fields) {
    const option = dashes(field);
    const value = shape[keyOf(shape, field)!];
    const many = call.list(option);
    const text = call.flag(option) ? 'true' : call.optional(option);
    if (many.length > 0) texts[field] = many;
    else if (text !== undefined) {
      const isHex = value instanceof Uint8Array && text.startsWith('0x');
      texts[field] = [isHex ? base64OfHex(text, field) : text];
    }
  }
  return texts;
}

function base64OfHex(text: string, field: string): string {
  try {
    return toBase64(fromHex(text.replace(/^0x/, '').toLowerCase()));
  } catch {
    throw usageError(`${field} is written in hexadecimal digits, two for a byte`);
  }
}
