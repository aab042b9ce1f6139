// Descriptors for gRPC reflection: of our own .proto files by protoc, of Cosmos' by reading them back from the
// code of cosmjs-types, which comes without its .proto files. The generated code says everything: names, numbers,
// wire types, and which file a message comes from. Only oneofs and comments are lost. Called by generate.js.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const require = createRequire(import.meta.url);
const TYPES_ROOT = dirname(require.resolve('cosmjs-types/binary'));

/** What clients ask and what stands in an Any; the rest follows by imports. */
const COSMOS_FILES = [
  ...['auth', 'authz', 'bank', 'feegrant', 'staking'].flatMap((name) => [
    `cosmos/${name}/v1beta1/query`,
    `cosmos/${name}/v1beta1/tx`,
  ]),
  'cosmos/authz/v1beta1/authz',
  'cosmos/bank/v1beta1/authz',
  'cosmos/base/node/v1beta1/query',
  'cosmos/base/tendermint/v1beta1/query',
  'cosmos/consensus/v1/query',
  'cosmos/consensus/v1/tx',
  'cosmos/crypto/ed25519/keys',
  'cosmos/crypto/multisig/keys',
  'cosmos/crypto/secp256k1/keys',
  'cosmos/staking/v1beta1/authz',
  'cosmos/tx/v1beta1/service',
  'cosmos/upgrade/v1beta1/query',
  'cosmos/upgrade/v1beta1/tx',
  'cosmos/vesting/v1beta1/tx',
  'cosmos/vesting/v1beta1/vesting',
];

const SCALARS = { int64: 3, uint64: 4, int32: 5, bool: 8, string: 9, bytes: 12, uint32: 13 };
const [TYPE_MESSAGE, TYPE_ENUM, OPTIONAL, REPEATED] = [11, 14, 1, 3];

const snakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const upperFirst = (name) => name[0].toUpperCase() + name.slice(1);

/** One generated file, and what its `require`s are called in it. */
function readFile(file) {
  const text = readFileSync(join(TYPES_ROOT, `${file}.js`), 'utf8');
  const imports = new Map([['exports', file]]);
  for (const [, alias, path] of text.matchAll(/const (\w+) = require\("(\.[^"]+)"\);/g)) {
    imports.set(alias, posix.join(posix.dirname(file), path));
  }
  const [, packageName] = /exports\.protobufPackage = "([^"]+)"/.exec(text) ?? [];
  return { file, text, imports, packageName };
}

/** By name, every file after those it imports. */
function allFiles() {
  const files = new Map();
  const visit = (file) => {
    if (files.has(file)) return;
    const source = readFile(file);
    if (source.packageName === undefined) return;
    for (const path of source.imports.values()) if (path !== file) visit(path);
    files.set(file, source);
  };
  for (const file of COSMOS_FILES) visit(file);
  return files;
}

/** What is inside a message is called `Message_Inner` in the code. */
function fullName(files, { imports }, alias, name) {
  const { packageName } = files.get(imports.get(alias));
  return `.${packageName}.${name.replaceAll('_', '.')}`;
}

/** Messages and enums at their places, from a list by their names in the code. */
function nested(kinds, within = '') {
  const isHere = ({ name }) => name.startsWith(within) && !name.slice(within.length).includes('_');
  const here = (list) =>
    list.filter(isHere).map((item) => ({ ...item, name: item.name.slice(within.length) }));
  const messages = here(kinds.messages).map((message) => {
    const inner = nested(kinds, `${within}${message.name}_`);
    return { ...message, nestedType: inner.messageType, enumType: inner.enumType };
  });
  return { messageType: messages, enumType: here(kinds.enums) };
}

