import assert from 'node:assert/strict';
import {
  MsgGrantAllowance,
  MsgPruneAllowances,
  MsgRevokeAllowance,
} from 'cosmjs-types/cosmos/feegrant/v1beta1/tx';
import {
  QueryAllowanceRequest,
  QueryAllowanceResponse,
  QueryAllowancesByGranterRequest,
  QueryAllowancesByGranterResponse,
  QueryAllowancesRequest,
  QueryAllowancesResponse,
} from 'cosmjs-types/cosmos/feegrant/v1beta1/query';
import type { Bytes } from '../../../../node/base/bytes.ts';
import { parseCoins } from '../../../../node/base/coin.ts';
import { MAX_EXPIRED_GRANTS_PER_BLOCK } from '../../../../node/base/limits.ts';
import { addNanos, type Time } from '../../../../node/base/time.ts';
import type { Allowance } from '../../../../modules/feegrant/allowance.ts';
import { encodeAllowance } from '../../../../modules/feegrant/allowance-codec.ts';
import {
  GENESIS_TIME,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  startedApplication,
  testKey,
  type TestKey,
} from '../../../support/application.ts';

const [alice, bob, carol] = [testKey('alice'), testKey('bob'), testKey('carol')];
const PACKAGE = '/cosmos.feegrant.v1beta1';

type App = ReturnType<typeof testApplication>['app'];

const started = (appState?: Record<string, unknown>) =>
  startedApplication([alice, bob], {}, appState);

function limit(amount: string, expiration?: Time): Allowance {
  return { kind: 'basic', spendLimit: parseCoins(amount), ...(expiration && { expiration }) };
}

function grantMessage(granter: TestKey, grantee: string, allowance: Allowance) {
  const message = { granter: granter.text, grantee, allowance: encodeAllowance(allowance) };
  const value = MsgGrantAllowance.encode(message).finish();
  return { typeUrl: `${PACKAGE}.MsgGrantAllowance`, value };
}

function ask(app: App, method: string, data: Bytes) {
  return app.query({ path: `${PACKAGE}.Query/${method}`, data, height: 0, prove: false });
}

const secondsLater = (seconds: bigint): Time => addNanos(GENESIS_TIME, seconds * 1_000_000_000n);

