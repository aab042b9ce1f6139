import assert from 'node:assert/strict';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { QueryAccountRequest } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { QueryBalanceRequest, QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { ConfigRequest, ConfigResponse } from 'cosmjs-types/cosmos/base/node/v1beta1/query';
import { TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Application } from '../../../node/app/application.ts';
import type { Module } from '../../../node/app/module.ts';
import { Registry } from '../../../node/app/registry.ts';
import { EMPTY, fromUtf8, toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError, InvariantError } from '../../../node/base/errors.ts';
import { INVALID_REQUEST } from '../../../node/base/sdk-errors.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { balanceKey } from '../../../modules/bank/keys.ts';
import {
  blockAt,
  checkAfterBlock,
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  startedApplication,
  testApplication,
  testKey,
  type TestAppOptions,
} from '../../support/application.ts';
import { trialModule, trialTx } from '../../support/trial-module.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];

const started = (options?: TestAppOptions) => startedApplication([alice, bob], options);

const send = (sequence: bigint, amount = '5'): Bytes =>
  signTx({
    messages: [sendMessage(alice, bob.text, amount)],
    key: alice,
    accountNumber: 0n,
    sequence,
  });

function query(app: Application, path: string, data: Bytes, height = 0) {
  return app.query({ path, data, height, prove: false });
}

function balance(app: Application, address: string, height = 0): string | undefined {
  const data = QueryBalanceRequest.encode({ address, denom: 'uscale' }).finish();
  const { value } = query(app, '/cosmos.bank.v1beta1.Query/Balance', data, height);
  return QueryBalanceResponse.decode(value).balance?.amount;
}

const trial = trialTx(alice);

describe('app/application', () => {
  it('lets CheckTx and proposals leave no trace in the committed state', async () => {
    const { app } = await started();
    const before = app.exportGenesis();
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
    assert.equal(app.checkTx(send(1n), 'new').code, 0);
    assert.deepEqual(app.prepareProposal(blockAt(2, [send(0n), send(1n)]), 10_000).length, 2);
    assert.equal(app.processProposal(blockAt(2, [send(0n), send(1n)])), true);
    assert.deepEqual(app.exportGenesis(), before);
    const untouched = await started();
    const [a, b] = [await runBlock(app, []), await runBlock(untouched.app, [])];
    assert.equal(toHex(a.appHash), toHex(b.appHash));
  });

  it('keeps what its stores hand out: a block after which that has changed is noticed', async () => {
    const { app, stores } = await started();
    await runBlock(app, [send(0n)]);
    const [entry] = [...stores.committed('bank').iterate()];
    const value = stores.committed('bank').get((entry as readonly [Bytes, Bytes])[0]) as Bytes;
    value[0]! ^= 1;
    assert.throws(() => checkAfterBlock(app), /of store bank was changed/);
    value[0]! ^= 1;
    checkAfterBlock(app);
  });

  it('counts pending sequences in CheckTx and forgets them at commit', async () => {
    const { app } = await started();
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
    assert.equal(app.checkTx(send(0n), 'new').code, 32);
    assert.equal(app.checkTx(send(1n), 'new').code, 0);
    await runBlock(app, []);
    assert.equal(app.checkTx(send(0n), 'recheck').code, 0);
  });

  it('tries a tx without counting it as pending', async () => {
    const { app } = await started();
    assert.equal(app.tryTx(send(0n)).code, 0);
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
  });

  it('executes another block of the same height as if the first had not been', async () => {
    const { app } = await started();
    app.finalizeBlock(blockAt(2, [send(0n)]));
    const { appHash } = app.finalizeBlock(blockAt(2, []));
    const other = await started();
    assert.equal(toHex(other.app.finalizeBlock(blockAt(2, [])).appHash), toHex(appHash));
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
  });

  it('keeps CheckTx on the committed state while a block is executed but not committed', async () => {
    const { app } = await started();
    app.finalizeBlock(blockAt(2, [send(0n)]));
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
    assert.equal(balance(app, bob.text), '1000000000000');
    await app.commit();
    assert.equal(app.checkTx(send(0n), 'new').code, 32);
    assert.equal(balance(app, bob.text), '1000000000005');
  });

  it('redoes genesis when the first block is executed twice, and resumes after a restart', async () => {
    const db = new MemoryDb();
    const { app } = testApplication({ db });
    app.initChain(initRequest(genesisFor([alice, bob])));
    const first = app.finalizeBlock(blockAt(1, []));
    const again = app.finalizeBlock(blockAt(1, []));
    assert.equal(toHex(first.appHash), toHex(again.appHash));
    await app.commit();
    const resumed = testApplication({ db }).app;
    assert.deepEqual(resumed.info(), app.info());
    await runBlock(resumed, [send(0n)]);
    assert.equal(balance(resumed, bob.text), '1000000000005');
  });

  it('gives the same app hash whatever the order of accounts in the genesis file', async () => {
    const [a, b] = [testApplication().app, testApplication().app];
    const genesis = genesisFor([alice, bob]) as { bank: { balances: unknown[] } };
    a.initChain(initRequest(genesis));
    const bank = { balances: genesis.bank.balances.toReversed() };
    b.initChain(initRequest({ ...genesis, bank }));
    // The shape of the tree depends on the order of writes, so each store is written in key order.
    const [left, right] = [await runBlock(a, []), await runBlock(b, [])];
    assert.equal(toHex(left.appHash), toHex(right.appHash));
  });

  it('begins again from an exported state', async () => {
    const { app } = await started();
    await runBlock(app, [send(0n)]);
    const exported = app.exportGenesis();
    const { app: copy } = testApplication();
    copy.initChain(initRequest(exported));
    await runBlock(copy, []);
    assert.deepEqual(copy.exportGenesis(), exported);
    assert.deepEqual(copy.brokenInvariants(), []);
  });

  it('refuses a genesis file that names an unknown module', () => {
    const { app } = testApplication();
    assert.throws(() => app.initChain(initRequest({ bnak: {} })), /unknown module bnak/);
  });
});

describe('app/application, when a handler throws', () => {
  for (const error of [new RangeError('stack'), new InvariantError('bug'), new TypeError('x')]) {
    it(`stops at a ${error.name} in place of going on with a doubtful state`, async () => {
      const { app } = await started({ modules: [trialModule(alice, () => assert.fail(error))] });
      assert.throws(() => app.finalizeBlock(blockAt(2, [trial])), error);
    });
  }

  it('refuses the tx in CheckTx, Simulate and proposals, where nothing of it stays', async () => {
    const broken = trialModule(alice, () => assert.fail(new RangeError('stack')));
    const validate = () => assert.fail(new TypeError('bug'));
    const messages = broken.messages.map((handler) => ({ ...handler, validate }));
    const { app } = await started({ modules: [{ ...broken, messages }] });
    const checked = app.checkTx(trial, 'new');
    assert.deepEqual([checked.codespace, checked.code], ['undefined', 111_222]);
    const path = '/cosmos.tx.v1beta1.Service/Simulate';
    const answer = query(app, path, SimulateRequest.encode({ txBytes: trial }).finish());
    assert.match(answer.log, /the transaction meets a bug of this program: panic/);
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
  });

  it('answers a refusal with its code and goes on', async () => {
    const refuse = trialModule(alice, () => {
      throw new BitscaleError(INVALID_REQUEST, 'no');
    });
    const { app } = await started({ modules: [refuse] });
    const { txResults } = await runBlock(app, [trial, send(1n)]);
    assert.equal(
      txResults[0]?.log,
      'failed to execute message; message index: 0: no: invalid request',
    );
    assert.equal(txResults[1]?.code, 0);
  });
});

describe('app/proposals', () => {
  it('leaves out what would be refused and keeps to bytes and gas', async () => {
    const { app } = await started();
    const [good, next, bad] = [send(0n), send(1n), send(7n)];
    assert.deepEqual(app.prepareProposal(blockAt(2, [bad, good, next]), 100_000), [good, next]);
    assert.deepEqual(app.prepareProposal(blockAt(2, [good, next]), good.length + 5), [good]);
    assert.deepEqual(app.prepareProposal(blockAt(2, [good, next]), good.length + 4), []);
  });

  it('does not accept a block with a tx that would be refused, or with more gas than allowed', async () => {
    const { app } = await started();
    assert.equal(app.processProposal(blockAt(2, [send(1n)])), false);
    assert.equal(app.processProposal(blockAt(2, [utf8('garbage')])), false);
    const gas = 30_000_000n;
    const message = sendMessage(alice, bob.text, '1');
    const large = [0n, 1n].map((sequence) =>
      signTx({ messages: [message], key: alice, accountNumber: 0n, sequence, gas }),
    );
    assert.equal(app.processProposal(blockAt(2, large.slice(0, 1))), true);
    assert.equal(app.processProposal(blockAt(2, large)), false);
    assert.equal(app.prepareProposal(blockAt(2, large), 100_000).length, 1);
  });
});

describe('app/queries', () => {
  it('answers an unknown account with words CosmJS knows', async () => {
    const { app } = await started();
    const data = QueryAccountRequest.encode({ address: testKey('nobody').text }).finish();
    const answer = query(app, '/cosmos.auth.v1beta1.Query/Account', data);
    assert.deepEqual([answer.codespace, answer.code], ['sdk', 22]);
    assert.match(
      answer.log,
      /^rpc error: code = NotFound desc = account \w+ not found: key not found$/,
    );
  });

  it('answers a bad address as an invalid argument', async () => {
    const { app } = await started();
    const data = QueryAccountRequest.encode({ address: 'bitscale1nonsense' }).finish();
    const answer = query(app, '/cosmos.auth.v1beta1.Query/Account', data);
    assert.deepEqual([answer.codespace, answer.code], ['sdk', 18]);
    assert.match(answer.log, /^rpc error: code = InvalidArgument desc = /);
  });

  it('answers an unknown path with sdk/6 and the version with its text', async () => {
    const { app } = await started();
    assert.equal(query(app, '/no.such.v1.Query/Thing', EMPTY).code, 6);
    assert.equal(fromUtf8(query(app, '/app/version', EMPTY).value), '0.1.0');
  });

  it('reads at past heights and refuses future ones', async () => {
    const { app } = await started();
    await runBlock(app, [send(0n)]);
    assert.equal(balance(app, bob.text, 1), '1000000000000');
    assert.equal(balance(app, bob.text, 2), '1000000000005');
    const data = QueryBalanceRequest.encode({ address: bob.text, denom: 'uscale' }).finish();
    assert.equal(query(app, '/cosmos.bank.v1beta1.Query/Balance', data, 3).code, 26);
  });

  it('reads raw keys under both spellings of the path, with proofs', async () => {
    const { app } = await started();
    await runBlock(app, []);
    const data = balanceKey(bob.address, 'uscale');
    for (const path of ['/store/bank/key', 'store/bank/key']) {
      const answer = app.query({ path, data, height: 2, prove: true });
      assert.equal(fromUtf8(answer.value), '1000000000000');
      assert.deepEqual(
        answer.proofOps.map(({ type }) => type),
        ['ics23:iavl', 'ics23:simple'],
      );
    }
    const early = app.query({ path: '/store/bank/key', data, height: 1, prove: true });
    assert.match(
      early.log,
      /cannot query with proof when height <= 1; please provide a valid height/,
    );
  });

  it('tells the lowest gas price of the node', async () => {
    const { app } = await started({ minGasPrices: '0.025uscale' });
    const path = '/cosmos.base.node.v1beta1.Service/Config';
    const { value } = query(app, path, ConfigRequest.encode({}).finish());
    assert.equal(ConfigResponse.decode(value).minimumGasPrice, '0.025000000000000000uscale');
  });

  it('simulates an unsigned tx with at least the gas the signed one needs', async () => {
    const { app } = await started({ minGasPrices: '0.025uscale' });
    const raw = TxRaw.decode(send(0n));
    const txBytes = TxRaw.encode({ ...raw, signatures: [EMPTY] }).finish();
    const path = '/cosmos.tx.v1beta1.Service/Simulate';
    const answer = query(app, path, SimulateRequest.encode({ txBytes }).finish());
    const { gasInfo, result } = SimulateResponse.decode(answer.value);
    const { txResults } = await runBlock(app, [send(0n)]);
    const used = txResults[0]?.gasUsed ?? 0n;
    assert.ok(gasInfo && gasInfo.gasUsed >= used, `${gasInfo?.gasUsed} for ${used}`);
    assert.ok(gasInfo.gasUsed < used + used / 10n);
    assert.equal(result?.msgResponses[0]?.typeUrl, '/cosmos.bank.v1beta1.MsgSendResponse');
  });

  it('names cause and gas when a simulated message fails, and changes nothing', async () => {
    const { app } = await started();
    const txBytes = send(0n, '9000000000000');
    const path = '/cosmos.tx.v1beta1.Service/Simulate';
    const answer = query(app, path, SimulateRequest.encode({ txBytes }).finish());
    assert.equal(answer.code, 6);
    assert.match(
      answer.log,
      /^rpc error: code = Unknown desc = failed to execute message; .*with gas used: '\d+'/,
    );
    assert.equal(app.checkTx(send(0n), 'new').code, 0);
  });
});

describe('app/registry', () => {
  const empty = { initGenesis: () => undefined, exportGenesis: () => undefined };
  const base = { ...empty, name: 'a', stores: [], messages: [], queries: [] };
  const store = { name: 'x', kind: 'iavl' as const };
  const message = trialModule(alice, () => undefined).messages;
  const queries = [
    { path: '/a.Query/B', request: TxBody, response: TxBody, run: () => ({}) },
  ] as never;

  for (const [what, part] of [
    ['store', { stores: [store] }],
    ['message', { messages: message }],
    ['query', { queries }],
  ] as const) {
    it(`refuses a ${what} that two modules claim`, () => {
      const modules = ['a', 'b'].map((name): Module => ({ ...base, ...part, name }));
      assert.throws(() => new Registry(modules), /is claimed twice/);
    });
  }

  it('refuses a module that is listed twice', () => {
    assert.throws(() => new Registry([base, base]), /listed twice/);
  });
});
