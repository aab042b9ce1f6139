import assert from 'node:assert/strict';
import {
  QueryAllBalancesRequest,
  QueryAllBalancesResponse,
  QueryDenomMetadataRequest,
  QueryDenomMetadataResponse,
  QueryDenomOwnersRequest,
  QueryDenomOwnersResponse,
  QuerySupplyOfRequest,
  QuerySupplyOfResponse,
  QueryTotalSupplyResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { Context } from '../../../../node/app/context.ts';
import { CacheStore } from '../../../../node/store/cache-store.ts';
import { EMPTY, type Bytes } from '../../../../node/base/bytes.ts';
import { BitscaleError } from '../../../../node/base/errors.ts';
import {
  CONSENSUS_PARAMS,
  GENESIS_TIME,
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  testKey,
} from '../../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const SERVICE = '/cosmos.bank.v1beta1.Query';

type App = ReturnType<typeof testApplication>['app'];

async function started(bank: Record<string, unknown> = {}) {
  const moduleAccounts = new Map([
    ['fee_collector', []],
    ['mill', ['minter', 'burner']],
  ]);
  const parts = testApplication({ moduleAccounts });
  const genesis = genesisFor([alice, bob]);
  const state = { ...genesis, bank: { ...(genesis['bank'] as object), ...bank } };
  parts.app.initChain(initRequest(state));
  await runBlock(parts.app, []);
  return parts;
}

function ask(app: App, method: string, data: Bytes) {
  return app.query({ path: `${SERVICE}/${method}`, data, height: 0, prove: false });
}

/** A context on top of the committed state whose writes are thrown away. */
function scratch({ stores }: Awaited<ReturnType<typeof started>>): Context {
  const layers = new Map<string, CacheStore>();
  const layer = (name: string): CacheStore => {
    const known = layers.get(name) ?? new CacheStore(stores.store(name));
    layers.set(name, known);
    return known;
  };
  const state = { store: layer, branch: () => state, write: () => undefined };
  const block = {
    chainId: 'test-1',
    height: 1,
    time: GENESIS_TIME,
    proposer: EMPTY,
    hash: EMPTY,
    lastCommit: [],
    misbehavior: [],
    consensusParams: CONSENSUS_PARAMS,
  };
  return new Context({ block, mode: 'finalize', state });
}

describe('bank/keeper', () => {
  it('mints into a module and burns from it, with the supply following', async () => {
    const parts = await started();
    const context = scratch(parts);
    const coins = [{ denom: 'usdc', amount: 7n }];
    parts.bank.keeper.mint(context, 'mill', coins);
    assert.equal(parts.bank.keeper.supply(context, 'usdc'), 7n);
    parts.bank.keeper.sendFromModule(context, 'mill', { to: bob.address, coins });
    assert.equal(parts.bank.keeper.balance(context, bob.address, 'usdc'), 7n);
    assert.throws(() => parts.bank.keeper.burn(context, 'mill', coins), /insufficient funds/);
    parts.bank.keeper.sendToModule(context, bob.address, { module: 'mill', coins });
    parts.bank.keeper.burn(context, 'mill', coins);
    assert.equal(parts.bank.keeper.supply(context, 'usdc'), 0n);
    const types = context.events.list().map(({ type }) => type);
    assert.deepEqual(types.slice(0, 2), ['coin_received', 'coinbase']);
    assert.deepEqual(types.slice(-2), ['coin_spent', 'burn']);
  });

  it('stops a module that mints without permission', async () => {
    const parts = await started();
    const coins = [{ denom: 'usdc', amount: 1n }];
    assert.throws(() => parts.bank.keeper.mint(scratch(parts), 'fee_collector', coins), {
      name: 'InvariantError',
    });
  });

  it('refuses to bring a balance past 256 bits', async () => {
    const parts = await started();
    const context = scratch(parts);
    const coins = [{ denom: 'usdc', amount: (1n << 256n) - 1n }];
    parts.bank.keeper.mint(context, 'mill', coins);
    assert.throws(() => parts.bank.keeper.mint(context, 'mill', coins), BitscaleError);
  });

  it('refuses coins that may not be sent', async () => {
    const { app } = await started({ send_enabled: [{ denom: 'uscale', enabled: false }] });
    const message = sendMessage(alice, bob.text, '1');
    const tx = signTx({ messages: [message], key: alice, accountNumber: 0n, sequence: 0n });
    const { txResults } = await runBlock(app, [tx]);
    assert.match(
      txResults[0]?.log ?? '',
      /uscale transfers are currently disabled: send transactions/,
    );
    assert.equal(`${txResults[0]?.codespace}/${txResults[0]?.code}`, 'bank/5');
  });
});

describe('bank/queries', () => {
  it('page balances by key to the end', async () => {
    const coins = ['aaa', 'bbb', 'ccc', 'ddd', 'uscale'].map((denom) => ({ denom, amount: '1' }));
    const { app } = await started({ balances: [{ address: alice.text, coins }] });
    const seen: string[] = [];
    for (let key = EMPTY; ;) {
      const pagination = { key, limit: 2n, offset: 0n, countTotal: false, reverse: false };
      const request = QueryAllBalancesRequest.fromPartial({ address: alice.text, pagination });
      const data = QueryAllBalancesRequest.encode(request).finish();
      const answer = QueryAllBalancesResponse.decode(ask(app, 'AllBalances', data).value);
      seen.push(...answer.balances.map(({ denom }) => denom));
      key = answer.pagination?.nextKey ?? EMPTY;
      if (key.length === 0) break;
    }
    assert.deepEqual(seen, ['aaa', 'bbb', 'ccc', 'ddd', 'uscale']);
  });

  it('page backwards, count, and refuse key and offset together', async () => {
    const coins = ['aaa', 'bbb', 'ccc'].map((denom) => ({ denom, amount: '1' }));
    const { app } = await started({ balances: [{ address: alice.text, coins }] });
    const page = (pagination: object) =>
      ask(
        app,
        'AllBalances',
        QueryAllBalancesRequest.encode(
          QueryAllBalancesRequest.fromPartial({ address: alice.text, pagination }),
        ).finish(),
      );
    const first = QueryAllBalancesResponse.decode(
      page({ limit: 2n, reverse: true, countTotal: true }).value,
    );
    assert.deepEqual(
      first.balances.map(({ denom }) => denom),
      ['ccc', 'bbb'],
    );
    assert.equal(first.pagination?.total, 3n);
    const key = first.pagination?.nextKey ?? EMPTY;
    const second = QueryAllBalancesResponse.decode(page({ key, limit: 2n, reverse: true }).value);
    assert.deepEqual(
      second.balances.map(({ denom }) => denom),
      ['aaa'],
    );
    assert.equal(page({ key, offset: 1n }).code, 18);
  });

  it('tell supply, owners and metadata', async () => {
    const metadata = { base: 'uscale', display: 'SCALE', name: 'Scale', symbol: 'SCALE' };
    const denom_units = [
      { denom: 'uscale', exponent: 0 },
      { denom: 'SCALE', exponent: 6 },
    ];
    const { app } = await started({ denom_metadata: [{ ...metadata, denom_units }] });
    const supply = QuerySupplyOfRequest.encode({ denom: 'uscale' }).finish();
    assert.equal(
      QuerySupplyOfResponse.decode(ask(app, 'SupplyOf', supply).value).amount?.amount,
      '2000000000000',
    );
    assert.equal(
      QueryTotalSupplyResponse.decode(ask(app, 'TotalSupply', EMPTY).value).supply.length,
      1,
    );
    const owners = QueryDenomOwnersRequest.encode({ denom: 'uscale' }).finish();
    const found = QueryDenomOwnersResponse.decode(ask(app, 'DenomOwners', owners).value);
    assert.deepEqual(
      found.denomOwners.map(({ address }) => address).sort(),
      [alice.text, bob.text].sort(),
    );
    const one = QueryDenomMetadataRequest.encode({ denom: 'uscale' }).finish();
    const known = QueryDenomMetadataResponse.decode(ask(app, 'DenomMetadata', one).value);
    assert.equal(known.metadata?.denomUnits[1]?.exponent, 6);
    const other = QueryDenomMetadataRequest.encode({ denom: 'other' }).finish();
    assert.equal(ask(app, 'DenomMetadata', other).code, 22);
  });
});

describe('bank/genesis', () => {
  it('refuses a supply that is not the sum, an account twice, and coins out of order', () => {
    const coins = [{ denom: 'uscale', amount: '5' }];
    const balances = [{ address: alice.text, coins }];
    const wrong = [
      { balances, supply: [{ denom: 'uscale', amount: '6' }] },
      { balances: [...balances, ...balances] },
      { balances: [{ address: alice.text, coins: [...coins, { denom: 'aaa', amount: '1' }] }] },
      { balances: [{ address: alice.text, coins: [{ denom: 'uscale', amount: '1e3' }] }] },
    ];
    for (const bank of wrong) {
      const { app } = testApplication();
      assert.throws(() => app.initChain(initRequest({ bank })), BitscaleError);
    }
  });
});
