/**
 * The rules of those who read our files, as far as we write them, in words of our own: the chain registry's for
 * chain.json and assetlist.json, and those by which Keplr accepts a suggested chain. Nothing else may stand there.
 */
type Schema = Readonly<Record<string, unknown>>;

const TEXT = { type: 'string', minLength: 1 };
const NUMBER = { type: 'number' };
const oneOf = (...values: string[]): Schema => ({ enum: values });
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
const matching = (pattern: string): Schema => ({ ...TEXT, pattern });

function closed(required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

const PREFIXES = Object.fromEntries(
  ['AccAddr', 'AccPub', 'ValAddr', 'ValPub', 'ConsAddr', 'ConsPub'].map((end) => {
    return [`bech32Prefix${end}`, TEXT];
  }),
);
const URI = matching('^[a-z]+://[^\\s]+$');
const ENDPOINTS = list(closed({ address: TEXT }, { provider: TEXT, archive: { type: 'boolean' } }));
const VERSION = matching('^v?\\d+(\\.\\d+){0,2}$');

const FEE_TOKEN = closed(
  { denom: TEXT },
  {
    fixed_min_gas_price: NUMBER,
    low_gas_price: NUMBER,
    average_gas_price: NUMBER,
    high_gas_price: NUMBER,
  },
);

export const CHAIN = closed(
  { chain_name: matching('^[a-z0-9]+$'), chain_type: oneOf('cosmos') },
  {
    $schema: matching('^(\\.\\./)+chain\\.schema\\.json$'),
    chain_id: TEXT,
    pretty_name: TEXT,
    website: URI,
    status: oneOf('live', 'upcoming', 'killed'),
    network_type: oneOf('mainnet', 'testnet', 'devnet'),
    bech32_prefix: TEXT,
    bech32_config: closed({}, PREFIXES),
    daemon_name: TEXT,
    node_home: TEXT,
    key_algos: list(oneOf('secp256k1', 'ethsecp256k1', 'ed25519', 'sr25519', 'bn254')),
    slip44: NUMBER,
    fees: closed({ fee_tokens: list(FEE_TOKEN) }),
    staking: closed(
      { staking_tokens: list(closed({ denom: TEXT })) },
      { lock_duration: closed({}, { blocks: NUMBER, time: TEXT }) },
    ),
    codebase: closed(
      {},
      {
        recommended_version: TEXT,
        language: closed({ type: oneOf('go', 'rust', 'solidity', 'other') }),
        consensus: closed(
          { type: oneOf('tendermint', 'cometbft', 'sei-tendermint') },
          { version: VERSION },
        ),
      },
    ),
    apis: closed({}, { rpc: ENDPOINTS, rest: ENDPOINTS, grpc: ENDPOINTS, wss: ENDPOINTS }),
    explorers: list(closed({}, { kind: TEXT, url: TEXT })),
  },
);

export const ASSET_LIST = closed(
  {
    chain_name: TEXT,
    assets: list(
      closed(
        {
          denom_units: list(
            closed(
              { denom: TEXT, exponent: { type: 'integer' } },
              { aliases: list(TEXT, { minItems: 1 }) },
            ),
            { minItems: 1 },
          ),
          base: TEXT,
          display: TEXT,
          name: { ...TEXT, maxLength: 30 },
          symbol: TEXT,
        },
        { description: TEXT, type_asset: oneOf('sdk.coin') },
      ),
      { minItems: 1 },
    ),
  },
  { $schema: matching('^(\\.\\./)+assetlist\\.schema\\.json$') },
);

const CURRENCY = {
  coinDenom: TEXT,
  coinMinimalDenom: TEXT,
  coinDecimals: { type: 'integer', minimum: 0, maximum: 18 },
};
/** Keplr reads no query in an address. */
const PLAIN_URI = matching('^[a-z]+://[^\\s?]+$');

export const KEPLR = closed(
  {
    rpc: PLAIN_URI,
    rest: PLAIN_URI,
    chainId: { ...TEXT, maxLength: 30 },
    chainName: { ...TEXT, maxLength: 30 },
    stakeCurrency: closed(CURRENCY),
    bip44: closed({ coinType: { type: 'integer', minimum: 0 } }),
    bech32Config: closed(PREFIXES),
    currencies: list(closed(CURRENCY), { minItems: 1 }),
    feeCurrencies: list(
      closed(CURRENCY, {
        gasPriceStep: closed({ low: NUMBER, average: NUMBER, high: NUMBER }),
      }),
      { minItems: 1 },
    ),
  },
  { features: list(TEXT, { uniqueItems: true }) },
);
