/** Files for wallets and directories, by the rules of those who read them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountText } from '../../node/base/address.ts';
import { clientFiles, endpointsOf } from '../../node/client-config.ts';
import { DEFAULT_CONFIG } from '../../node/config.ts';
import { homeAt } from '../../node/home.ts';
import { run } from './cli/fake-terminal.ts';

type Json = Record<string, any>;

const ENDPOINTS = {
  rpc: 'https://rpc.example.org',
  rest: 'https://rest.example.org',
  grpc: 'grpc.example.org:443',
};
const SCALE = {
  base: 'uscale',
  display: 'SCALE',
  name: 'BitScale',
  symbol: 'SCALE',
  description: 'The staking token',
  denom_units: [
    { denom: 'uscale', exponent: 0, aliases: ['microscale'] },
    { denom: 'SCALE', exponent: 6, aliases: [] },
  ],
};
const GENESIS = {
  chainId: 'bitscale-local-1',
  appState: {
    staking: { params: { bond_denom: 'uscale', unbonding_time: '1814400s' } },
    bank: {
      denom_metadata: [SCALE],
      supply: [
        { denom: 'ueur', amount: '5' },
        { denom: 'uscale', amount: '7' },
      ],
    },
  },
};

function assertKeys(json: Json, required: readonly string[], optional: readonly string[]): void {
  const names = Object.keys(json);
  for (const name of required) assert.ok(names.includes(name), `${name} is missing`);
  const known = [...required, ...optional];
  assert.deepEqual(
    names.filter((name) => !known.includes(name)),
    [],
  );
}

/** The schema of chain.json: what must be there, what may, and the forms of texts. */
function assertChain(chain: Json): void {
  assertKeys(
    chain,
    ['chain_name', 'chain_type', 'chain_id', 'bech32_prefix'],
    [
      ...['$schema', 'pretty_name', 'status', 'network_type', 'bech32_config', 'daemon_name'],
      ...['node_home', 'key_algos', 'slip44', 'fees', 'staking', 'codebase', 'apis'],
    ],
  );
  assert.match(chain['$schema'], /^(\.\.\/)+chain\.schema\.json$/);
  assert.match(chain['chain_name'], /^[a-z0-9]+$/);
  assert.equal(chain['chain_type'], 'cosmos');
  assert.ok(['live', 'upcoming', 'killed'].includes(chain['status']));
  for (const token of chain['fees'].fee_tokens as Json[]) {
    const prices = ['fixed_min_gas_price', 'low_gas_price', 'average_gas_price', 'high_gas_price'];
    assertKeys(token, ['denom'], prices);
    for (const name of prices) assert.equal(typeof token[name], 'number');
  }
  assertKeys(chain['staking'], ['staking_tokens'], ['lock_duration']);
  assertKeys(chain['codebase'], [], ['recommended_version', 'language', 'consensus']);
  assert.match(chain['codebase'].consensus.version, /^v?\d+(\.\d+){0,2}$/);
  assertKeys(chain['apis'], [], ['rpc', 'rest', 'grpc', 'wss']);
  for (const list of Object.values(chain['apis'] as Record<string, Json[]>)) {
    for (const endpoint of list) assertKeys(endpoint, ['address'], ['provider', 'archive']);
  }
}

function assertAssets(list: Json): void {
  assertKeys(list, ['chain_name', 'assets'], ['$schema']);
  assert.match(list['$schema'], /^(\.\.\/)+assetlist\.schema\.json$/);
  assert.ok(list['assets'].length > 0);
  for (const asset of list['assets'] as Json[]) {
    const required = ['denom_units', 'base', 'display', 'name', 'symbol'];
    assertKeys(asset, required, ['description', 'type_asset']);
    assert.ok(asset['name'].length <= 30);
    const units = asset['denom_units'] as Json[];
    const denoms = units.map((unit) => {
      assertKeys(unit, ['denom', 'exponent'], ['aliases']);
      assert.ok(Number.isInteger(unit['exponent']));
      return unit['denom'];
    });
    assert.ok(denoms.includes(asset['base']) && denoms.includes(asset['display']));
  }
}

/** The rules by which Keplr accepts a suggested chain. */
function assertKeplr(info: Json): void {
  const required = [
    'rpc',
    'rest',
    'chainId',
    'chainName',
    'stakeCurrency',
    'bip44',
    'bech32Config',
  ];
  assertKeys(info, [...required, 'currencies', 'feeCurrencies'], ['features']);
  for (const name of ['rpc', 'rest']) assert.equal(new URL(info[name] as string).search, '');
  for (const name of ['chainId', 'chainName']) {
    assert.ok(info[name].length >= 1 && info[name].length <= 30);
  }
  const ends = ['AccAddr', 'AccPub', 'ValAddr', 'ValPub', 'ConsAddr', 'ConsPub'];
  assertKeys(
    info['bech32Config'],
    ends.map((end) => `bech32Prefix${end}`),
    [],
  );
  const currency = ['coinDenom', 'coinMinimalDenom', 'coinDecimals'];
  const currencies = [...info['currencies'], info['stakeCurrency']] as Json[];
  for (const one of currencies) assertKeys(one, currency, []);
  for (const one of info['feeCurrencies'] as Json[]) {
    assertKeys(one, currency, ['gasPriceStep']);
    const { low, average, high } = one['gasPriceStep'];
    assert.ok(low <= average && average <= high);
  }
  for (const one of [...currencies, ...info['feeCurrencies']] as Json[]) {
    assert.ok(one['coinDecimals'] >= 0 && one['coinDecimals'] <= 18);
  }
  for (const list of [info['currencies'], info['feeCurrencies']] as Json[][]) {
    const denoms = list.map((one) => one['coinMinimalDenom']);
    assert.ok(denoms.length > 0 && new Set(denoms).size === denoms.length);
  }
}

