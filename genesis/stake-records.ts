/** A validator with the stake of its operator, as the genesis file has them. */
import { accountText, consensusAddress, valoperText } from '../node/base/address.ts';
import { toBase64, toUpperHex, type Bytes } from '../node/base/bytes.ts';
import { Dec } from '../node/base/dec.ts';
import { VALIDATOR_KEY_TYPE } from './schema.ts';
import { BONDED, POWER_REDUCTION } from './validate.ts';

type Json = Record<string, unknown>;

export interface StakedValidator {
  /** Account of the operator, 20 bytes. */
  readonly operator: Bytes;
  /** ed25519, 32 bytes. */
  readonly pubKey: Bytes;
  readonly tokens: bigint;
  readonly description: {
    readonly moniker: string;
    readonly identity?: string;
    readonly website?: string;
    readonly security_contact?: string;
    readonly details?: string;
  };
  /** Decimals with 18 places. */
  readonly rates: {
    readonly rate: string;
    readonly max_rate: string;
    readonly max_change_rate: string;
  };
  readonly minSelfDelegation?: bigint;
}

/** For `validators`, which CometBFT's tools read. */
export function validatorRecord(name: string, pubKey: Bytes, tokens: bigint): Json {
  return {
    address: toUpperHex(consensusAddress(pubKey)),
    pub_key: { type: VALIDATOR_KEY_TYPE, value: toBase64(pubKey) },
    power: (tokens / POWER_REDUCTION).toString(),
    name,
  };
}

/** For `app_state.staking`: one share for each token. */
export function stakeRecords(staked: StakedValidator): { validator: Json; delegation: Json } {
  const { operator, tokens } = staked;
  const shares = Dec.fromInt(tokens).toString();
  const delegation = {
    delegator_address: accountText(operator),
    validator_address: valoperText(operator),
    shares,
  };
  return { validator: bonded(staked, shares), delegation };
}

function bonded({ operator, pubKey, ...rest }: StakedValidator, shares: string): Json {
  const { tokens, description, rates, minSelfDelegation = 1n } = rest;
  const never = '1970-01-01T00:00:00Z';
  const empty = { identity: '', website: '', security_contact: '', details: '' };
  const { moniker, ...more } = description;
  return {
    operator_address: valoperText(operator),
    consensus_pubkey: { '@type': '/cosmos.crypto.ed25519.PubKey', key: toBase64(pubKey) },
    jailed: false,
    status: BONDED,
    tokens: tokens.toString(),
    delegator_shares: shares,
    description: { moniker, ...empty, ...more },
    unbonding_height: '0',
    unbonding_time: never,
    commission: { commission_rates: rates, update_time: never },
    min_self_delegation: minSelfDelegation.toString(),
    unbonding_on_hold_ref_count: '0',
    unbonding_ids: [],
  };
}