function messageOf(files, source, name, body) {
  const [encode] = /encode\(message[\s\S]*?return writer;/.exec(body) ?? [''];
  const fields = [];
  let list;
  for (const line of encode.split('\n')) {
    list = /for \(const v of message\.(\w+)\)/.exec(line)?.[1] ?? list;
    const inner = /(\w+)\.(\w+)\.encode\((v|message\.\w+)[^,]*, writer\.uint32\((\d+)\)\.fork/.exec(
      line,
    );
    const plain = /writer\.uint32\((\d+)\)\.(\w+)\((v|message\.\w+)/.exec(line);
    const packed = /writer\.uint32\((\d+)\)\.fork\(\);/.exec(line);
    const item = /^\s*writer\.(\w+)\(v\);/.exec(line);
    if (inner) {
      const typeName = fullName(files, source, inner[1], inner[2]);
      fields.push(fieldOf(inner[3], list, inner[4], { type: TYPE_MESSAGE, typeName }));
    } else if (plain) {
      fields.push(fieldOf(plain[3], list, plain[1], { scalar: plain[2] }));
    } else if (packed) {
      fields.push(fieldOf('v', undefined, packed[1], {}));
    } else if (item) {
      const last = fields.at(-1);
      Object.assign(last, { key: list, scalar: item[1] });
    }
  }
  const written = encode.match(/writer\.uint32\(/g)?.length ?? 0;
  const numbered = fields.filter(({ key }) => key !== undefined).length;
  if (written < numbered || fields.length !== numbered || encode.includes('Object.entries')) {
    throw new Error(`cannot read ${source.file} ${name}`);
  }
  return { name, field: fields.map((field) => finished(files, source, body, field)) };
}

function fieldOf(value, list, tag, rest) {
  const isList = value === 'v';
  const key = isList ? list : value.slice('message.'.length);
  return { key, number: Number(tag) >>> 3, label: isList ? REPEATED : OPTIONAL, ...rest };
}

/** Enums are written as int32; how they are written as JSON names them. */
function finished(files, source, body, { key, number, label, type, typeName, scalar }) {
  const names = { name: snakeCase(key), jsonName: key, number, label };
  if (type !== undefined) return { ...names, type, typeName };
  const json = new RegExp(`obj\\.${key} = .*?(?:\\(0, (\\w+)\\.|\\b)(\\w+)ToJSON\\)?\\(`).exec(
    body,
  );
  if (scalar === 'int32' && json) {
    const enumName = fullName(files, source, json[1] ?? 'exports', upperFirst(json[2]));
    return { ...names, type: TYPE_ENUM, typeName: enumName };
  }
  if (SCALARS[scalar] === undefined) throw new Error(`${source.file}: ${key} is ${scalar}`);
  return { ...names, type: SCALARS[scalar] };
}

function enumsOf(text) {
  const enums = new Map();
  for (const [, name, value, number] of text.matchAll(/(\w+)\[\1\["(\w+)"\] = (-?\d+)\] = /g)) {
    if (value === 'UNRECOGNIZED') continue;
    enums.set(name, [...(enums.get(name) ?? []), { name: value, number: Number(number) }]);
  }
  return [...enums].map(([name, value]) => ({ name, value }));
}

function servicesOf(files, source) {
  const services = new Map();
  const calls =
    /(\w+)\.(\w+)\.encode\(request\)\.finish\(\);\s*const promise = this\.rpc\.request\("([^"]+)", "(\w+)", data\);\s*return promise\.then\(\(data\) => (\w+)\.(\w+)\.decode/g;
  for (const [, from, request, service, name, to, response] of source.text.matchAll(calls)) {
    const short = service.slice(service.lastIndexOf('.') + 1);
    const inputType = fullName(files, source, from, request);
    const outputType = fullName(files, source, to, response);
    services.set(short, [...(services.get(short) ?? []), { name, inputType, outputType }]);
  }
  return [...services].map(([name, method]) => ({ name, method }));
}

function cosmosFile(files, source) {
  const { file, text, imports, packageName } = source;
  const blocks = text.matchAll(/^exports\.(\w+) = \{\n([\s\S]*?)^\};/gm);
  const dependency = [...imports.values()].filter((path) => path !== file && files.has(path));
  return {
    name: `${file}.proto`,
    package: packageName,
    syntax: 'proto3',
    dependency: dependency.map((path) => `${path}.proto`),
    ...nested({
      messages: [...blocks].map(([, name, body]) => messageOf(files, source, name, body)),
      enums: enumsOf(text),
    }),
    service: servicesOf(files, source),
  };
}

const text = (name, number) => ({ name, jsonName: name, number, label: OPTIONAL, type: 9 });
const int32 = (name, number) => ({ ...text(name, number), type: 5 });
const repeated = (field) => ({ ...field, label: REPEATED });

/** What the service of reflection says of itself: interface grpc.reflection, `v1` or `v1alpha`. */
function reflectionFile(version) {
  const packageName = `grpc.reflection.${version}`;
  const message = (name, number, type) => {
    return { ...text(name, number), type: TYPE_MESSAGE, typeName: `.${packageName}.${type}` };
  };
  const oneOf = (field) => ({ ...field, oneofIndex: 0 });
  const types = {
    ServerReflectionRequest: [
      text('host', 1),
      oneOf(text('file_by_filename', 3)),
      oneOf(text('file_containing_symbol', 4)),
      oneOf(message('file_containing_extension', 5, 'ExtensionRequest')),
      oneOf(text('all_extension_numbers_of_type', 6)),
      oneOf(text('list_services', 7)),
    ],
    ExtensionRequest: [text('containing_type', 1), int32('extension_number', 2)],
    ServerReflectionResponse: [
      text('valid_host', 1),
      message('original_request', 2, 'ServerReflectionRequest'),
      oneOf(message('file_descriptor_response', 4, 'FileDescriptorResponse')),
      oneOf(message('all_extension_numbers_response', 5, 'ExtensionNumberResponse')),
      oneOf(message('list_services_response', 6, 'ListServiceResponse')),
      oneOf(message('error_response', 7, 'ErrorResponse')),
    ],
    FileDescriptorResponse: [repeated({ ...text('file_descriptor_proto', 1), type: 12 })],
    ExtensionNumberResponse: [text('base_type_name', 1), repeated(int32('extension_number', 2))],
    ListServiceResponse: [repeated(message('service', 1, 'ServiceResponse'))],
    ServiceResponse: [text('name', 1)],
    ErrorResponse: [int32('error_code', 1), text('error_message', 2)],
  };
  const oneofOf = {
    ServerReflectionRequest: 'message_request',
    ServerReflectionResponse: 'message_response',
  };
  const call = {
    name: 'ServerReflectionInfo',
    inputType: `.${packageName}.ServerReflectionRequest`,
    outputType: `.${packageName}.ServerReflectionResponse`,
    clientStreaming: true,
    serverStreaming: true,
  };
  return {
    name: `grpc/reflection/${version}/reflection.proto`,
    package: packageName,
    syntax: 'proto3',
    messageType: Object.entries(types).map(([name, field]) => {
      const oneof = oneofOf[name];
      return { name, field, oneofDecl: oneof === undefined ? [] : [{ name: oneof }] };
    }),
    service: [{ name: 'ServerReflection', method: [call] }],
  };
}

function ownFiles(protoRoot, names) {
  const folder = mkdtempSync(join(tmpdir(), 'bitscale-descriptors-'));
  try {
    const out = join(folder, 'set.bin');
    const protoc = require.resolve('protoc/protoc.cjs');
    const args = [`--descriptor_set_out=${out}`, `--proto_path=${protoRoot}`, ...names];
    execFileSync(process.execPath, [protoc, ...args], { stdio: 'inherit' });
    return fromBinary(FileDescriptorSetSchema, readFileSync(out)).file;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes all descriptors as one module with a FileDescriptorSet in base64. */
export function writeDescriptors(protoRoot, names, out) {
  const files = allFiles();
  const cosmos = [...files.values()].map((source) => cosmosFile(files, source));
  const set = create(FileDescriptorSetSchema, {
    file: [...cosmos, reflectionFile('v1'), reflectionFile('v1alpha')],
  });
  set.file.push(...ownFiles(protoRoot, names));
  const text = Buffer.from(toBinary(FileDescriptorSetSchema, set)).toString('base64');
  const lines = text.match(/.{1,96}/g).map((line) => `  '${line}',`);
  const head =
    '// Made by proto/descriptors.js: google.protobuf.FileDescriptorSet in base64. Do not edit.';
  writeFileSync(out, `${head}\nexport const DESCRIPTORS = [\n${lines.join('\n')}\n].join('');\n`);
}
