import assert from 'node:assert/strict';
import { MsgExec, MsgGrant, MsgRevoke } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import {
  QueryGranteeGrantsRequest,
  QueryGranteeGrantsResponse,
  QueryGranterGrantsRequest,
  QueryGranterGrantsResponse,
  QueryGrantsRequest,
  QueryGrantsResponse,
} from 'cosmjs-types/cosmos/authz/v1beta1/query';
import { MsgMultiSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import type { Bytes } from '../../../../node/base/bytes.ts';
import { parseCoins } from '../../../../node/base/coin.ts';
import {
  MAX_EXEC_DEPTH,
  MAX_EXEC_MESSAGES,
  MAX_EXPIRED_GRANTS_PER_BLOCK,
} from '../../../../node/base/limits.ts';
import { addNanos, formatTime, type Time } from '../../../../node/base/time.ts';
import {
  encodeAuthorization,
  type Authorization,
} from '../../../../modules/authz/authorization.ts';
import {
  GENESIS_TIME,
  blockAt,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  startedApplication,
  testKey,
  type TestKey,
} from '../../../support/application.ts';

interface Message {
  readonly typeUrl: string;
  readonly value: Bytes;
}

const [alice, bob, carol] = [testKey('alice'), testKey('bob'), testKey('carol')];
const PACKAGE = '/cosmos.authz.v1beta1';
const SEND = '/cosmos.bank.v1beta1.MsgSend';

type App = ReturnType<typeof testApplication>['app'];

const started = async (appState?: Record<string, unknown>) =>
  (await startedApplication([alice, bob, carol], {}, appState)).app;

/** Runs one transaction per list of messages, in one block; answers "codespace/code" of each. */
async function run(app: App, key: TestKey, lists: readonly (readonly Message[])[], first = 0n) {
  const accountNumber = BigInt([alice, bob, carol].indexOf(key));
  const txs = lists.map((messages, index) =>
    signTx({ messages, key, accountNumber, sequence: first + BigInt(index), gas: 5_000_000n }),
  );
  const { txResults } = await runBlock(app, txs);
  return txResults;
}

const codes = (results: Awaited<ReturnType<typeof run>>): string[] =>
  results.map(({ codespace, code }) => `${codespace}/${code}`);

const generic = (msg: string): Authorization => ({ kind: 'generic', msg });

function send(limit: string, ...allowList: string[]): Authorization {
  return { kind: 'send', spendLimit: parseCoins(limit), allowList };
}

function grant(from: TestKey, to: TestKey, authorization: Authorization, expiration?: Time) {
  const message = {
    granter: from.text,
    grantee: to.text,
    grant: {
      authorization: encodeAuthorization(authorization),
      ...(expiration && { expiration }),
    },
  };
  return { typeUrl: `${PACKAGE}.MsgGrant`, value: MsgGrant.encode(message).finish() };
}

function exec(grantee: TestKey, ...msgs: Message[]): Message {
  const value = MsgExec.encode({ grantee: grantee.text, msgs }).finish();
  return { typeUrl: `${PACKAGE}.MsgExec`, value };
}

function revoke(from: TestKey, to: TestKey, msgTypeUrl: string): Message {
  const message = { granter: from.text, grantee: to.text, msgTypeUrl };
  return { typeUrl: `${PACKAGE}.MsgRevoke`, value: MsgRevoke.encode(message).finish() };
}

function ask(app: App, method: string, data: Bytes) {
  return app.query({ path: `${PACKAGE}.Query/${method}`, data, height: 0, prove: false });
}

const secondsLater = (seconds: bigint): Time => addNanos(GENESIS_TIME, seconds * 1_000_000_000n);
const aliceSends = (amount: string): Message => sendMessage(alice, carol.text, amount);

describe('authz', () => {
  it('a grantee without any grant runs its own messages only', async () => {
    const app = await started();
    const results = await run(app, bob, [
      [exec(bob, sendMessage(bob, carol.text, '1'))],
      [exec(bob, aliceSends('1'))],
    ]);
    assert.deepEqual(codes(results), ['/0', 'authz/2']);
  });

  it('a grant to one is none to another, and not in the other direction', async () => {
    const app = await started();
    await run(app, alice, [[grant(alice, bob, generic(SEND))]]);
    assert.deepEqual(codes(await run(app, carol, [[exec(carol, aliceSends('1'))]])), ['authz/2']);
    const back = await run(app, alice, [[exec(alice, sendMessage(bob, carol.text, '1'))]], 1n);
    assert.deepEqual(codes(back), ['authz/2']);
  });

  it('a grant of one type lets no other type pass', async () => {
    const app = await started();
    await run(app, alice, [[grant(alice, bob, generic(SEND))]]);
    const coins = [{ denom: 'uscale', amount: '1' }];
    const many = MsgMultiSend.fromPartial({
      inputs: [{ address: alice.text, coins }],
      outputs: [{ address: carol.text, coins }],
    });
    const typeUrl = '/cosmos.bank.v1beta1.MsgMultiSend';
    const message = { typeUrl, value: MsgMultiSend.encode(many).finish() };
    assert.deepEqual(codes(await run(app, bob, [[exec(bob, message)]])), ['authz/2']);
  });

  it('a listed receiver gets coins, another does not', async () => {
    const app = await started();
    await run(app, alice, [[grant(alice, bob, send('100uscale', bob.text, carol.text))]]);
    const results = await run(app, bob, [
      [exec(bob, aliceSends('1'))],
      [exec(bob, sendMessage(alice, alice.text, '1'))],
    ]);
    assert.deepEqual(codes(results), ['/0', 'sdk/4']);
  });

  it('all messages inside run or none, and the limit is as it was', async () => {
    const app = await started();
    await run(app, alice, [[grant(alice, bob, send('10uscale'))]]);
    const results = await run(app, bob, [
      [exec(bob, aliceSends('6'), aliceSends('6'))],
      [exec(bob, aliceSends('6'), aliceSends('4'))],
      [exec(bob, aliceSends('1'))],
    ]);
    assert.deepEqual(codes(results), ['sdk/5', '/0', 'authz/2']);
  });

  it('a failing message inside says which', async () => {
    const app = await started();
    await run(app, alice, [[grant(alice, bob, generic(SEND))]]);
    const [result] = await run(app, bob, [[exec(bob, aliceSends('9999999999999'))]]);
    assert.match(
      result?.log ?? '',
      /^failed to execute message; message index: 0: failed to execute message; message \/cosmos\.bank\.v1beta1\.MsgSend: spendable balance .*: insufficient funds$/,
    );
  });

  it('grants go by revoking, and only once', async () => {
    const app = await started();
    const results = await run(app, alice, [
      [grant(alice, bob, generic(SEND), secondsLater(60n))],
      [revoke(alice, bob, SEND)],
      [revoke(alice, bob, SEND)],
      [revoke(alice, bob, 'x'.repeat(2_000))],
      [revoke(alice, alice, SEND)],
      [revoke(alice, bob, '')],
    ]);
    const [first, second, third, long, ...rest] = codes(results);
    assert.deepEqual([first, second, third], ['/0', '/0', 'authz/2']);
    assert.notEqual(long, '/0');
    assert.deepEqual(rest, ['authz/7', 'sdk/18']);
    assert.deepEqual(app.exportGenesis()['authz'], { authorization: [] });
  });

  it('a new grant of the same type replaces the old one and its end', async () => {
    const app = await started();
    const end = secondsLater(3n);
    await run(app, alice, [
      [grant(alice, bob, send('1uscale'), end)],
      [grant(alice, bob, generic('/cosmos.bank.v1beta1.MsgMultiSend'), end)],
      [grant(alice, bob, generic(SEND))],
    ]);
    await runBlock(app, []);
    await runBlock(app, []);
    const { authorization } = app.exportGenesis()['authz'] as { authorization: unknown[] };
    assert.equal(authorization.length, 1);
    assert.deepEqual(codes(await run(app, bob, [[exec(bob, aliceSends('5'))]])), ['/0']);
  });

  it('a grant works in the block of its end and not after', async () => {
    const app = await started();
    await run(app, alice, [[grant(alice, bob, generic(SEND), secondsLater(3n))]]);
    assert.deepEqual(codes(await run(app, bob, [[exec(bob, aliceSends('5'))]])), ['/0']);
    assert.deepEqual(codes(await run(app, bob, [[exec(bob, aliceSends('5'))]], 1n)), ['authz/2']);
  });

  it('what makes no sense is refused in CheckTx already', async () => {
    const app = await started();
    const cases: readonly [Message, string][] = [
      [grant(alice, alice, generic(SEND)), 'authz/7'],
      [grant(alice, bob, send('')), 'sdk/10'],
      [grant(alice, bob, send('1uscale', bob.text, bob.text)), 'bank/8'],
      [exec(alice), 'sdk/18'],
      [exec(alice, sendMessage(alice, bob.text, '0')), 'sdk/10'],
      [exec(alice, { typeUrl: '/no.such.Msg', value: new Uint8Array(0) }), 'sdk/2'],
      [exec(alice, { typeUrl: SEND, value: Uint8Array.of(1, 2, 3) }), 'sdk/2'],
      [exec(alice, { typeUrl: SEND, value: new Uint8Array(0) }), 'sdk/7'],
    ];
    for (const [message, expected] of cases) {
      const tx = signTx({ messages: [message], key: alice, accountNumber: 0n, sequence: 0n });
      const { codespace, code, log } = app.checkTx(tx, 'new');
      assert.equal(`${codespace}/${code}`, expected, log);
    }
  });

  it('execs inside execs run up to the bound and not one deeper', async () => {
    const app = await started();
    const nested = (depth: number): Message =>
      depth === 0 ? sendMessage(bob, carol.text, '1') : exec(bob, nested(depth - 1));
    const results = await run(app, bob, [[nested(MAX_EXEC_DEPTH)], [nested(MAX_EXEC_DEPTH + 1)]]);
    assert.deepEqual(codes(results), ['/0', 'sdk/18']);
  });

  it('messages inside are bounded, at all depths together', async () => {
    const app = await started();
    const many = (count: number): Message[] =>
      Array.from({ length: count }, () => sendMessage(bob, carol.text, '1'));
    const half = MAX_EXEC_MESSAGES / 2;
    const results = await run(app, bob, [
      [exec(bob, ...many(MAX_EXEC_MESSAGES))],
      [exec(bob, exec(bob, ...many(half)), ...many(half))],
    ]);
    assert.deepEqual(codes(results), ['/0', 'sdk/18']);
  });

  it('answers who granted what to whom', async () => {
    const app = await started();
    await run(app, alice, [
      [grant(alice, bob, generic(SEND), secondsLater(60n)), grant(alice, carol, send('7uscale'))],
    ]);
    const pair = { granter: alice.text, grantee: bob.text };
    const grants = (msgTypeUrl: string) => {
      const request = QueryGrantsRequest.fromPartial({ ...pair, msgTypeUrl });
      return ask(app, 'Grants', QueryGrantsRequest.encode(request).finish());
    };
    for (const type of ['', SEND]) {
      const [one] = QueryGrantsResponse.decode(grants(type).value).grants;
      assert.deepEqual(one?.authorization, encodeAuthorization(generic(SEND)));
      assert.deepEqual(one?.expiration, secondsLater(60n));
    }
    assert.match(grants('/a.B').log, /authorization not found for \/a\.B type/);
    const by = QueryGranterGrantsRequest.fromPartial({ granter: alice.text });
    const byAlice = ask(app, 'GranterGrants', QueryGranterGrantsRequest.encode(by).finish());
    const grantees = QueryGranterGrantsResponse.decode(byAlice.value).grants;
    assert.deepEqual(grantees.map(({ grantee }) => grantee).sort(), [bob.text, carol.text].sort());
    const to = QueryGranteeGrantsRequest.fromPartial({ grantee: carol.text });
    const toCarol = ask(app, 'GranteeGrants', QueryGranteeGrantsRequest.encode(to).finish());
    const granters = QueryGranteeGrantsResponse.decode(toCarol.value).grants;
    assert.deepEqual(
      granters.map(({ granter, grantee }) => [granter, grantee]),
      [[alice.text, carol.text]],
    );
  });

  it('what has ended goes, so many a block; an exported state starts a chain again', async () => {
    const count = MAX_EXPIRED_GRANTS_PER_BLOCK + 1;
    const entry = (index: number, expiration: Time | null) => ({
      granter: alice.text,
      grantee: testKey(`grantee ${index}`).text,
      authorization: { '@type': `${PACKAGE}.GenericAuthorization`, msg: SEND },
      expiration: expiration && formatTime(expiration),
    });
    const authorization = [
      ...Array.from({ length: count }, (_, index) => entry(index, addNanos(secondsLater(1n), 1n))),
      entry(count, null),
      entry(count + 1, GENESIS_TIME),
    ];
    const app = await started({ authz: { authorization } });
    const held = () => (app.exportGenesis()['authz'] as { authorization: unknown[] }).authorization;
    assert.equal(held().length, count + 1);
    const exported = app.exportGenesis();
    await runBlock(app, []);
    assert.equal(held().length, 2);
    await runBlock(app, []);
    assert.equal(held().length, 1);

    const again = testApplication().app;
    again.initChain(initRequest(exported));
    again.finalizeBlock(blockAt(1, [], GENESIS_TIME));
    await again.commit();
    assert.deepEqual(again.exportGenesis()['authz'], exported['authz']);
  });
});
