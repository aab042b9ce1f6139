/** Types besides the chain's messages that stand in an Any. */
import * as authTx from 'cosmjs-types/cosmos/auth/v1beta1/tx';
import * as authzTx from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import * as bankTx from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import * as consensusTx from 'cosmjs-types/cosmos/consensus/v1/tx';
import * as feegrantTx from 'cosmjs-types/cosmos/feegrant/v1beta1/tx';
import * as upgradeTx from 'cosmjs-types/cosmos/upgrade/v1beta1/tx';
import * as vestingTx from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
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
import * as ledgerTx from '../../../proto/gen/bitscale/ledger/v1/tx.ts';
import * as settlementTx from '../../../proto/gen/bitscale/settlement/v1/tx.ts';
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

/** What messages answer; a trial run shows it. */
const ANSWERS: Readonly<Record<string, object>> = {
  'cosmos.auth.v1beta1': authTx,
  'cosmos.authz.v1beta1': authzTx,
  'cosmos.bank.v1beta1': bankTx,
  'cosmos.consensus.v1': consensusTx,
  'cosmos.feegrant.v1beta1': feegrantTx,
  'cosmos.upgrade.v1beta1': upgradeTx,
  'cosmos.vesting.v1beta1': vestingTx,
  'bitscale.ledger.v1': ledgerTx,
  'bitscale.settlement.v1': settlementTx,
};

const answers = Object.entries(ANSWERS).flatMap(([name, types]) =>
  Object.entries(types)
    .filter(([type]) => /^Msg\w+Response$/.test(type))
    .map(([type, codec]): [string, JsonCodec] => [`/${name}.${type}`, codec as JsonCodec]),
);

export const ANY_TYPES: ReadonlyMap<string, JsonCodec> = new Map([
  ...CODECS.map((codec): [string, JsonCodec] => [codec.typeUrl, codec as unknown as JsonCodec]),
  ...answers,
]);