describe('feegrant', () => {
  it('a grantee without an account gets one, and its fees are paid by the granter', async () => {
    const { app } = await started();
    const granted = signTx({
      messages: [
        grantMessage(alice, carol.text, limit('1500uscale')),
        sendMessage(alice, carol.text, '5'),
      ],
      key: alice,
      accountNumber: 0n,
      sequence: 0n,
    });
    assert.equal((await runBlock(app, [granted])).txResults[0]?.code, 0);
    const spend = (sequence: bigint) =>
      signTx({
        messages: [sendMessage(carol, bob.text, '1')],
        key: carol,
        accountNumber: 3n,
        sequence,
        granter: alice.text,
      });
    const first = (await runBlock(app, [spend(0n)])).txResults[0];
    assert.equal(first?.code, 0, first?.log);
    const second = app.checkTx(spend(1n), 'new');
    assert.deepEqual([second.codespace, second.code], ['feegrant', 2], second.log);
    assert.equal(
      second.log,
      `${alice.text} does not allow to pay fees for ${carol.text}: basic allowance: fee limit exceeded`,
    );
  });

  it('revoked means gone; a second revoke finds nothing', async () => {
    const { app } = await started();
    const value = MsgRevokeAllowance.encode({ granter: alice.text, grantee: bob.text }).finish();
    const revoke = { typeUrl: `${PACKAGE}.MsgRevokeAllowance`, value };
    const sign = (messages: Parameters<typeof signTx>[0]['messages'], sequence: bigint) =>
      signTx({ messages, key: alice, accountNumber: 0n, sequence });
    const { txResults } = await runBlock(app, [
      sign([grantMessage(alice, bob.text, limit('', secondsLater(100n)))], 0n),
      sign([revoke], 1n),
      sign([revoke], 2n),
      sign([grantMessage(alice, alice.text, limit(''))], 3n),
    ]);
    assert.deepEqual(
      txResults.map(({ codespace, code }) => `${codespace}/${code}`),
      ['/0', '/0', 'sdk/38', 'sdk/7'],
    );
    assert.deepEqual(app.exportGenesis()['feegrant'], { allowances: [] });
  });

  it('answers who pays for whom', async () => {
    const { app } = await started();
    const messages = [
      grantMessage(alice, bob.text, limit('9uscale')),
      grantMessage(alice, carol.text, limit('')),
    ];
    await runBlock(app, [signTx({ messages, key: alice, accountNumber: 0n, sequence: 0n })]);
    const pair = QueryAllowanceRequest.fromPartial({ granter: alice.text, grantee: bob.text });
    const one = ask(app, 'Allowance', QueryAllowanceRequest.encode(pair).finish());
    const { allowance } = QueryAllowanceResponse.decode(one.value);
    assert.deepEqual(allowance?.allowance, encodeAllowance(limit('9uscale')));
    const to = QueryAllowancesRequest.fromPartial({ grantee: carol.text });
    const toCarol = ask(app, 'Allowances', QueryAllowancesRequest.encode(to).finish());
    const { allowances } = QueryAllowancesResponse.decode(toCarol.value);
    assert.deepEqual(
      allowances.map(({ granter, grantee }) => [granter, grantee]),
      [[alice.text, carol.text]],
    );
    const by = (granter: string) => {
      const request = QueryAllowancesByGranterRequest.fromPartial({ granter });
      const data = QueryAllowancesByGranterRequest.encode(request).finish();
      return QueryAllowancesByGranterResponse.decode(ask(app, 'AllowancesByGranter', data).value);
    };
    assert.equal(by(alice.text).allowances.length, 2);
    assert.equal(by(bob.text).allowances.length, 0);
    const none = QueryAllowanceRequest.fromPartial({ granter: bob.text, grantee: alice.text });
    const { log } = ask(app, 'Allowance', QueryAllowanceRequest.encode(none).finish());
    assert.match(log, /^rpc error: code = Internal desc = fee-grant not found: not found/);
  });

  it('what has ended goes, so many a block; an exported state starts a chain again', async () => {
    const count = MAX_EXPIRED_GRANTS_PER_BLOCK + 1;
    const grants = (expiration: string) =>
      Array.from({ length: count }, (_, index) => ({
        granter: alice.text,
        grantee: testKey(`grantee ${index}`).text,
        allowance: { '@type': `${PACKAGE}.BasicAllowance`, spend_limit: [], expiration },
      }));
    const { app } = await started({ feegrant: { allowances: grants('2026-01-01T00:00:01.5Z') } });
    const held = () => (app.exportGenesis()['feegrant'] as { allowances: unknown[] }).allowances;
    assert.equal(held().length, count);
    const exported = app.exportGenesis();
    await runBlock(app, []);
    assert.equal(held().length, 1);
    const value = MsgPruneAllowances.encode({ pruner: bob.text }).finish();
    const prune = { typeUrl: `${PACKAGE}.MsgPruneAllowances`, value };
    const tx = signTx({ messages: [prune], key: bob, accountNumber: 1n, sequence: 0n });
    const { txResults } = await runBlock(app, [tx]);
    assert.equal(txResults[0]?.code, 0, txResults[0]?.log);
    const pruned = txResults[0]?.events.find(({ type }) => type === 'prune_feegrant');
    assert.equal(pruned?.attributes[0]?.value, bob.text);
    assert.equal(held().length, 0);

    const again = testApplication();
    again.app.initChain(initRequest(exported));
    again.app.finalizeBlock({
      txs: [],
      height: 1,
      time: GENESIS_TIME,
      hash: new Uint8Array(0),
      proposerAddress: new Uint8Array(0),
      nextValidatorsHash: new Uint8Array(0),
      lastCommit: { round: 0, votes: [] },
      misbehavior: [],
    });
    await again.app.commit();
    assert.deepEqual(again.app.exportGenesis()['feegrant'], exported['feegrant']);
  });
});
