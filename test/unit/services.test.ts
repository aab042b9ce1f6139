/**
 * Every method of the services of the modules this chain has, as cosmjs-types describes them (Cosmos SDK 0.53), is
 * served, or is listed here with the reason why not.
 */
import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createApplication } from '../../node/chain.ts';
import { fromBase64 } from '../../node/base/bytes.ts';
import { MemoryDb } from '../../node/store/memory-db.ts';
import { DESCRIPTORS } from '../../proto/gen/descriptors.ts';

const PACKAGES = [
  'cosmos.auth.v1beta1',
  'cosmos.authz.v1beta1',
  'cosmos.bank.v1beta1',
  'cosmos.consensus.v1',
  'cosmos.feegrant.v1beta1',
  'cosmos.upgrade.v1beta1',
  'cosmos.vesting.v1beta1',
  'bitscale.ledger.v1',
  'bitscale.settlement.v1',
];

const ABSENT: ReadonlyMap<string, string> = new Map([
  [
    'cosmos.upgrade.v1beta1.Query/UpgradedConsensusState',
    'belongs to IBC, which keeps it in a module of its own since SDK 0.43; this chain has no IBC yet',
  ],
  [
    'bitscale.settlement.v1.Query/Finality',
    'answered by the node, which knows L1 (node/rollup/finality.ts), not by the chain',
  ],
]);

const app = createApplication({
  ...{ db: new MemoryDb(), chainId: 'services-1', version: '0', minGasPrices: [], keepRecent: 0 },
});
const messages = new Set(app.registry.messageTypes());
const queries = new Set(app.registry.queryPaths());

const { file: files } = fromBinary(FileDescriptorSetSchema, fromBase64(DESCRIPTORS));
const methods = files
  .filter((file) => PACKAGES.includes(file.package))
  .flatMap((file) =>
    file.service.flatMap((service) =>
      service.method.map((method) => {
        const served =
          service.name === 'Msg'
            ? messages.has(`/${method.inputType.slice(1)}`)
            : queries.has(`/${file.package}.${service.name}/${method.name}`);
        return { name: `${file.package}.${service.name}/${method.name}`, served };
      }),
    ),
  );

describe('services of the modules', () => {
  it('are described for every package with messages or queries', () => {
    const described = new Set(methods.map(({ name }) => name.slice(0, name.lastIndexOf('.'))));
    assert.deepEqual([...described].sort(), [...PACKAGES].sort());
  });

  for (const { name, served } of methods) {
    const why = ABSENT.get(name);
    it(`${name} ${why === undefined ? 'is served' : `is not of the modules: ${why}`}`, () => {
      assert.equal(served, why === undefined);
    });
  }

  it('no reason is given for a method that does not exist', () => {
    const known = new Set(methods.map(({ name }) => name));
    for (const name of ABSENT.keys()) assert.ok(known.has(name), name);
  });

  it('every message of the chain has an rpc', () => {
    const inputs = new Set(
      files.flatMap((file) =>
        file.service.flatMap((service) =>
          service.name === 'Msg' ? service.method.map(({ inputType }) => inputType.slice(1)) : [],
        ),
      ),
    );
    for (const type of messages) assert.ok(inputs.has(type.slice(1)), type);
  });
});
