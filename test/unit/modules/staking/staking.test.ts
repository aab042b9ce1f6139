import assert from 'node:assert/strict';
import {
  QueryPoolResponse,
  QueryValidatorRequest,
  QueryValidatorResponse,
  QueryValidatorsRequest,
  QueryValidatorsResponse,
} from 'cosmjs-types/cosmos/staking/v1beta1/query';
import { addressText, accountText } from '../../../../node/app/address-text.ts';
import type { Context } from '../../../../node/app/context.ts';
import type { Module } from '../../../../node/app/module.ts';
import { VALOPER_PREFIX, consensusAddress, moduleAddress } from '../../../../node/base/address.ts';
import { EMPTY, toBase64, utf8, type Bytes } from '../../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../../node/base/ed25519.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { stakingModule, type StakingModule } from '../../../../modules/staking/module.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  testApplication,
  testKey,
} from '../../../support/application.ts';

const operators = addressText(VALOPER_PREFIX);
const alice = testKey('alice');
const consensusKey = (name: string): Bytes => ed25519PublicKey(sha256(utf8(name)));
const operator = (name: string): Bytes => testKey(name).address;

function validatorJson(name: string, tokens: string, key = name) {
  return {
    operator_address: operators.write(operator(name)),
    consensus_pubkey: {
      '@type': '/cosmos.crypto.ed25519.PubKey',
      key: toBase64(consensusKey(key)),
    },
    tokens,
    description: { moniker: name },
    commission: { commission_rates: { rate: '0.1', max_rate: '0.5', max_change_rate: '0.05' } },
  };
}

function genesis(validators: unknown[], pool: string) {
  const state = genesisFor([alice]) as { bank: { balances: unknown[] } };
  const address = accountText.write(moduleAddress('bonded_tokens_pool'));
  state.bank.balances.push({ address, coins: [{ denom: 'uscale', amount: pool }] });
  return { ...state, staking: { validators } };
}

function chain(extra: (staking: StakingModule) => Module[] = () => []) {
  const moduleAccounts = new Map([
    ['fee_collector', []],
    ['bonded_tokens_pool', []],
  ]);
  // Staking asks the bank of the same application, which exists only after it: hence the lookup.
  const coins = {
    balance: (...args: Parameters<typeof parts.bank.keeper.balance>) =>
      parts.bank.keeper.balance(...args),
  };
  const staking = stakingModule({ operators, coins, bondDenom: 'uscale' });
  const parts = testApplication({ moduleAccounts, modules: [...extra(staking), staking] });
  return { ...parts, staking };
}

const TWO = genesis([validatorJson('v1', '5000000'), validatorJson('v2', '2999999')], '7999999');

describe('staking/genesis', () => {
  it('gives each validator one power per million tokens', () => {
    const { app } = chain();
    const { validators } = app.initChain(initRequest(TWO));
    const power = new Map(validators.map((v) => [toBase64(v.pubKey), v.power]));
    assert.equal(power.get(toBase64(consensusKey('v1'))), 5n);
    assert.equal(power.get(toBase64(consensusKey('v2'))), 2n);
  });

  it('refuses a pool that does not hold the tokens, and a key or operator given twice', () => {
    const cases = [
      genesis([validatorJson('v1', '5000000')], '4999999'),
      genesis([validatorJson('v1', '1000000'), validatorJson('v1', '1000000', 'other')], '2000000'),
      genesis([validatorJson('v1', '1000000'), validatorJson('v2', '1000000', 'v1')], '2000000'),
    ];
    for (const state of cases) {
      assert.throws(() => chain().app.initChain(initRequest(state)), { name: 'BitscaleError' });
    }
  });

  it('exports what it can begin with again', async () => {
    const { app } = chain();
    app.initChain(initRequest(TWO));
    await runBlock(app, []);
    const copy = chain().app;
    copy.initChain(initRequest(app.exportGenesis()));
    await runBlock(copy, []);
    assert.deepEqual(copy.exportGenesis(), app.exportGenesis());
  });
});

describe('staking/keeper', () => {
  it('tells consensus a changed power once, and a lost one as 0', async () => {
    const steps: ((context: Context, staking: StakingModule) => void)[] = [];
    const { app } = chain((staking) => [
      {
        name: 'actor',
        stores: [],
        messages: [],
        queries: [],
        initGenesis: () => undefined,
        exportGenesis: () => undefined,
        beginBlock: (context) => steps.shift()?.(context, staking),
      },
    ]);
    app.initChain(initRequest({ ...TWO, actor: undefined }));
    const { keeper } = chain().staking;
    const change = (tokens: bigint) => (context: Context) =>
      keeper.change(context, operator('v1'), (before) => ({ ...before, tokens }));
    steps.push(
      () => undefined,
      change(9_999_999n),
      () => undefined,
      change(999_999n),
    );
    const updates = [];
    for (let i = 0; i < 4; i++) updates.push((await runBlock(app, [])).validatorUpdates);
    const pubKey = consensusKey('v1');
    assert.deepEqual(updates, [[], [{ pubKey, power: 9n }], [], [{ pubKey, power: 0n }]]);
  });

  it('answers power, total and stake to other modules', async () => {
    let seen: unknown;
    const { app } = chain((staking) => [
      {
        name: 'reader',
        stores: [],
        messages: [],
        queries: [],
        initGenesis: () => undefined,
        exportGenesis: () => undefined,
        endBlock: (context) => {
          const { keeper } = staking;
          const byKey = keeper.byConsensusAddress(context, consensusAddress(consensusKey('v2')));
          seen = [
            keeper.powerOf(context, operator('v1')),
            keeper.powerOf(context, operator('nobody')),
            keeper.totalPower(context),
            keeper.totalStake(context),
            byKey?.description.moniker,
          ];
        },
      },
    ]);
    app.initChain(initRequest(TWO));
    await runBlock(app, []);
    assert.deepEqual(seen, [5n, 0n, 7n, 7_999_999n, 'v2']);
  });
});

describe('staking/queries', () => {
  const ask = (app: ReturnType<typeof chain>['app'], method: string, data: Bytes) =>
    app.query({ path: `/cosmos.staking.v1beta1.Query/${method}`, data, height: 0, prove: false });

  it('list validators by status and find one by its operator', async () => {
    const { app } = chain();
    app.initChain(initRequest(TWO));
    await runBlock(app, []);
    const count = (status: string): number => {
      const data = QueryValidatorsRequest.encode({ status }).finish();
      return QueryValidatorsResponse.decode(ask(app, 'Validators', data).value).validators.length;
    };
    assert.deepEqual(['', 'BOND_STATUS_BONDED', 'BOND_STATUS_UNBONDED'].map(count), [2, 2, 0]);
    const bad = QueryValidatorsRequest.encode({ status: 'BOND_STATUS_WHAT' }).finish();
    assert.equal(ask(app, 'Validators', bad).code, 18);
    const validatorAddr = operators.write(operator('v1'));
    const one = QueryValidatorRequest.encode({ validatorAddr }).finish();
    const { validator } = QueryValidatorResponse.decode(ask(app, 'Validator', one).value);
    assert.equal(validator?.tokens, '5000000');
    assert.equal(validator?.commission.commissionRates.rate, '100000000000000000');
    const other = operators.write(operator('nobody'));
    const missing = QueryValidatorRequest.encode({ validatorAddr: other }).finish();
    assert.equal(ask(app, 'Validator', missing).code, 22);
    const { pool } = QueryPoolResponse.decode(ask(app, 'Pool', EMPTY).value);
    assert.equal(pool?.bondedTokens, '7999999');
  });
});
