/** The genesis file of a local network: a few validators with equal stake and funded accounts. */
import { accountText, moduleAddress, valoperText } from '../node/base/address.ts';
import { toHex, type Bytes } from '../node/base/bytes.ts';
import { Dec } from '../node/base/dec.ts';
import { formatTime, type Time } from '../node/base/time.ts';
import { stakeRecords, validatorRecord } from './stake-records.ts';
import { BONDED_POOL, STAKE_DENOM } from './validate.ts';

/** One million SCALE each. */
const LOCAL_STAKE = 1_000_000_000_000n;
const LOCAL_BALANCE = 1_000_000_000_000n;

export interface LocalValidator {
  readonly moniker: string;
  /** Account of its operator, 20 bytes. */
  readonly operator: Bytes;
  /** ed25519, 32 bytes. */
  readonly pubKey: Bytes;
  /** L1 address of its attestation key, 20 bytes. */
  readonly attestationAddress: Bytes;
}

export interface LocalToken {
  readonly id: number;
  readonly symbol: string;
  readonly decimals: number;
}

export interface LocalLedger {
  readonly shape: {
    readonly depth: number;
    readonly slots: number;
    readonly quotes: number;
    readonly feeTokens: number;
  };
  /** 32 bytes. */
  readonly domain: Bytes;
  readonly tokens: readonly LocalToken[];
}

export interface LocalSettlement {
  readonly l1ChainId: bigint;
  /** Address of the Rollup contract, 20 bytes. */
  readonly rollup: Bytes;
  readonly maxBatchAgeSeconds: number;
  readonly provingIntervalSeconds: number;
  /** Worth of one uscale in micro-units of a stablecoin. */
  readonly stakePrice: bigint;
}

export interface LocalNetwork {
  readonly chainId: string;
  readonly time: Time;
  readonly validators: readonly LocalValidator[];
  /** Funded with LOCAL_BALANCE each; 20 bytes. */
  readonly accounts: readonly Bytes[];
  readonly ledger: LocalLedger;
  readonly settlement: LocalSettlement;
}

type JsonValue = Record<string, unknown>;

/** The parsed file; readGenesis accepts its text. */
export function localGenesis(network: LocalNetwork): JsonValue {
  return {
    genesis_time: formatTime(network.time),
    chain_id: network.chainId,
    initial_height: '1',
    consensus_params: consensusParams(),
    validators: network.validators.map(({ moniker, pubKey }) =>
      validatorRecord(moniker, pubKey, LOCAL_STAKE),
    ),
    app_hash: '',
    app_state: {
      auth: auth(network),
      bank: bank(network),
      staking: staking(network.validators),
      ledger: ledger(network.ledger),
      settlement: settlement(network),
    },
  };
}

/** The text of the file, the same on every node. */
export function formatGenesis(json: JsonValue): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Sized for blocks of about one second; evidence lives as long as unbonding, 21 days. */
function consensusParams(): JsonValue {
  return {
    block: { max_bytes: '2097152', max_gas: '1000000000' },
    evidence: {
      max_age_num_blocks: '1814400',
      max_age_duration: '1814400000000000',
      max_bytes: '131072',
    },
    validator: { pub_key_types: ['ed25519'] },
    version: { app: '0' },
    abci: { vote_extensions_enable_height: '0' },
  };
}

function holders({ validators, accounts }: LocalNetwork): Bytes[] {
  const operators = validators.map(({ operator }) => operator);
  const known = new Set(operators.map(toHex));
  return [...operators, ...accounts.filter((address) => !known.has(toHex(address)))];
}

function auth(network: LocalNetwork): JsonValue {
  return {
    params: {
      max_memo_characters: '256',
      tx_sig_limit: '7',
      tx_size_cost_per_byte: '10',
      sig_verify_cost_ed25519: '590',
      sig_verify_cost_secp256k1: '1000',
    },
    accounts: holders(network).map((address, i) => ({
      '@type': '/cosmos.auth.v1beta1.BaseAccount',
      address: accountText(address),
      pub_key: null,
      account_number: i.toString(),
      sequence: '0',
    })),
  };
}

function bank(network: LocalNetwork): JsonValue {
  const coins = (amount: bigint): JsonValue[] => [
    { denom: STAKE_DENOM, amount: amount.toString() },
  ];
  const staked = LOCAL_STAKE * BigInt(network.validators.length);
  const funded = holders(network);
  const pool = accountText(moduleAddress(BONDED_POOL));
  return {
    params: { send_enabled: [], default_send_enabled: true },
    balances: [
      ...(staked > 0n ? [{ address: pool, coins: coins(staked) }] : []),
      ...funded.map((address) => ({ address: accountText(address), coins: coins(LOCAL_BALANCE) })),
    ],
    supply: funded.length > 0 ? coins(staked + LOCAL_BALANCE * BigInt(funded.length)) : [],
    denom_metadata: [
      {
        description: 'The staking and fee token of BitScale',
        denom_units: [
          { denom: STAKE_DENOM, exponent: 0, aliases: ['microscale'] },
          { denom: 'SCALE', exponent: 6, aliases: [] },
        ],
        base: STAKE_DENOM,
        display: 'SCALE',
        name: 'BitScale',
        symbol: 'SCALE',
        uri: '',
        uri_hash: '',
      },
    ],
    send_enabled: [],
  };
}

function staking(validators: readonly LocalValidator[]): JsonValue {
  const fraction = (percent: number): string => Dec.fraction(percent, 100).toString();
  const rates = { rate: fraction(5), max_rate: fraction(20), max_change_rate: fraction(1) };
  const records = validators.map(({ moniker, operator, pubKey }) =>
    stakeRecords({ description: { moniker }, operator, pubKey, tokens: LOCAL_STAKE, rates }),
  );
  return {
    params: {
      unbonding_time: '1814400s',
      max_validators: 100,
      max_entries: 7,
      historical_entries: 10_000,
      bond_denom: STAKE_DENOM,
      min_commission_rate: Dec.ZERO.toString(),
    },
    last_total_power: '0',
    last_validator_powers: [],
    validators: records.map(({ validator }) => validator),
    delegations: records.map(({ delegation }) => delegation),
    unbonding_delegations: [],
    redelegations: [],
    exported: false,
  };
}

function ledger({ shape, domain, tokens }: LocalLedger): JsonValue {
  const { depth, slots, quotes, feeTokens } = shape;
  return { shape: { depth, slots, quotes, fee_tokens: feeTokens }, domain: toHex(domain), tokens };
}

function settlement({ settlement: options, validators }: LocalNetwork): JsonValue {
  return {
    params: {
      max_batch_age_seconds: options.maxBatchAgeSeconds.toString(),
      l1_chain_id: options.l1ChainId.toString(),
      rollup: `0x${toHex(options.rollup)}`,
      proving_interval_seconds: options.provingIntervalSeconds.toString(),
      stake_price: options.stakePrice.toString(),
    },
    validators: validators.map(({ operator, attestationAddress }) => ({
      operator: valoperText(operator),
      address: `0x${toHex(attestationAddress)}`,
    })),
  };
}
