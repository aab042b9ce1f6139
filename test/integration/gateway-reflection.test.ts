/** A client that knows nothing but the address, as grpcurl: it asks what there is, and calls it. */
import assert from 'node:assert/strict';
import { Client, credentials } from '@grpc/grpc-js';
import {
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  toJson,
  type FileRegistry,
  type JsonValue,
} from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { accountText } from '../../node/base/address.ts';
import { ProtoReader } from '../../node/base/proto-reader.ts';
import { ProtoWriter } from '../../node/base/proto-writer.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';

const [BY_SYMBOL, EXTENSIONS, LIST] = [4, 6, 7];

interface Reply {
  readonly files: FileDescriptorProto[];
  readonly services: string[];
  readonly error: number;
}

function readReply(bytes: Uint8Array): Reply {
  const reply = { files: [] as FileDescriptorProto[], services: [] as string[], error: 0 };
  const reader = new ProtoReader(bytes, { allowUnknown: true });
  while (reader.next()) {
    if (reader.field === 4) {
      for (const file of listOf(reader.bytes())) {
        reply.files.push(fromBinary(FileDescriptorProtoSchema, file));
      }
    } else if (reader.field === 6) {
      for (const service of listOf(reader.bytes())) {
        const inner = new ProtoReader(service);
        inner.next();
        reply.services.push(inner.string());
      }
    } else if (reader.field === 7) {
      const inner = new ProtoReader(reader.bytes(), { allowUnknown: true });
      inner.next();
      reply.error = inner.int32();
    } else reader.unknown();
  }
  return reply;
}

function listOf(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  const reader = new ProtoReader(bytes, { repeated: [1] });
  while (reader.next()) items.push(reader.bytes());
  return items;
}

describe('reflection of a node', () => {
  let solo: SoloNode;
  let client: Client;

  before(async () => {
    solo = await startSoloNode();
    client = new Client(`127.0.0.1:${solo.node.config.grpc.port}`, credentials.createInsecure());
  });
  after(async () => {
    client.close();
    await solo.remove();
  });

  const plain = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

  /** All questions on one stream. */
  function reflect(
    version: string,
    questions: readonly [kind: number, text: string][],
  ): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const call = client.makeBidiStreamRequest<Uint8Array, Buffer>(path, plain, (bytes) => bytes);
      const replies: Reply[] = [];
      call.on('data', (bytes: Buffer) => replies.push(readReply(new Uint8Array(bytes))));
      call.on('error', reject);
      call.on('end', () => resolve(replies));
      for (const [kind, text] of questions) {
        call.write(new ProtoWriter().string(1, 'host').bytes(kind, Buffer.from(text)).finish());
      }
      call.end();
    });
  }

  function registryOf(files: readonly FileDescriptorProto[]): FileRegistry {
    // The file comes before what it imports.
    const ordered = new Map([...files].reverse().map((file) => [file.name, file]));
    return createFileRegistry(create(FileDescriptorSetSchema, { file: inOrder(ordered) }));
  }

  function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
    const done = new Set<FileDescriptorProto>();
    const visit = (file: FileDescriptorProto): void => {
      for (const name of file.dependency) visit(files.get(name)!);
      done.add(file);
    };
    for (const file of files.values()) visit(file);
    return [...done];
  }

  function call(
    registry: FileRegistry,
    path: string,
    request: Record<string, unknown>,
  ): Promise<JsonValue> {
    const [, service = '', name] = path.split('/');
    const method = registry.getService(service)?.methods.find((each) => each.name === name);
    assert.ok(method, path);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        plain,
        (bytes) => fromBinary(method.output, new Uint8Array(bytes)),
        toBinary(method.input, create(method.input, request)),
        (error, answer) => {
          if (error) reject(error);
          else resolve(toJson(method.output, answer!, { registry, useProtoFieldName: true }));
        },
      );
    });
  }

  for (const version of ['v1', 'v1alpha']) {
    it(`${version} lists every service, and each is described`, async () => {
      const [list] = await reflect(version, [[LIST, '*']]);
      const paths = solo.node.app.registry.queries().map(({ path }) => path.split('/')[1] ?? '');
      for (const name of [...paths, 'cosmos.base.tendermint.v1beta1.Service']) {
        assert.ok(list?.services.includes(name), name);
      }
      const own = list?.services ?? [];
      const replies = await reflect(
        version,
        own.map((name) => [BY_SYMBOL, name]),
      );
      for (const [index, name] of own.entries()) {
        assert.ok(replies[index]?.files.length, name);
        assert.ok(registryOf(replies[index].files).getService(name), name);
      }
    });
  }

  it('what it describes can be called', async () => {
    const wanted = ['cosmos.bank.v1beta1.Query', 'bitscale.ledger.v1.Query'];
    const replies = await reflect(
      'v1',
      wanted.map((name) => [BY_SYMBOL, name]),
    );
    const [bank, ledger] = replies.map(({ files }) => registryOf(files));
    const address = accountText(solo.account.address);
    assert.deepEqual(
      await call(bank!, '/cosmos.bank.v1beta1.Query/Balance', { address, denom: 'uscale' }),
      { balance: { denom: 'uscale', amount: '1000000000000' } },
    );
    const params = (await call(ledger!, '/bitscale.ledger.v1.Query/Params', {})) as {
      params: { depth: number };
    };
    assert.ok(params.params.depth > 0);
  });

  it('unknown symbols and extensions are not found; what cannot be read is refused', async () => {
    const replies = await reflect('v1', [
      [BY_SYMBOL, 'cosmos.nope.Query'],
      [EXTENSIONS, 'cosmos.bank.v1beta1.Query'],
      [2, 'x'],
    ]);
    assert.deepEqual(
      replies.map(({ error }) => error),
      [5, 5, 3],
    );
  });
});
