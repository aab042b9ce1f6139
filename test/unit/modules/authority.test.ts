/** What only the authority may change: parameters of auth and bank, and which coins may be sent. */
import assert from 'node:assert/strict';
import { Params as AuthParams } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { MsgUpdateParams as AuthUpdate } from 'cosmjs-types/cosmos/auth/v1beta1/tx';
import { QueryParamsResponse as AuthParamsAnswer } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import {
  MsgSetSendEnabled,
  MsgUpdateParams as BankUpdate,
} from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import {
  QueryParamsResponse as BankParamsAnswer,
  QuerySendEnabledResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { EMPTY } from '../../../node/base/bytes.ts';
import { DEFAULT_PARAMS } from '../../../modules/auth/params.ts';
import {
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  startedApplication,
  testKey,
  type TestKey,
} from '../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];

type App = ReturnType<typeof testApplication>['app'];

const started = async () =>
  (await startedApplication([alice, bob], { authority: alice.address })).app;

type Message = ReturnType<typeof sendMessage>;

async function run(app: App, messages: readonly Message[], key: TestKey = alice) {
  const accountNumber = key === alice ? 0n : 1n;
  const before = nextSequence(app, key);
  const txs = messages.map((message, index) =>
    signTx({ messages: [message], key, accountNumber, sequence: before + BigInt(index) }),
  );
  const { txResults } = await runBlock(app, txs);
  return txResults.map(({ codespace, code, log }) => [`${codespace}/${code}`, log] as const);
}

async function one(app: App, message: Message, key: TestKey = alice) {
  const [result] = await run(app, [message], key);
  assert.ok(result);
  return result;
}

const used = new WeakMap<App, Map<TestKey, bigint>>();

function nextSequence(app: App, key: TestKey): bigint {
  const counts = used.get(app) ?? new Map<TestKey, bigint>();
  used.set(app, counts);
  const next = counts.get(key) ?? 0n;
  counts.set(key, next + 1n);
  return next;
}

const authUpdate = (params: Partial<AuthParams>, authority = alice.text): Message => ({
  typeUrl: '/cosmos.auth.v1beta1.MsgUpdateParams',
  value: AuthUpdate.encode(
    AuthUpdate.fromPartial({ authority, params: { ...DEFAULT_PARAMS, ...params } }),
  ).finish(),
});

const bankUpdate = (
  params: { defaultSendEnabled?: boolean; sendEnabled?: { denom: string; enabled: boolean }[] },
  authority = alice.text,
): Message => ({
  typeUrl: '/cosmos.bank.v1beta1.MsgUpdateParams',
  value: BankUpdate.encode(BankUpdate.fromPartial({ authority, params })).finish(),
});

const setEnabled = (parts: Partial<MsgSetSendEnabled>): Message => ({
  typeUrl: '/cosmos.bank.v1beta1.MsgSetSendEnabled',
  value: MsgSetSendEnabled.encode(
    MsgSetSendEnabled.fromPartial({ authority: alice.text, ...parts }),
  ).finish(),
});

const ask = (app: App, path: string) =>
  app.query({ path, data: EMPTY, height: 0, prove: false }).value;

const failed = (log: string): string => `failed to execute message; message index: 0: ${log}`;

describe('the authority', () => {
  it('changes what transactions cost and how long a memo may be', async () => {
    const app = await started();
    const [code] = await one(app, authUpdate({ maxMemoCharacters: 3n }));
    assert.equal(code, '/0');
    const { params } = AuthParamsAnswer.decode(ask(app, '/cosmos.auth.v1beta1.Query/Params'));
    assert.deepEqual(params, AuthParams.fromPartial({ ...DEFAULT_PARAMS, maxMemoCharacters: 3n }));
    const tx = signTx({
      messages: [sendMessage(bob, alice.text, '1')],
      ...{ key: bob, accountNumber: 1n, sequence: 0n, memo: 'four' },
    });
    assert.equal(app.checkTx(tx, 'new').code, 12);
  });

  it('cannot make work cost less than it takes', async () => {
    const app = await started();
    const rows: [Partial<AuthParams>, string][] = [
      [{ maxMemoCharacters: 0n }, 'max_memo_characters must be at least 1'],
      [{ txSigLimit: 0n }, 'tx_sig_limit must be at least 1'],
      [{ txSizeCostPerByte: 9n }, 'tx_size_cost_per_byte must be at least 10'],
      [{ sigVerifyCostEd25519: 0n }, 'sig_verify_cost_ed25519 must be at least 1'],
      [{ sigVerifyCostSecp256k1: 999n }, 'sig_verify_cost_secp256k1 must be at least 1000'],
    ];
    for (const [params, text] of rows) {
      const [code, log] = await one(app, authUpdate(params));
      assert.equal(code, 'sdk/18');
      assert.equal(log, failed(`${text}: invalid request`));
    }
  });

  it('switches coins off and on, one by one and all together', async () => {
    const app = await started();
    const send = sendMessage(bob, alice.text, '1');
    const off = setEnabled({ sendEnabled: [{ denom: 'uscale', enabled: false }] });
    const on = setEnabled({ sendEnabled: [{ denom: 'uscale', enabled: true }] });
    const follow = setEnabled({ useDefaultFor: ['uscale', 'never-heard'] });
    const none = bankUpdate({ defaultSendEnabled: false });
    const steps: [Message, string][] = [
      [off, 'bank/5'],
      [follow, '/0'],
      [none, 'bank/5'],
      [on, '/0'],
      [follow, 'bank/5'],
      [bankUpdate({ defaultSendEnabled: true }), '/0'],
    ];
    for (const [message, expected] of steps) {
      assert.deepEqual(await run(app, [message]), [['/0', '']]);
      const [code] = await one(app, send, bob);
      assert.equal(code, expected);
    }
    const path = '/cosmos.bank.v1beta1.Query';
    assert.deepEqual(
      QuerySendEnabledResponse.decode(ask(app, `${path}/SendEnabled`)).sendEnabled,
      [],
    );
    const { params } = BankParamsAnswer.decode(ask(app, `${path}/Params`));
    assert.equal(params?.defaultSendEnabled, true);
  });

  it('is refused settings that make no sense, in the SDK’s words', async () => {
    const app = await started();
    const same = { denom: 'copycoin', enabled: true };
    const rows: [Message, string][] = [
      [setEnabled({ sendEnabled: [same, same] }), 'duplicate denom entries found for "copycoin"'],
      [
        setEnabled({ sendEnabled: [{ denom: 'not a denom', enabled: true }] }),
        'invalid SendEnabled denom "not a denom": invalid denom: not a denom',
      ],
      [setEnabled({ useDefaultFor: ['x'] }), 'invalid UseDefaultFor denom "x": invalid denom: x'],
      [
        bankUpdate({ sendEnabled: [same], defaultSendEnabled: true }),
        'use of send_enabled in params is no longer supported',
      ],
    ];
    for (const [message, text] of rows) {
      assert.deepEqual(await run(app, [message]), [['sdk/18', failed(`${text}: invalid request`)]]);
    }
  });

  it('is one account; everybody else is refused', async () => {
    const app = await started();
    const messages = [
      authUpdate({}, bob.text),
      bankUpdate({ defaultSendEnabled: false }, bob.text),
      setEnabled({ authority: bob.text }),
    ];
    for (const message of messages) {
      const [code, log] = await one(app, message, bob);
      assert.equal(code, 'gov/13');
      assert.ok(log.includes(`invalid authority; expected ${alice.text}, got ${bob.text}`), log);
    }
  });
});
