/**
 * The descriptors are read back from generated code; here protobuf-es, which knows neither that code nor our JSON,
 * writes messages by them, and both must agree with it.
 */
import assert from 'node:assert/strict';
import {
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  toJson as toStockJson,
  ScalarType,
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { Coin } from 'cosmjs-types/cosmos/base/v1beta1/coin';
import { DESCRIPTORS } from '../../../proto/gen/descriptors.ts';
import { Descriptors } from '../../../node/gateway/grpc/descriptors.ts';
import type { JsonCodec } from '../../../node/gateway/expected.ts';
import { toJson, type Json } from '../../../node/gateway/json/to-json.ts';

const set = fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTORS, 'base64'));
const registry = createFileRegistry(set);
const STOCK = { registry, useProtoFieldName: true, alwaysEmitImplicit: true };
const COIN = Coin.encode({ denom: 'd', amount: '7' }).finish();

/** A value for everything; a message does not stand in itself. */
function filled(schema: DescMessage, around: readonly DescMessage[] = []): Message {
  if (schema.typeName === 'google.protobuf.Any') {
    return create(schema, { typeUrl: Coin.typeUrl, value: COIN } as Record<string, unknown>);
  }
  if (/^google\.protobuf\.(?:Timestamp|Duration)$/.test(schema.typeName)) {
    return create(schema, { seconds: 5n, nanos: 120_000_000 } as Record<string, unknown>);
  }
  const values: Record<string, unknown> = {};
  for (const field of schema.fields) {
    if (field.message !== undefined && around.includes(field.message)) continue;
    const value = valueOf(field, [...around, schema]);
    values[field.localName] = field.fieldKind === 'list' ? [value, value] : value;
  }
  return create(schema, values);
}

function valueOf(field: DescField, around: readonly DescMessage[]): unknown {
  if (field.message) return filled(field.message, around);
  if (field.enum) return field.enum.values.at(-1)?.number;
  switch (field.scalar) {
    case ScalarType.STRING:
      return '7';
    case ScalarType.BYTES:
      return Uint8Array.of(1, 255);
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return 2n ** 60n;
    default:
      return 9;
  }
}

/** Ours says null where protobuf-es leaves out, and knows decimals, of which the descriptors say nothing. */
function comparable(json: Json): JsonValue {
  if (json === '0.000000000000000007') return '7';
  if (Array.isArray(json)) return json.map(comparable);
  if (typeof json !== 'object' || json === null) return json;
  const members = Object.entries(json).filter(([, value]) => value !== null);
  return Object.fromEntries(members.map(([name, value]) => [name, comparable(value)]));
}

/** Methods that a node has. */
const PATHS = new Set(['/cosmos.bank.v1beta1.Query/Balance']);

function withNested(messages: readonly DescMessage[]): DescMessage[] {
  return messages.flatMap((message) => [message, ...withNested(message.nestedMessages)]);
}

describe('descriptors', () => {
  for (const file of registry.files) {
    if (!/^(?:cosmos|tendermint)\//.test(file.name)) continue;
    it(`of ${file.name} are those of the codecs, and so is the JSON`, async () => {
      const codecs = (await import(`cosmjs-types/${file.name}`)) as Record<string, JsonCodec>;
      for (const schema of withNested(file.messages)) {
        const inPackage = schema.typeName.slice(schema.file.proto.package.length + 1);
        const codec = codecs[inPackage.replaceAll('.', '_')];
        assert.ok(codec, schema.typeName);
        const message = filled(schema);
        const bytes = toBinary(schema, message);
        const decoded = codec.decode(bytes);
        assert.deepEqual(new Uint8Array(codec.encode(decoded).finish()), bytes, schema.typeName);
        const ours = toJson(codec, decoded, () => Coin as unknown as JsonCodec);
        const stock = toStockJson(schema, message, STOCK);
        assert.deepEqual(comparable(ours), stock, schema.typeName);
      }
    });
  }

  it('name every enum value as the codecs do', () => {
    const status = registry.getEnum('cosmos.staking.v1beta1.BondStatus');
    assert.deepEqual(
      status?.values.map(({ name, number }) => [name, number]),
      [
        ['BOND_STATUS_UNSPECIFIED', 0],
        ['BOND_STATUS_UNBONDED', 1],
        ['BOND_STATUS_UNBONDING', 2],
        ['BOND_STATUS_BONDED', 3],
      ],
    );
  });

  it('declare each name once, as the compilers of other languages demand', () => {
    const names: string[] = [];
    const enums = (scope: string, list: readonly EnumDescriptorProto[]): void => {
      // Values stand beside their enum, not inside.
      for (const { name, value } of list) {
        names.push(`${scope}.${name}`, ...value.map((each) => `${scope}.${each.name}`));
      }
    };
    const messages = (scope: string, list: readonly DescriptorProto[]): void => {
      for (const { name, field, nestedType, enumType } of list) {
        const inner = `${scope}.${name}`;
        names.push(inner, ...field.map((each) => `${inner}.${each.name}`));
        messages(inner, nestedType);
        enums(inner, enumType);
      }
    };
    for (const file of set.file) {
      messages(file.package, file.messageType);
      enums(file.package, file.enumType);
      names.push(...file.service.map(({ name }) => `${file.package}.${name}`));
    }
    const twice = names.filter((name, i) => names.indexOf(name) !== i);
    assert.deepEqual(twice, []);
  });

  it('are found by file and by whatever a file defines, with all they import', () => {
    const descriptors = new Descriptors(PATHS);
    assert.equal(descriptors.bySymbol('cosmos.bank.v1beta1.Query.Params'), undefined);
    const names = (files: readonly Uint8Array[] | undefined) =>
      files?.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
    const file = 'cosmos/bank/v1beta1/query.proto';
    const found = names(descriptors.byName(file));
    assert.equal(found?.[0], file);
    assert.ok(found?.includes('cosmos/base/v1beta1/coin.proto'));
    assert.equal(new Set(found).size, found?.length);
    const QUERY = 'cosmos.bank.v1beta1.Query';
    for (const symbol of [
      QUERY,
      `${QUERY}.Balance`,
      `.${QUERY}BalanceRequest`,
      `${QUERY}BalanceRequest.denom`,
    ]) {
      assert.deepEqual(names(descriptors.bySymbol(symbol)), found, symbol);
    }
    assert.deepEqual(names(descriptors.bySymbol('bitscale.ledger.v1.Query')), [
      'bitscale/ledger/v1/query.proto',
      'bitscale/ledger/v1/types.proto',
    ]);
    const nested = 'cosmos.tx.v1beta1.ModeInfo.Single';
    assert.equal(names(descriptors.bySymbol(nested))?.[0], 'cosmos/tx/v1beta1/tx.proto');
    const inner = 'tendermint.abci.ResponseOfferSnapshot.Result';
    assert.equal(names(descriptors.bySymbol(inner))?.[0], 'tendermint/abci/types.proto');
    assert.equal(descriptors.bySymbol('cosmos.gov.v1.Query'), undefined);
    assert.equal(descriptors.byName('nope.proto'), undefined);
  });
});
