/**
 * Protobuf's JSON as the Cosmos gateway writes it: names in snake case, 64-bit numbers as text, bytes in
 * base64, enums by name, an Any opened with its @type, and everything present that has no value.
 */
import { toBase64 } from '../../base/bytes.ts';
import { Dec } from '../../base/dec.ts';
import { MAX_PROTO_DEPTH } from '../../base/limits.ts';
import { formatTime } from '../../base/time.ts';
import type { JsonCodec } from '../expected.ts';

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type TypeFinder = (typeUrl: string) => JsonCodec | undefined;

/** Members of a oneof: those that are not chosen are absent, where a missing message is null. */
const ONEOF = new Set([
  'single',
  'multi',
  'ed25519',
  'secp256k1',
  'duplicateVoteEvidence',
  'lightClientAttackEvidence',
]);

/** On the wire a decimal is a whole number of its 10^-18 parts. */
export const DECIMALS: ReadonlySet<string> = new Set([
  'delegatorShares',
  'rate',
  'maxRate',
  'maxChangeRate',
  'minCommissionRate',
  'sharesDst',
]);

type Fields = Readonly<Record<string, unknown>>;

const snakeNames = new Map<string, string>();

/** Names come from generated code, so there are only so many. */
export function snakeCase(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}

export function toJson(codec: JsonCodec, message: unknown, types: TypeFinder): Json {
  return messageJson(codec, message, { types, left: MAX_PROTO_DEPTH });
}

interface Depth {
  readonly types: TypeFinder;
  /** How many more Any may be opened inside each other. */
  readonly left: number;
}

/** The message knows every field, the generator's JSON knows which numbers are enums and which times. */
function messageJson(codec: JsonCodec, message: unknown, depth: Depth): Json {
  return record(message as Fields, codec.toJSON(message), depth);
}

function record(fields: Fields, generated: unknown, depth: Depth): Json {
  const hints = (generated ?? {}) as Fields;
  const json: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined && ONEOF.has(name)) continue;
    const snake = snakeCase(name);
    json[snake] = field(value, hints[name] ?? hints[snake], { name, depth });
  }
  return json;
}

function field(value: unknown, hint: unknown, at: { name: string; depth: Depth }): Json {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      return typeof hint === 'string' ? hint : value;
    case 'string':
      return DECIMALS.has(at.name) ? Dec.fromWire(value || '0').toString() : value;
    case 'boolean':
      return value;
    default:
      break;
  }
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return value.length === 0 ? null : toBase64(value);
  if (Array.isArray(value)) {
    const hints = Array.isArray(hint) ? (hint as unknown[]) : [];
    return value.map((item, index) => field(item, hints[index], at));
  }
  return object(value as Fields, hint, at.depth);
}

function object(value: Fields, hint: unknown, depth: Depth): Json {
  const { typeUrl, value: bytes, seconds, nanos } = value;
  if (typeof typeUrl === 'string' && bytes instanceof Uint8Array)
    return anyJson(typeUrl, bytes, depth);
  if (typeof seconds === 'bigint' && typeof nanos === 'number') {
    return typeof hint === 'string' ? timeText(seconds, nanos) : durationText(seconds, nanos);
  }
  return record(value, hint, depth);
}

/** A type that the chain does not know, or bytes that are not of it, stay as they are. */
function anyJson(typeUrl: string, bytes: Uint8Array, { types, left }: Depth): Json {
  const codec = left > 0 ? types(typeUrl) : undefined;
  if (codec) {
    try {
      const inner = messageJson(codec, codec.decode(bytes), { types, left: left - 1 });
      return { '@type': typeUrl, ...(inner as Record<string, Json>) };
    } catch {
      return { '@type': typeUrl, value: toBase64(bytes) };
    }
  }
  return { '@type': typeUrl, value: toBase64(bytes) };
}

function timeText(seconds: bigint, nanos: number): string {
  const whole = formatTime({ seconds, nanos: 0 }).slice(0, -1);
  return `${whole}${fraction(nanos)}Z`;
}

function durationText(seconds: bigint, nanos: number): string {
  const sign = nanos < 0 && seconds === 0n ? '-' : '';
  return `${sign}${seconds}${fraction(Math.abs(nanos))}s`;
}

/** None, three, six or nine digits. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  return `.${String(nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}
