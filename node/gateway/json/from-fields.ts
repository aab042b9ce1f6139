/** A request from the texts of a URL, by the shape that its codec gives an empty message. */
import { fromBase64 } from '../../base/bytes.ts';
import type { JsonCodec } from '../expected.ts';
import { badRequest } from '../status.ts';
import { snakeCase } from './to-json.ts';

const MAX_UINT32 = 0xffff_ffff;
const MAX_UINT64 = (1n << 64n) - 1n;
const ENUM_NAME = /^[A-Z][A-Z0-9_]*$/;
/* eslint-disable-next-line no-control-regex -- what must not be in a text */
const CONTROL = /[\u0000-\u001f\u007f]/;

/** A field's name with dots (`pagination.limit`), and what was written for it. */
export type FieldTexts = ReadonlyMap<string, readonly string[]>;

type Shape = Record<string, unknown>;

/** Names that the message does not know are passed over, as the Cosmos gateway does. Throws GatewayError. */
export function requestOf(codec: JsonCodec, fields: FieldTexts): unknown {
  const message = codec.fromPartial({}) as Shape;
  for (const [path, texts] of fields) {
    const [first = '', second, ...rest] = path.split('.');
    const key = keyOf(message, first);
    if (key === undefined || rest.length > 0) continue;
    if (second === undefined) message[key] = read(message[key], texts, { codec, key, path });
    else setNested(message, texts, { codec, key, path, second });
  }
  return codec.fromPartial(message);
}

interface Place {
  readonly codec: JsonCodec;
  readonly key: string;
  /** As the client wrote it. */
  readonly path: string;
}

function setNested(
  message: Shape,
  texts: readonly string[],
  place: Place & { readonly second: string },
): void {
  const { codec, key, second } = place;
  if (message[key] === undefined) {
    // The codec makes an empty message of the right kind out of nothing.
    message[key] = (codec.fromPartial({ [key]: {} }) as Shape)[key];
  }
  const inner = message[key];
  if (typeof inner !== 'object' || inner === null) return;
  const innerKey = keyOf(inner as Shape, second);
  if (innerKey === undefined) return;
  (inner as Shape)[innerKey] = read((inner as Shape)[innerKey], texts, place);
}

export function keyOf(shape: Shape, name: string): string | undefined {
  return Object.keys(shape).find((key) => key === name || snakeCase(key) === name);
}

function read(standard: unknown, texts: readonly string[], place: Place): unknown {
  for (const text of texts) {
    if (CONTROL.test(text)) throw badRequest(`${place.path} holds a control character`);
  }
  if (Array.isArray(standard)) return texts;
  const [text = '', ...more] = texts;
  if (more.length > 0) throw badRequest(`too many values for ${place.path}`);
  return readOne(standard, text, place);
}

function readOne(standard: unknown, text: string, place: Place): unknown {
  const fault = (): Error => badRequest(`invalid value for ${place.path}: ${text.slice(0, 100)}`);
  switch (typeof standard) {
    case 'string':
      return text;
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw fault();
    case 'bigint': {
      if (!/^\d{1,20}$/.test(text) || BigInt(text) > MAX_UINT64) throw fault();
      return BigInt(text);
    }
    case 'number':
      return readNumber(text, place, fault);
    default:
      if (!(standard instanceof Uint8Array)) throw fault();
      try {
        return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
      } catch {
        throw fault();
      }
  }
}

function readNumber(text: string, { codec, key }: Place, fault: () => Error): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_UINT32) return Number(text);
  if (!ENUM_NAME.test(text)) throw fault();
  const value = (codec.fromJSON({ [key]: text }) as Shape)[key];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw fault();
  return value;
}

/** Fields from JSON of one message without messages in it, to be joined with others. Throws GatewayError. */
export function bodyFields(codec: JsonCodec, text: string): FieldTexts {
  let body: unknown;
  try {
    body = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw badRequest('the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('the body must be an object');
  }
  const shape = codec.fromPartial({}) as Shape;
  const fields = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(body)) {
    const key = keyOf(shape, name);
    if (key === undefined) throw badRequest(`unknown field "${name.slice(0, 100)}"`);
    if (value === null) continue;
    if (fields.has(key)) throw badRequest(`field "${key}" is given twice`);
    fields.set(key, bodyTexts(value, name));
  }
  return fields;
}

function bodyTexts(value: unknown, name: string): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((item) => {
    const plain = typeof item === 'string' || typeof item === 'boolean';
    if (!plain && !Number.isSafeInteger(item)) throw badRequest(`invalid value for field ${name}`);
    return String(item);
  });
}
