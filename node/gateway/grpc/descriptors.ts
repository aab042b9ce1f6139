/** The files that describe all services and types, found by name or by what they define. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorSet,
  type DescriptorProto,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { DESCRIPTORS } from '../../../proto/gen/descriptors.ts';
import { fromBase64, type Bytes } from '../../base/bytes.ts';

export function descriptorSet(): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, fromBase64(DESCRIPTORS));
}

export class Descriptors {
  readonly #files = new Map<string, FileDescriptorProto>();
  /** Full name of a service, method, message, field, enum or enum value, to its file. */
  readonly #symbols = new Map<string, string>();

  /** `paths` are the methods that there are: others of their services are left out. */
  constructor(paths: ReadonlySet<string>) {
    for (const file of descriptorSet().file) {
      this.#files.set(file.name, file);
      for (const service of file.service) {
        const prefix = `/${file.package}.${service.name}/`;
        service.method = service.method.filter(({ name }) => paths.has(`${prefix}${name}`));
      }
      for (const { name, method } of file.service) {
        this.#define(file, name);
        for (const { name: called } of method) this.#define(file, `${name}.${called}`);
      }
      for (const message of file.messageType) this.#defineMessage(file, message, '');
      for (const { name, value } of file.enumType) {
        this.#define(file, name);
        for (const { name: member } of value) this.#define(file, member);
      }
    }
  }

  /** The file first and then all that it imports; undefined when there is none. */
  byName(name: string): readonly Bytes[] | undefined {
    const first = this.#files.get(name);
    if (first === undefined) return undefined;
    const found = new Set<FileDescriptorProto>();
    const visit = (file: FileDescriptorProto): void => {
      if (found.has(file)) return;
      for (const path of file.dependency) {
        const imported = this.#files.get(path);
        if (imported) visit(imported);
      }
      found.add(file);
    };
    visit(first);
    return [...found].reverse().map((file) => toBinary(FileDescriptorProtoSchema, file));
  }

  bySymbol(symbol: string): readonly Bytes[] | undefined {
    const name = this.#symbols.get(symbol.replace(/^\./, ''));
    return name === undefined ? undefined : this.byName(name);
  }

  #define(file: FileDescriptorProto, name: string): void {
    this.#symbols.set(`${file.package}.${name}`, file.name);
  }

  #defineMessage(file: FileDescriptorProto, message: DescriptorProto, within: string): void {
    const name = `${within}${message.name}`;
    this.#define(file, name);
    for (const { name: field } of message.field) this.#define(file, `${name}.${field}`);
    for (const { name: inner } of message.enumType) this.#define(file, `${name}.${inner}`);
    for (const inner of message.nestedType) this.#defineMessage(file, inner, `${name}.`);
  }
}
