/**
 * Protobuf's JSON read strictly: a field that its message does not have is an error, where the generated code
 * would pass over it and a transaction would be signed that is not the one in the file.
 */
import {
  createFileRegistry,
  fromBinary,
  fromJson,
  toBinary,
  type FileRegistry,
  type JsonValue,
} from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import type { Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { descriptorSet } from '../../gateway/grpc/descriptors.ts';

let known: FileRegistry | undefined;

/** The bytes of a message by its full name, such as "cosmos.tx.v1beta1.Tx". Throws ExitError 65. */
export function readProtoJson(name: string, json: unknown): Bytes {
  known ??= createFileRegistry(descriptorSet());
  const schema = known.getMessage(name);
  if (schema === undefined) throw new ExitError(EXIT_DATA, `unknown type ${name}`);
  try {
    const message = fromJson(schema, json as JsonValue, { registry: known });
    nameAsCosmos(message, known);
    return toBinary(schema, message);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ExitError(EXIT_DATA, `not the JSON of ${name}: ${why}`, { cause });
  }
}

/** The library writes "type.googleapis.com/" before the names of types, Cosmos only the slash. */
function nameAsCosmos(value: unknown, registry: FileRegistry): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if ((value as { $typeName?: string }).$typeName !== 'google.protobuf.Any') {
    for (const inner of Object.values(value)) nameAsCosmos(inner, registry);
    return;
  }
  const any = value as Any;
  const name = any.typeUrl.slice(any.typeUrl.lastIndexOf('/') + 1);
  const schema = registry.getMessage(name);
  if (schema === undefined) return;
  const inner = fromBinary(schema, any.value);
  nameAsCosmos(inner, registry);
  any.typeUrl = `/${name}`;
  any.value = toBinary(schema, inner);
}
