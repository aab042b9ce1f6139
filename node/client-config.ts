/**
 * What wallets and directories want to know about a chain, from its genesis file and the settings of a node:
 * chain.json and assetlist.json in the form of the chain registry, and what wallets take as a suggested chain.
 */
import type { Genesis } from '../genesis/schema.ts';
import { integer, object, objects, text, type JsonObject } from '../genesis/read.ts';
import { STAKE_DENOM } from '../genesis/validate.ts';
import { ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX } from './base/address.ts';
import { parseDecCoins } from './base/dec-coin.ts';
import type { NodeConfig } from './config.ts';
import { COMETBFT_LEVEL } from './node-view.ts';
import { SOFTWARE, VERSION } from './version.ts';

/** Where clients reach a node. */
export interface Endpoints {
  readonly rpc: string;
  readonly rest: string;
  readonly grpc: string;
}

export interface ClientFiles {
  readonly chain: JsonObject;
  readonly assetlist: JsonObject;
  readonly keplr: JsonObject;
}

/** BIP-44 coin type of the accounts. */
const COIN_TYPE = 118;
const MAX_NAME_CHARS = 30;
const MAX_DECIMALS = 18;
/** Offered to those who want to be in a block sooner, as multiples of the least price. */
const [AVERAGE, HIGH] = [1.25, 1.5];
const PRICE_DIGITS = 12;

/** Addresses of the settings; those of the servers when there are none for the public. */
export function endpointsOf({ rpc, api, grpc, public: known }: NodeConfig): Endpoints {
  const own = (host: string, port: number): string => {
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
  };
  return {
    rpc: known.rpc || `http://${own(rpc.host, rpc.port)}`,
    rest: known.rest || `http://${own(api.host, api.port)}`,
    grpc: known.grpc || own(grpc.host, grpc.port),
  };
}

/** What a chain says of itself to people. */
type About = Pick<NodeConfig['public'], 'name' | 'website' | 'networkType' | 'explorers'>;

export interface ClientOptions {
  readonly endpoints: Endpoints;
  /** As in the settings. */
  readonly minGasPrices: string;
  readonly about: About;
}

/** Throws ExitError 65 for a genesis file that is wrong. */
export function clientFiles(
  genesis: Pick<Genesis, 'chainId' | 'appState'>,
  { endpoints, minGasPrices, about }: ClientOptions,
): ClientFiles {
  const { bond, unbondingTime } = stakingOf(genesis.appState);
  const prices = pricesOf(minGasPrices, bond);
  const assets = assetsOf(genesis.appState, [bond, ...prices.keys()]);
  const { chainId } = genesis;
  const facts = { chainId, name: nameOf(chainId), bond, prices, about };
  return {
    chain: chainJson(facts, unbondingTime, endpoints),
    assetlist: {
      $schema: '../assetlist.schema.json',
      chain_name: facts.name,
      assets: assets.map(assetJson),
    },
    keplr: keplrJson(facts, assets, endpoints),
  };
}

/** What the settings say, unless somebody knows other addresses. */
export function clientOptions(config: NodeConfig, known: Partial<Endpoints> = {}): ClientOptions {
  const endpoints = { ...endpointsOf(config), ...known };
  return { endpoints, minGasPrices: config.app.minGasPrices, about: config.public };
}

/** What wallets will not take of the chain, in words; nothing when they take it. */
export function walletProblem({ chainId }: Pick<Genesis, 'chainId'>): string | undefined {
  if (chainId.length <= MAX_NAME_CHARS) return undefined;
  return `Keplr takes chain ids of at most ${MAX_NAME_CHARS} characters; this one has ${chainId.length}`;
}

/** Where REST shows the files. */
export function wellKnown(config: NodeConfig, genesis: Genesis): ReadonlyMap<string, JsonObject> {
  const files = clientFiles(genesis, clientOptions(config));
  return new Map([
    ['/.well-known/chain.json', files.chain],
    ['/.well-known/assetlist.json', files.assetlist],
    ['/.well-known/keplr.json', files.keplr],
  ]);
}

