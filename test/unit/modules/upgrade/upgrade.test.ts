import assert from 'node:assert/strict';
import { MsgCancelUpgrade, MsgSoftwareUpgrade } from 'cosmjs-types/cosmos/upgrade/v1beta1/tx';
import {
  QueryAppliedPlanRequest,
  QueryAppliedPlanResponse,
  QueryAuthorityResponse,
  QueryCurrentPlanResponse,
  QueryModuleVersionsResponse,
} from 'cosmjs-types/cosmos/upgrade/v1beta1/query';
import { Plan } from 'cosmjs-types/cosmos/upgrade/v1beta1/upgrade';
import { accountText } from '../../../../node/app/address-text.ts';
import { moduleAddress } from '../../../../node/base/address.ts';
import { EMPTY, type Bytes } from '../../../../node/base/bytes.ts';
import { ZERO_TIME, type Time } from '../../../../node/base/time.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { ChainAuthority } from '../../../../modules/upgrade/authority.ts';
import type { UpgradeHandler } from '../../../../modules/upgrade/keeper.ts';
import { upgradeModule } from '../../../../modules/upgrade/module.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  signTx,
  testApplication,
  testKey,
} from '../../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const SERVICE = '/cosmos.upgrade.v1beta1.Query';

type Handlers = Readonly<Record<string, UpgradeHandler>>;

function program(db: MemoryDb, handlers: Handlers = {}, version = 1n) {
  const upgrade = upgradeModule({
    addresses: accountText,
    authority: new ChainAuthority(moduleAddress('gov')),
    handlers: new Map(Object.entries(handlers)),
    versions: [{ name: 'bank', version }],
  });
  return testApplication({ db, modules: [upgrade] }).app;
}

type App = ReturnType<typeof program>;

async function started(db: MemoryDb, handlers: Handlers = {}, plan?: unknown): Promise<App> {
  const app = program(db, handlers);
  const upgrade = { authority: alice.text, ...(plan !== undefined && { plan }) };
  app.initChain(initRequest({ ...genesisFor([alice, bob]), upgrade }));
  await runBlock(app, []);
  return app;
}

interface Asked {
  readonly name?: string;
  readonly height: bigint;
  readonly time?: Time;
}

function schedule({ name = 'v2', height, time = ZERO_TIME }: Asked, authority = alice.text) {
  const plan = Plan.fromPartial({ name, height, info: 'see notes', time });
  const value = MsgSoftwareUpgrade.encode({ authority, plan }).finish();
  return { typeUrl: '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade', value };
}

function cancel(authority: string) {
  const value = MsgCancelUpgrade.encode({ authority }).finish();
  return { typeUrl: '/cosmos.upgrade.v1beta1.MsgCancelUpgrade', value };
}

type Message = ReturnType<typeof schedule>;

async function run(app: App, messages: readonly Message[], key = alice) {
  const accountNumber = key === alice ? 0n : 1n;
  const txs = messages.map((message, index) =>
    signTx({ messages: [message], key, accountNumber, sequence: BigInt(index) }),
  );
  const { txResults } = await runBlock(app, txs);
  return txResults.map(({ codespace, code, log }) => [`${codespace}/${code}`, log]);
}

function ask(app: App, method: string, data: Bytes = EMPTY): Bytes {
  return app.query({ path: `${SERVICE}/${method}`, data, height: 0, prove: false }).value;
}

function appliedAt(app: App, name: string): bigint {
  const data = QueryAppliedPlanRequest.encode({ name }).finish();
  return QueryAppliedPlanResponse.decode(ask(app, 'AppliedPlan', data)).height;
}