describe('files for wallets and directories', () => {
  const LONG = { base: 'wei', display: 'x', denom_units: [{ denom: 'x', exponent: 24 }] };
  const bank = { denom_metadata: [{ ...LONG, name: 'n'.repeat(40) }], supply: [] };
  for (const [what, genesis, prices] of [
    ['a chain with metadata', GENESIS, '0.001uscale'],
    ['prices in two coins', GENESIS, '0.1ueur,0.000000000000000001uscale'],
    ['a node that asks for no fees', GENESIS, ''],
    ['a genesis file that says nothing', { chainId: 'X', appState: {} }, ''],
    ['metadata beyond what wallets take', { chainId: 'a.b-2', appState: { bank } }, '1wei'],
  ] as const) {
    it(`follow the rules of their readers for ${what}`, () => {
      const { chain, assetlist, keplr } = clientFiles(genesis, ENDPOINTS, prices);
      assertChain(chain);
      assertAssets(assetlist);
      assertKeplr(keplr);
      assert.equal(chain['chain_name'], assetlist['chain_name']);
    });
  }

  it('say what the genesis file and the settings say', () => {
    const { chain, assetlist, keplr } = clientFiles(GENESIS, ENDPOINTS, '0.01uscale') as Json;
    assert.equal(chain.chain_name, 'bitscalelocal');
    assert.equal(chain.bech32_prefix, accountText(new Uint8Array(20)).split('1')[0]);
    assert.deepEqual(chain.staking, {
      staking_tokens: [{ denom: 'uscale' }],
      lock_duration: { time: '1814400s' },
    });
    assert.deepEqual(chain.apis.wss, [{ address: 'wss://rpc.example.org/websocket' }]);
    const step = { low: 0.01, average: 0.0125, high: 0.015 };
    const scale = { coinDenom: 'SCALE', coinMinimalDenom: 'uscale', coinDecimals: 6 };
    const euro = { coinDenom: 'ueur', coinMinimalDenom: 'ueur', coinDecimals: 0 };
    assert.deepEqual(keplr.stakeCurrency, scale);
    assert.deepEqual(keplr.currencies, [scale, euro]);
    assert.deepEqual(keplr.feeCurrencies, [{ ...scale, gasPriceStep: step }]);
    const bases = assetlist.assets.map(({ base }: Json) => base);
    assert.deepEqual(bases, ['uscale', 'ueur']);
  });

  for (const [host, expected] of [
    ['127.0.0.1', 'http://127.0.0.1:26657'],
    ['0.0.0.0', 'http://127.0.0.1:26657'],
    ['::1', 'http://[::1]:26657'],
  ] as const) {
    it(`name ${expected} when RPC listens on ${host} and no public address is set`, () => {
      const config = { ...DEFAULT_CONFIG, rpc: { ...DEFAULT_CONFIG.rpc, host } };
      assert.equal(endpointsOf(config).rpc, expected);
      const known = { rpc: 'https://a', rest: 'https://b', grpc: 'c:1' };
      assert.deepEqual(endpointsOf({ ...config, public: known }), known);
    });
  }
});

describe('bitscale client-config', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-client-config-'));
    const operator = accountText(new Uint8Array(20).fill(3));
    const words = ['init', 'me', '--chain-id', 'mine-1', '--operator', operator, '--home', folder];
    const made = await run(words);
    assert.equal(made.code, 0, made.errors);
    const { configFile } = homeAt(folder);
    const config = JSON.parse(readFileSync(configFile, 'utf8')) as Json;
    const app = { ...config['app'], minGasPrices: '0.002uscale' };
    writeFileSync(configFile, JSON.stringify({ ...config, app }));
  });
  after(() => rmSync(folder, { recursive: true }));

  const printed = async (...words: string[]): Promise<Json> => {
    const { code, output, errors } = await run(['client-config', ...words, '--home', folder]);
    assert.equal(code, 0, errors);
    return JSON.parse(output) as Json;
  };

  it('prints each file of a home, with the addresses given', async () => {
    const chain = await printed('chain', '--rpc', 'https://rpc.example.org', '--grpc', 'g:1');
    assertChain(chain);
    assert.deepEqual(chain['apis'].rpc, [{ address: 'https://rpc.example.org' }]);
    assert.deepEqual(chain['apis'].grpc, [{ address: 'g:1' }]);
    assert.equal(chain['fees'].fee_tokens[0].low_gas_price, 0.002);
    assertAssets(await printed('assetlist'));
    assertKeplr(await printed('keplr'));
  });

  it('ends with 64 for another file and 78 without a genesis file', async () => {
    assert.equal((await run(['client-config', 'wallet', '--home', folder])).code, 64);
    assert.equal((await run(['client-config', '--home', folder])).code, 64);
    const nowhere = join(folder, 'nowhere');
    assert.equal((await run(['client-config', 'chain', '--home', nowhere])).code, 78);
  });
});
