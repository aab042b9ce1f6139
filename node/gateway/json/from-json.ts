/** A JSON body as protobuf's rules read it, by the descriptors that reflection shows. */
import {
  createFileRegistry,
  fromBinary,
  fromJson,
  toBinary,
  type DescMessage,
  type FileRegistry,
  type JsonValue,
} from '@bufbuild/protobuf';
import type { Bytes } from '../../base/bytes.ts';
import { Dec } from '../../base/dec.ts';
import { assert } from '../../base/errors.ts';
import { MAX_JSON_DEPTH } from '../../base/limits.ts';
import { descriptorSet } from '../grpc/descriptors.ts';
import { badRequest } from '../status.ts';
import { DECIMALS } from './to-json.ts';

type Members = Readonly<Record<string, JsonValue>>;

export class BodyReader {
  #registry: FileRegistry | undefined;

  /** Encoded request of the method at `path`. Throws GatewayError. */
  read(path: string, text: string): Bytes {
    const [, service = '', name = ''] = path.split('/');
    // Made when the first body comes: most nodes never see one.
    this.#registry ??= createFileRegistry(descriptorSet());
    const methods = this.#registry.getService(service)?.methods ?? [];
    const method = methods.find((candidate) => candidate.name === name);
    assert(method !== undefined, `${path} is described`);
    const json = knownOf(method.input, prepared(parse(text)));
    try {
      const message = fromJson(method.input, json, { registry: this.#registry });
      nameAsCosmos(method.input, message, this.#registry);
      return toBinary(method.input, message);
    } catch (error) {
      throw badRequest(`the body cannot be read: ${(error as Error).message.slice(0, 300)}`);
    }
  }
}

const GOOGLE = 'type.googleapis.com/';

/** The reader puts the name of a server before the type of an Any; Cosmos has only the slash. */
function nameAsCosmos(schema: DescMessage, message: object, registry: FileRegistry): void {
  const members = message as Record<string, unknown>;
  const { typeUrl, value } = members;
  if (schema.typeName === 'google.protobuf.Any' && value instanceof Uint8Array) {
    const name = String(typeUrl).slice(GOOGLE.length);
    const inner = registry.getMessage(name);
    if (inner === undefined) return;
    const opened = fromBinary(inner, value);
    nameAsCosmos(inner, opened, registry);
    Object.assign(members, { typeUrl: `/${name}`, value: toBinary(inner, opened) });
    return;
  }
  for (const { localName, message: inner } of schema.fields) {
    if (inner === undefined) continue;
    const held = members[localName];
    for (const each of [held ?? []].flat()) nameAsCosmos(inner, each as object, registry);
  }
}

function parse(text: string): JsonValue {
  let body: JsonValue;
  try {
    body = JSON.parse(text) as JsonValue;
  } catch {
    throw badRequest('the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('the body must be an object');
  }
  return body;
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Decimals as they are on the wire, and no name in both of its spellings. */
function prepared(value: JsonValue, left = MAX_JSON_DEPTH): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (left === 0) throw badRequest('the body nests too deep');
  if (Array.isArray(value)) return value.map((item) => prepared(item, left - 1));
  const members = new Map<string, JsonValue>();
  for (const [name, inner] of Object.entries(value as Members)) {
    const key = camelCase(name);
    if (members.has(key)) throw badRequest(`field "${key.slice(0, 100)}" is given twice`);
    members.set(key, DECIMALS.has(key) ? decimal(inner) : prepared(inner, left - 1));
  }
  return Object.fromEntries(members);
}

/** Names that the request does not know are passed over, as in a URL; inside of it they are refused. */
function knownOf({ fields }: DescMessage, json: JsonValue): JsonValue {
  const known = new Set(fields.map(({ jsonName }) => jsonName));
  return Object.fromEntries(Object.entries(json as Members).filter(([name]) => known.has(name)));
}

function decimal(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  try {
    return Dec.parse(value).toWire();
  } catch {
    throw badRequest(`not a decimal: ${value.slice(0, 100)}`);
  }
}