describe('upgrade', () => {
  it('stops a program without the handler before the block of the plan', async () => {
    const db = new MemoryDb();
    const app = await started(db);
    assert.deepEqual(await run(app, [schedule({ height: 4n })]), [['/0', '']]);
    assert.equal(app.haltReason(), undefined);
    const { plan } = QueryCurrentPlanResponse.decode(ask(app, 'CurrentPlan'));
    assert.deepEqual([plan?.name, plan?.height], ['v2', 4n]);
    await runBlock(app, []);
    assert.equal(app.haltReason(), 'UPGRADE "v2" NEEDED at height: 4: see notes');
    await assert.rejects(runBlock(app, []), /UPGRADE "v2" NEEDED/);
  });

  it('lets the program with the handler run it once, in that block', async () => {
    const db = new MemoryDb();
    const old = await started(db);
    await run(old, [schedule({ height: 4n })]);
    await runBlock(old, []);
    assert.equal(old.haltReason(), 'UPGRADE "v2" NEEDED at height: 4: see notes');

    const calls: number[] = [];
    const v2 = (context: { readonly height: number }): void => void calls.push(context.height);
    const app = program(db, { v2 }, 2n);
    assert.equal(app.haltReason(), undefined);
    await runBlock(app, []);
    await runBlock(app, []);
    assert.deepEqual(calls, [4]);
    assert.equal(app.haltReason(), undefined);
    assert.equal(appliedAt(app, 'v2'), 4n);
    assert.equal(appliedAt(app, 'v3'), 0n);
    const versions = QueryModuleVersionsResponse.decode(ask(app, 'ModuleVersions'));
    assert.deepEqual(versions.moduleVersions, [{ name: 'bank', version: 2n }]);
    assert.equal(QueryCurrentPlanResponse.decode(ask(app, 'CurrentPlan')).plan, undefined);
    assert.equal(
      program(db).haltReason(),
      'wrong app version 0, upgrade handler is missing for v2 upgrade plan',
    );
  });

  it('stops a program that has the handler too early', async () => {
    const app = await started(new MemoryDb(), { v2: () => undefined });
    await run(app, [schedule({ height: 9n })]);
    assert.equal(
      app.haltReason(),
      'BINARY UPDATED BEFORE TRIGGER! UPGRADE "v2" - in binary but not executed on chain. Downgrade your binary',
    );
  });

  it('is planned and cancelled by the authority only', async () => {
    const app = await started(new MemoryDb());
    const [first] = await run(app, [schedule({ height: 9n }, bob.text)], bob);
    assert.equal(first?.[0], 'gov/13');
    assert.match(first?.[1] ?? '', new RegExp(`expected ${alice.text} got ${bob.text}`));
    const results = await run(app, [schedule({ height: 9n }), cancel(alice.text)]);
    assert.deepEqual(
      results.map(([code]) => code),
      ['/0', '/0'],
    );
    assert.equal(QueryCurrentPlanResponse.decode(ask(app, 'CurrentPlan')).plan, undefined);
    assert.equal(QueryAuthorityResponse.decode(ask(app, 'Authority')).address, alice.text);
  });

  it('refuses plans that make no sense', async () => {
    const app = await started(new MemoryDb());
    const results = await run(app, [
      schedule({ height: 1n }),
      schedule({ height: 0n }),
      schedule({ name: '', height: 9n }),
      schedule({ height: 9n, time: { seconds: 5n, nanos: 0 } }),
    ]);
    const failed = 'failed to execute message; message index: 0: ';
    assert.deepEqual(results, [
      ['sdk/18', `${failed}upgrade cannot be scheduled in the past: invalid request`],
      ['sdk/18', `${failed}plan: height must be greater than 0: invalid request`],
      ['sdk/18', `${failed}plan: name cannot be empty: invalid request`],
      [
        'sdk/18',
        `${failed}plan: time-based upgrades have been deprecated in the SDK: invalid request`,
      ],
    ]);
  });

  it('comes from a genesis file and goes into one', async () => {
    const plan = { name: 'v2', height: '7', info: 'x' };
    const app = await started(new MemoryDb(), {}, plan);
    assert.deepEqual(app.exportGenesis()['upgrade'], { authority: alice.text, applied: [], plan });
    const bare = program(new MemoryDb());
    bare.initChain(initRequest(genesisFor([alice])));
    await runBlock(bare, []);
    const authority = accountText.write(moduleAddress('gov'));
    assert.deepEqual(bare.exportGenesis()['upgrade'], { authority, applied: [], plan: null });
  });
});