interface Facts {
  readonly chainId: string;
  readonly name: string;
  readonly bond: string;
  /** Least gas price by denomination of fees. */
  readonly prices: ReadonlyMap<string, number>;
  readonly about: About;
}

interface Asset {
  readonly base: string;
  readonly display: string;
  readonly name: string;
  readonly symbol: string;
  readonly description: string;
  readonly units: readonly {
    readonly denom: string;
    readonly exponent: number;
    readonly aliases: readonly string[];
  }[];
}

/** The registry's key of a chain: lower-case letters and digits, without the revision. */
function nameOf(chainId: string): string {
  const name = chainId.replace(/-[0-9]+$/, '').toLowerCase();
  return name.replace(/[^a-z0-9]/g, '') || SOFTWARE;
}

function stakingOf(appState: JsonObject): { bond: string; unbondingTime: string | undefined } {
  const staking = object(appState['staking'] ?? {}, 'app_state.staking');
  const params = object(staking['params'] ?? {}, 'app_state.staking.params');
  const unbonding = params['unbonding_time'];
  return {
    bond: text(params['bond_denom'] ?? STAKE_DENOM, 'app_state.staking.params.bond_denom'),
    unbondingTime: typeof unbonding === 'string' ? unbonding : undefined,
  };
}

/** Fees are paid in the staking token where the node asks for none. */
function pricesOf(minGasPrices: string, bond: string): Map<string, number> {
  const coins = parseDecCoins(minGasPrices);
  if (coins.length === 0) return new Map([[bond, 0]]);
  return new Map(coins.map(({ denom, amount }) => [denom, Number(amount.toString())]));
}

/** All coins that exist or may pay a fee; those without metadata are shown as they are. */
function assetsOf(appState: JsonObject, needed: readonly string[]): Asset[] {
  const bank = object(appState['bank'] ?? {}, 'app_state.bank');
  const described = objects(bank['denom_metadata'], 'bank.denom_metadata').map(readAsset);
  const assets = new Map(described.map((asset) => [asset.base, asset]));
  // The supply may be left out; it is what the accounts hold.
  const held = objects(bank['balances'], 'bank.balances').map(({ coins }) => coins);
  const coins = [bank['supply'], ...held].flatMap((list) => objects(list, 'bank: coins'));
  const denoms = coins.map(({ denom }) => text(denom, 'bank: denom'));
  for (const denom of [...needed, ...denoms]) {
    if (assets.has(denom)) continue;
    const units = [{ denom, exponent: 0, aliases: [] }];
    assets.set(denom, {
      base: denom,
      display: denom,
      name: denom,
      symbol: denom,
      description: '',
      units,
    });
  }
  return [...assets.values()];
}

function readAsset(json: JsonObject): Asset {
  const base = text(json['base'], 'bank.denom_metadata: base');
  const given = objects(json['denom_units'], 'bank.denom_metadata: denom_units').map((unit) => ({
    denom: text(unit['denom'], 'denom_units: denom'),
    exponent: Number(integer(unit['exponent'] ?? 0, 'denom_units: exponent')),
    aliases: Array.isArray(unit['aliases']) ? unit['aliases'].map(String) : [],
  }));
  // The registry wants base and display to be units.
  const hasBase = given.some(({ denom }) => denom === base);
  const units = hasBase ? given : [{ denom: base, exponent: 0, aliases: [] }, ...given];
  const named = (field: string): string => String(json[field] ?? '');
  const display = named('display');
  return {
    base,
    units,
    display: units.some(({ denom }) => denom === display) ? display : base,
    name: named('name') || base,
    symbol: named('symbol') || base,
    description: named('description'),
  };
}

function assetJson(asset: Asset): JsonObject {
  const { base, display, symbol, description } = asset;
  return {
    ...(description === '' ? {} : { description }),
    denom_units: asset.units.map(({ denom, exponent, aliases }) => {
      return aliases.length === 0 ? { denom, exponent } : { denom, exponent, aliases };
    }),
    base,
    name: asset.name.slice(0, MAX_NAME_CHARS),
    display,
    symbol,
    type_asset: 'sdk.coin',
  };
}

