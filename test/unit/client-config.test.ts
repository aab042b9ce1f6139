/** Files for wallets and directories, by the rules of those who read them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { accountText } from '../../node/base/address.ts';
import {
  clientFiles,
  endpointsOf,
  walletProblem,
  type ClientFiles,
} from '../../node/client-config.ts';
import { DEFAULT_CONFIG, parseConfig } from '../../node/config.ts';
import { homeAt } from '../../node/home.ts';
import { ASSET_LIST, CHAIN, KEPLR } from '../support/client-file-schemas.ts';
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

const ajv = new Ajv({ allErrors: true });

function assertSchema(schema: object, json: Json): void {
  assert.ok(ajv.validate(schema, json), ajv.errorsText());
}

const assertChain = (chain: Json): void => assertSchema(CHAIN, chain);

/** The registry's words say besides its schema: base and display are units. */
function assertAssets(assetlist: Json): void {
  assertSchema(ASSET_LIST, assetlist);
  for (const asset of assetlist['assets'] as Json[]) {
    const denoms = (asset['denom_units'] as Json[]).map((unit) => unit['denom'] as string);
    assert.ok(denoms.includes(asset['base']) && denoms.includes(asset['display']));
  }
}

/** What Keplr checks besides the shape: no coin twice, prices that grow. */
function assertKeplr(info: Json): void {
  assertSchema(KEPLR, info);
  for (const one of info['feeCurrencies'] as Json[]) {
    const { low, average, high } = one['gasPriceStep'];
    assert.ok(low <= average && average <= high);
  }
  for (const list of [info['currencies'], info['feeCurrencies']] as Json[][]) {
    const denoms = list.map((one) => one['coinMinimalDenom']);
    assert.equal(new Set(denoms).size, denoms.length);
  }
}

const NOBODY = DEFAULT_CONFIG.public;
const files = (genesis: Json, minGasPrices: string, about = NOBODY): ClientFiles =>
  clientFiles(genesis as typeof GENESIS, { endpoints: ENDPOINTS, minGasPrices, about });

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
      const { chain, assetlist, keplr } = files(genesis, prices);
      assertChain(chain);
      assertAssets(assetlist);
      assertKeplr(keplr);
      assert.equal(chain['chain_name'], assetlist['chain_name']);
    });
  }

  it('say what the genesis file and the settings say', () => {
    const { chain, assetlist, keplr } = files(GENESIS, '0.01uscale') as Json;
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

  it('name every coin that somebody holds, also where the genesis file leaves the supply out', () => {
    const coins = [
      { denom: 'ueur', amount: '1' },
      { denom: 'uscale', amount: '2' },
    ];
    const bank = { denom_metadata: [SCALE], balances: [{ address: '', coins }, { address: '' }] };
    const { assetlist, keplr } = files({ chainId: 'a-1', appState: { bank } }, '') as Json;
    const bases = assetlist.assets.map(({ base }: Json) => base as string);
    assert.deepEqual(bases, ['uscale', 'ueur']);
    assert.equal(keplr.currencies.length, 2);
  });

  it('say to people what the settings say', () => {
    const about = {
      ...NOBODY,
      name: 'The chain of chains with a name',
      website: 'https://example.org',
      networkType: 'testnet',
      explorers: ['https://explorer.example.org/chain'],
    };
    const { chain, keplr } = files(GENESIS, '', about) as Json;
    assertChain(chain);
    assertKeplr(keplr);
    assert.equal(chain.pretty_name, about.name);
    assert.equal(keplr.chainName, about.name.slice(0, 30));
    assert.deepEqual([chain.network_type, chain.website], ['testnet', 'https://example.org']);
    const [url] = about.explorers;
    assert.deepEqual(chain.explorers, [{ kind: 'explorer.example.org', url }]);
    const config = JSON.stringify({ public: { networkType: 'moonnet' } });
    assert.throws(() => parseConfig(config), { exitCode: 78 });
  });

  it('would be refused with anything else in them, or with less', () => {
    const { chain, assetlist, keplr } = files(GENESIS, '0.01uscale') as Json;
    for (const [schema, json] of [
      [CHAIN, chain],
      [ASSET_LIST, assetlist],
      [KEPLR, keplr],
    ] as const) {
      assert.equal(ajv.validate(schema, { ...json, more: 1 }), false);
      for (const name of (schema as Json)['required'] as string[]) {
        const { [name]: _, ...less } = json as Json;
        assert.equal(ajv.validate(schema, less), false, name);
        assert.equal(ajv.validate(schema, { ...less, [name]: '' }), false, name);
      }
    }
  });

  it('warn of a chain id of 31 characters, which Keplr refuses', () => {
    const chainId = `${'a'.repeat(28)}-1`;
    assert.equal(chainId.length, 30);
    assert.equal(walletProblem({ chainId }), undefined);
    assertKeplr(files({ ...GENESIS, chainId }, '')['keplr'] as Json);
    const long = { ...GENESIS, chainId: `${chainId}0` };
    assert.match(walletProblem(long) ?? '', /at most 30 characters; this one has 31/);
    assert.equal(ajv.validate(KEPLR, files(long, '').keplr), false);
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
      assert.deepEqual(endpointsOf({ ...config, public: { ...NOBODY, ...known } }), known);
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

  it('and init say when wallets will not take the chain', async () => {
    const other = join(folder, 'other');
    const words = ['init', 'me', '--chain-id', 'a'.repeat(31), '--home', other];
    const { code, errors } = await run(words);
    assert.deepEqual([code, /Keplr takes/.test(errors)], [0, true]);
    const printing = await run(['client-config', 'keplr', '--home', other]);
    assert.deepEqual([printing.code, /Keplr takes/.test(printing.errors)], [0, true]);
  });
});
