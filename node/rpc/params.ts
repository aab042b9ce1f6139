/**
 * The kinds of parameters RPC methods take, and how each is read: from JSON (object or positional) and
 * from a URI, where strings stand in double quotes, bytes are 0x-hexadecimal and numbers are bare.
 */
import { fromBase64, fromHex, type Bytes } from '../base/bytes.ts';
import { invalidParams } from './errors.ts';

export interface Param<T> {
  readonly required: boolean;
  /** The value when the client gives none; never used when required. */
  readonly absent: T;
  fromJson(value: unknown): T;
  fromUri(text: string): T;
}

type AnyParams = Readonly<Record<string, Param<unknown>>>;

export type ArgsOf<P extends AnyParams> = {
  readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never;
};

const EMPTY: Bytes = new Uint8Array(0);

function unquote(text: string): string | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function strictly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw invalidParams(error.message);
    throw error;
  }
}

const INTEGER = /^-?[0-9]{1,16}$/;

function integer(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !INTEGER.test(text) || !Number.isSafeInteger(Number(text))) {
    throw invalidParams('expected a 64-bit integer as a string');
  }
  return Number(text);
}

/** An integer, undefined when absent. Range is the method's business. */
export function optionalInt(): Param<number | undefined> {
  return {
    required: false,
    absent: undefined,
    fromJson: integer,
    fromUri: (text) => integer(unquote(text) ?? text),
  };
}

function stringFrom(value: unknown): string {
  if (typeof value !== 'string') throw invalidParams('expected a string');
  return value;
}

function stringFromUri(text: string): string {
  const quoted = unquote(text);
  if (quoted !== undefined) return quoted;
  if (/^0x/i.test(text)) return Buffer.from(strictly(() => fromHex(text.slice(2)))).toString();
  throw invalidParams('expected a string in double quotes');
}

export function string(): Param<string> {
  return { required: true, absent: '', fromJson: stringFrom, fromUri: stringFromUri };
}

export function optionalString(): Param<string> {
  return { required: false, absent: '', fromJson: stringFrom, fromUri: stringFromUri };
}

export function flag(): Param<boolean> {
  return {
    required: false,
    absent: false,
    fromJson: (value) => {
      if (typeof value !== 'boolean') throw invalidParams('expected true or false');
      return value;
    },
    fromUri: (text) => {
      if (text !== 'true' && text !== 'false') throw invalidParams('expected true or false');
      return text === 'true';
    },
  };
}

/** In a URI, text in quotes stands for its own bytes, as in CometBFT. */
function bytesFromUri(text: string): Bytes {
  const quoted = unquote(text);
  if (quoted !== undefined) return new Uint8Array(Buffer.from(quoted));
  if (!/^0x/i.test(text)) throw invalidParams('expected 0x-hexadecimal or a quoted string');
  return strictly(() => fromHex(text.slice(2)));
}

/** Bytes that JSON carries as base64. */
export function bytes(): Param<Bytes> {
  return {
    required: true,
    absent: EMPTY,
    fromJson: (value) => strictly(() => fromBase64(stringFrom(value))),
    fromUri: bytesFromUri,
  };
}

/** Bytes that JSON carries as hexadecimal. */
export function optionalHex(): Param<Bytes> {
  return {
    required: false,
    absent: EMPTY,
    fromJson: (value) => strictly(() => fromHex(stringFrom(value))),
    fromUri: bytesFromUri,
  };
}

const HASH_BYTES = 32;
const HEX_HASH = /^(?:[0-9a-fA-F]{2}){32}$/;

/** A SHA-256 hash: base64 in JSON, hexadecimal in a URI. */
export function hash(): Param<Bytes> {
  const checked = (value: Bytes): Bytes => {
    if (value.length !== HASH_BYTES) throw invalidParams(`expected a hash of ${HASH_BYTES} bytes`);
    return value;
  };
  const { fromJson, fromUri } = bytes();
  return {
    required: true,
    absent: EMPTY,
    fromJson: (value) => checked(fromJson(value)),
    fromUri: (text) => checked(fromUri(text)),
  };
}

/** As `hash`, but in JSON hexadecimal, as CometBFT has it in one route only; base64 is understood as well. */
export function hexHash(): Param<Bytes> {
  const base64 = hash();
  const fromJson = (value: unknown): Bytes => {
    const text = stringFrom(value);
    return HEX_HASH.test(text) ? fromHex(text) : base64.fromJson(text);
  };
  return { ...base64, fromJson };
}

/** Any JSON value; the method reads it itself. */
export function json(): Param<unknown> {
  return {
    required: true,
    absent: undefined,
    fromJson: (value) => value,
    fromUri: (text) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw invalidParams('expected JSON');
      }
    },
  };
}

type ParamEntry = readonly [name: string, param: Param<unknown>];

/** Arguments from the `params` member of a request: absent, an object, or a list in the declared order. */
export function argsFromJson(params: readonly ParamEntry[], given: unknown): object {
  if (given === undefined || given === null) return collect(params, () => undefined);
  if (Array.isArray(given)) {
    if (given.length > params.length) {
      throw invalidParams(`expected ${params.length} parameters, got ${given.length}`);
    }
    return collect(params, (_name, i) => given[i] as unknown);
  }
  if (typeof given !== 'object') throw invalidParams('params must be an object or an array');
  const object = given as Record<string, unknown>;
  for (const name of Object.keys(object)) {
    if (!params.some(([known]) => known === name)) throw invalidParams(`unknown parameter ${name}`);
  }
  return collect(params, (name) => (Object.hasOwn(object, name) ? object[name] : undefined));
}

function collect(
  params: readonly ParamEntry[],
  find: (name: string, position: number) => unknown,
): object {
  const args: Record<string, unknown> = {};
  params.forEach(([name, param], i) => {
    const value = find(name, i);
    args[name] =
      value === undefined || value === null
        ? whenAbsent(name, param)
        : named(name, () => param.fromJson(value));
  });
  return args;
}

/** Arguments from the query part of a URI; a parameter given twice or unknown is refused. */
export function argsFromUri(params: readonly ParamEntry[], query: URLSearchParams): object {
  for (const name of query.keys()) {
    if (!params.some(([known]) => known === name)) throw invalidParams(`unknown parameter ${name}`);
    if (query.getAll(name).length > 1) throw invalidParams(`parameter ${name} is given twice`);
  }
  const args: Record<string, unknown> = {};
  for (const [name, param] of params) {
    const text = query.get(name) ?? '';
    args[name] = text === '' ? whenAbsent(name, param) : named(name, () => param.fromUri(text));
  }
  return args;
}

function whenAbsent(name: string, param: Param<unknown>): unknown {
  if (param.required) throw invalidParams(`parameter ${name} is missing`);
  return param.absent;
}

function named(name: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.name === 'RpcError') {
      const { data } = error as Error & { data: string };
      throw invalidParams(`parameter ${name}: ${data}`);
    }
    throw error;
  }
}