const BECH32 = {
  bech32PrefixAccAddr: ACCOUNT_PREFIX,
  bech32PrefixAccPub: `${ACCOUNT_PREFIX}pub`,
  bech32PrefixValAddr: VALOPER_PREFIX,
  bech32PrefixValPub: `${VALOPER_PREFIX}pub`,
  bech32PrefixConsAddr: VALCONS_PREFIX,
  bech32PrefixConsPub: `${VALCONS_PREFIX}pub`,
};

const priced = (least: number, factor: number): number =>
  Number((least * factor).toPrecision(PRICE_DIGITS));

function chainJson(facts: Facts, unbondingTime: string | undefined, at: Endpoints): JsonObject {
  const socket = `${at.rpc.replace(/^http/, 'ws').replace(/\/$/, '')}/websocket`;
  const { about } = facts;
  const lock = unbondingTime === undefined ? {} : { lock_duration: { time: unbondingTime } };
  return {
    $schema: '../chain.schema.json',
    chain_name: facts.name,
    chain_type: 'cosmos',
    chain_id: facts.chainId,
    pretty_name: about.name || facts.chainId,
    ...(about.website !== '' && { website: about.website }),
    status: 'live',
    ...(about.networkType !== '' && { network_type: about.networkType }),
    bech32_prefix: ACCOUNT_PREFIX,
    bech32_config: BECH32,
    daemon_name: SOFTWARE,
    node_home: `$HOME/.${SOFTWARE}`,
    key_algos: ['secp256k1'],
    slip44: COIN_TYPE,
    fees: {
      fee_tokens: [...facts.prices].map(([denom, least]) => ({
        denom,
        fixed_min_gas_price: least,
        low_gas_price: least,
        average_gas_price: priced(least, AVERAGE),
        high_gas_price: priced(least, HIGH),
      })),
    },
    staking: { staking_tokens: [{ denom: facts.bond }], ...lock },
    codebase: {
      recommended_version: VERSION,
      language: { type: 'other' },
      // The level of its interface: clients choose their decoder by it.
      consensus: { type: 'cometbft', version: COMETBFT_LEVEL },
    },
    apis: {
      rpc: [{ address: at.rpc }],
      rest: [{ address: at.rest }],
      grpc: [{ address: at.grpc }],
      wss: [{ address: socket }],
    },
    ...(about.explorers.length > 0 && { explorers: about.explorers.map(explorerJson) }),
  };
}

/** The pages of an explorer are its own business; its kind is what its address says. */
function explorerJson(url: string): JsonObject {
  return { kind: URL.canParse(url) ? new URL(url).hostname : url, url };
}

/** Wallets show amounts in the display unit. */
function currencyOf({ base, display, symbol, units }: Asset): JsonObject {
  const shown = units.find(({ denom }) => denom === display)?.exponent ?? 0;
  // Wallets count up to 18 places; a coin with more is shown in its smallest unit.
  const fits = shown >= 0 && shown <= MAX_DECIMALS;
  return {
    coinDenom: fits ? symbol : base,
    coinMinimalDenom: base,
    coinDecimals: fits ? shown : 0,
  };
}

function keplrJson(facts: Facts, assets: readonly Asset[], { rpc, rest }: Endpoints): JsonObject {
  const currencies = new Map(assets.map((asset) => [asset.base, currencyOf(asset)]));
  return {
    chainId: facts.chainId,
    chainName: (facts.about.name || facts.chainId).slice(0, MAX_NAME_CHARS),
    rpc,
    rest,
    bip44: { coinType: COIN_TYPE },
    bech32Config: BECH32,
    currencies: [...currencies.values()],
    feeCurrencies: [...facts.prices].map(([denom, least]) => ({
      ...currencies.get(denom),
      gasPriceStep: { low: least, average: priced(least, AVERAGE), high: priced(least, HIGH) },
    })),
    stakeCurrency: currencies.get(facts.bond),
    features: [],
  };
}
