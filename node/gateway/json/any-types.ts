/** Types besides the chain's messages that stand in an Any. */
import { BaseAccount, ModuleAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { SendAuthorization } from 'cosmjs-types/cosmos/bank/v1beta1/authz';
import { PubKey as Ed25519 } from 'cosmjs-types/cosmos/crypto/ed25519/keys';
import { LegacyAminoPubKey } from 'cosmjs-types/cosmos/crypto/multisig/keys';
import { PubKey as Secp256k1 } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import {
  AllowedMsgAllowance,
  BasicAllowance,
  PeriodicAllowance,
} from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { StakeAuthorization } from 'cosmjs-types/cosmos/staking/v1beta1/authz';
import { Tx } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import {
  BaseVestingAccount,
  ContinuousVestingAccount,
  DelayedVestingAccount,
  PeriodicVestingAccount,
  PermanentLockedAccount,
} from 'cosmjs-types/cosmos/vesting/v1beta1/vesting';
import type { JsonCodec } from '../expected.ts';

const CODECS = [
  BaseAccount,
  ModuleAccount,
  BaseVestingAccount,
  ContinuousVestingAccount,
  DelayedVestingAccount,
  PeriodicVestingAccount,
  PermanentLockedAccount,
  Ed25519,
  Secp256k1,
  LegacyAminoPubKey,
  GenericAuthorization,
  SendAuthorization,
  StakeAuthorization,
  BasicAllowance,
  PeriodicAllowance,
  AllowedMsgAllowance,
  Tx,
];

export const ANY_TYPES: ReadonlyMap<string, JsonCodec> = new Map(
  CODECS.map((codec) => [codec.typeUrl, codec as unknown as JsonCodec]),
);
