/**
 * Messages in amino JSON, the form that hardware wallets show and sign, and back: names in snake case, 64-bit integers
 * as texts, bytes in base64, and nothing that is empty. As the Cosmos SDK writes messages without rules of their own.
 */
import { EMPTY, fromBase64, toBase64 } from './bytes.ts';
import type { Json } from './json.ts';

/** `number` up to 32 bits, `integer` up to 64 bits; a list has one element, the shape of its messages. */
export type AminoKind =
  'number' | 'integer' | 'bytes' | 'string' | AminoShape | readonly [AminoShape];

/** By the names of the generated code. */
export interface AminoShape {
  readonly [field: string]: AminoKind;
}

type JsonObject = { readonly [name: string]: Json | undefined };
type Fields = Readonly<Record<string, unknown>>;

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const isList = (kind: AminoKind): kind is readonly [AminoShape] => Array.isArray(kind);

export function toAmino(shape: AminoShape, message: object): JsonObject {
  const fields = message as Fields;
  const members = Object.entries(shape).map(
    ([field, kind]) => [snakeCase(field), writeField(kind, fields[field])] as const,
  );
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function writeField(kind: AminoKind, value: unknown): Json | undefined {
  if (isList(kind)) {
    const list = value as readonly object[];
    return list.length === 0 ? undefined : list.map((one) => toAmino(kind[0], one));
  }
  switch (kind) {
    case 'number':
      return (value as number) || undefined;
    case 'integer':
      return value === 0n ? undefined : String(value as bigint);
    case 'bytes':
      return (value as Uint8Array).length === 0 ? undefined : toBase64(value as Uint8Array);
    case 'string':
      return (value as string) || undefined;
    default:
      return value === undefined ? undefined : toAmino(kind, value as object);
  }
}

/** What `toAmino` was given; throws on a text that is no number or not base64. */
export function fromAmino(shape: AminoShape, json: unknown): Record<string, unknown> {
  const members = json as Fields;
  const fields = Object.entries(shape).map(
    ([field, kind]) => [field, readField(kind, members[snakeCase(field)])] as const,
  );
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function readField(kind: AminoKind, value: unknown): unknown {
  if (isList(kind)) {
    return ((value ?? []) as readonly unknown[]).map((one) => fromAmino(kind[0], one));
  }
  switch (kind) {
    case 'number':
      return value ?? 0;
    case 'integer':
      return BigInt((value as string | undefined) ?? 0);
    case 'bytes':
      return value === undefined ? EMPTY : fromBase64(value as string);
    case 'string':
      return value ?? '';
    default:
      return value === undefined ? undefined : fromAmino(kind, value);
  }
}
