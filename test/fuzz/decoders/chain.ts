/** A chain of all modules with a few blocks, and good values for the fields of its messages and queries. */
import {
  create,
  createFileRegistry,
  fromBinary,
  ScalarType,
  toBinary,
  type DescField,
  type DescMessage,
  type Message,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { formatGenesis, localGenesis } from '../../../genesis/local.ts';
import {
  accountKey,
  localValidator,
  seedOf,
  TEST_MNEMONIC,
  validatorKeys,
} from '../../../genesis/local-keys.ts';
import { readGenesis } from '../../../genesis/validate.ts';
import type { Application } from '../../../node/app/application.ts';
import { accountText, moduleAddress, valoperText } from '../../../node/base/address.ts';
import { equal, fromBase64, type Bytes } from '../../../node/base/bytes.ts';
import { secp256k1PublicKey } from '../../../node/base/secp256k1.ts';
import { createApplication } from '../../../node/chain.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { DESCRIPTORS } from '../../../proto/gen/descriptors.ts';
import { runBlock } from '../../support/application.ts';
import { sampleNetwork } from '../../unit/genesis/sample.ts';

const types = createFileRegistry(fromBinary(FileDescriptorSetSchema, fromBase64(DESCRIPTORS)));

export const CHAIN_ID = 'bitscale-test-1';

export async function startedChain(): Promise<Application> {
  const genesis = readGenesis(formatGenesis(localGenesis(await sampleNetwork())));
  const { chainId, time, initialHeight, consensusParams, appState } = genesis;
  const app = createApplication({
    db: new MemoryDb(),
    chainId,
    version: '0.1.0',
    minGasPrices: [],
    keepRecent: 0,
  });
  app.initChain({ chainId, time, initialHeight, consensusParams, appState });
  for (let height = 0; height < 3; height++) await runBlock(app, []);
  return app;
}

const seed = await seedOf(TEST_MNEMONIC);
export const [ALICE, BOB] = [0, 1].map((index) => accountText(accountKey(seed, index).address)) as [
  string,
  string,
];

export const ALICE_KEY = secp256k1PublicKey(accountKey(seed, 0).privateKey);
const GOV = accountText(moduleAddress('gov'));
const VALIDATOR = valoperText(localValidator(validatorKeys(seed, 0), 0).operator);

export function schemaOf(typeName: string): DescMessage | undefined {
  return types.getMessage(typeName.replace(/^\//, ''));
}

/** What may stand in an Any, by the field that holds it. */
const HELD: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /allowance/i,
    ['cosmos.feegrant.v1beta1.BasicAllowance', 'cosmos.feegrant.v1beta1.AllowedMsgAllowance'],
  ],
  [
    /authorization/i,
    ['cosmos.authz.v1beta1.GenericAuthorization', 'cosmos.bank.v1beta1.SendAuthorization'],
  ],
  [/pub_?key/i, ['cosmos.crypto.ed25519.PubKey', 'cosmos.crypto.secp256k1.PubKey']],
  [/./, ['cosmos.bank.v1beta1.MsgSend', 'cosmos.authz.v1beta1.MsgRevoke']],
];

/** A good message; `choice` picks among the values that a field may have. */
export function filledBytes(schema: DescMessage, choice: number): Bytes {
  return toBinary(schema, filled(schema, choice, []));
}

function filled(schema: DescMessage, choice: number, around: readonly DescMessage[]): Message {
  if (/^google\.protobuf\.(?:Timestamp|Duration)$/.test(schema.typeName)) {
    return create(schema, { seconds: 4_000_000_000n, nanos: 0 } as Record<string, unknown>);
  }
  const values: Record<string, unknown> = {};
  for (const field of schema.fields) {
    if (field.message !== undefined && around.includes(field.message)) continue;
    const value = valueOf(field, choice, [...around, schema]);
    values[field.localName] = field.fieldKind === 'list' ? [value] : value;
  }
  return create(schema, values);
}

function valueOf(field: DescField, choice: number, around: readonly DescMessage[]): unknown {
  if (field.message?.typeName === 'google.protobuf.Any') return anyFor(field, choice, around);
  if (field.message) return filled(field.message, choice, around);
  if (field.enum) return field.enum.values[choice % field.enum.values.length]?.number;
  switch (field.scalar) {
    case ScalarType.STRING:
      return textFor(field.name, choice);
    case ScalarType.BYTES:
      return new Uint8Array(choice % 2 === 0 ? 32 : 20).fill(1 + (choice % 5));
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return BigInt(choice % 2 === 0 ? 1 : 3);
    default:
      return 1;
  }
}

function anyFor(field: DescField, choice: number, around: readonly DescMessage[]): Message {
  const [, names = []] = HELD.find(([pattern]) => pattern.test(field.name)) ?? [];
  const inner = schemaOf(names[choice % names.length] ?? '');
  const isDeep = around.length > 4 || inner === undefined;
  const value = isDeep ? new Uint8Array(0) : toBinary(inner, filled(inner, choice, around));
  const any = schemaOf('google.protobuf.Any') as DescMessage;
  return create(any, { typeUrl: `/${names[choice % names.length]}`, value } as Record<
    string,
    unknown
  >);
}

function textFor(name: string, choice: number): string {
  const isEven = choice % 2 === 0;
  if (/denom/.test(name)) return 'uscale';
  if (/amount|limit|height|power|version|name|info|memo/.test(name)) return isEven ? '5' : 'name';
  if (/type_url/.test(name)) return '/cosmos.bank.v1beta1.MsgSend';
  if (/query/.test(name)) return "message.action='a'";
  if (/valid|operator/.test(name)) return isEven ? VALIDATOR : ALICE;
  if (/authority/.test(name)) return isEven ? GOV : ALICE;
  if (/grantee|^to/.test(name)) return BOB;
  return choice === 3 ? '5' : ALICE;
}

/** By another implementation of protobuf: is this the one encoding of what it holds? */
export function isCanonical(schema: DescMessage, bytes: Bytes): boolean {
  const options = { readUnknownFields: false };
  return equal(toBinary(schema, fromBinary(schema, bytes, options)), bytes);
}
