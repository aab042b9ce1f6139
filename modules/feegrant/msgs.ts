/** MsgGrantAllowance, MsgRevokeAllowance, MsgPruneAllowances: checks and texts are those of the Cosmos SDK. */
import {
  MsgGrantAllowance,
  MsgGrantAllowanceResponse,
  MsgPruneAllowances,
  MsgPruneAllowancesResponse,
  MsgRevokeAllowance,
  MsgRevokeAllowanceResponse,
} from 'cosmjs-types/cosmos/feegrant/v1beta1/tx';
import { equal } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_PRUNED_GRANTS_PER_MESSAGE } from '../../node/base/limits.ts';
import { INVALID_ADDRESS, INVALID_REQUEST } from '../../node/base/sdk-errors.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { AnyMessageHandler, MessageHandler } from '../../node/app/module.ts';
import { checkAllowance, type Allowance } from './allowance.ts';
import { decodeAllowance } from './allowance-codec.ts';
import { aminoAllowance } from './allowance-json.ts';
import { NO_ALLOWANCE } from './errors.ts';
import { pruned } from './events.ts';
import type { FeegrantKeeper } from './keeper.ts';
import type { Pair } from './keys.ts';

const PACKAGE = '/cosmos.feegrant.v1beta1';

export function feegrantMessages(keeper: FeegrantKeeper): readonly AnyMessageHandler[] {
  return [grantHandler(keeper), revokeHandler(keeper), pruneHandler(keeper)];
}

function readPair(
  message: { readonly granter: string; readonly grantee: string },
  addresses: AddressText,
  same: string,
): Pair {
  const pair = {
    grantee: addresses.read(message.grantee),
    granter: addresses.read(message.granter),
  };
  if (equal(pair.grantee, pair.granter)) throw new BitscaleError(INVALID_ADDRESS, same);
  return pair;
}

function readAllowance({ allowance }: MsgGrantAllowance): Allowance {
  if (!allowance) throw new BitscaleError(NO_ALLOWANCE, 'failed to get allowance');
  return decodeAllowance(allowance);
}

function grantHandler(keeper: FeegrantKeeper): MessageHandler<MsgGrantAllowance> {
  const { addresses } = keeper.accounts;
  const read = (message: MsgGrantAllowance): Pair =>
    readPair(message, addresses, 'cannot self-grant fee authorization');
  return {
    typeUrl: `${PACKAGE}.MsgGrantAllowance`,
    codec: MsgGrantAllowance,
    amino: {
      type: 'cosmos-sdk/MsgGrantAllowance',
      toJson: ({ granter, grantee, allowance }) => ({
        allowance: allowance && aminoAllowance(decodeAllowance(allowance)),
        grantee,
        granter,
      }),
    },
    signers(message) {
      // An allowance nobody can read is refused with the transaction, as one that cannot be decoded.
      if (message.allowance) decodeAllowance(message.allowance);
      return [addresses.read(message.granter)];
    },
    validate: (message) => void read(message),
    execute(context, message) {
      const pair = read(message);
      if (keeper.allowance(context, pair)) {
        throw new BitscaleError(INVALID_REQUEST, 'fee allowance already exists');
      }
      const allowance = readAllowance(message);
      checkAllowance(allowance);
      keeper.grant(context, pair, allowance);
      const value = MsgGrantAllowanceResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgGrantAllowanceResponse`, value };
    },
  };
}

function revokeHandler(keeper: FeegrantKeeper): MessageHandler<MsgRevokeAllowance> {
  const { addresses } = keeper.accounts;
  const read = (message: MsgRevokeAllowance): Pair =>
    readPair(message, addresses, 'addresses must be different');
  return {
    typeUrl: `${PACKAGE}.MsgRevokeAllowance`,
    codec: MsgRevokeAllowance,
    amino: {
      type: 'cosmos-sdk/MsgRevokeAllowance',
      toJson: ({ granter, grantee }) => ({ grantee, granter }),
    },
    signers: ({ granter }) => [addresses.read(granter)],
    validate: (message) => void read(message),
    execute(context, message) {
      keeper.revoke(context, read(message));
      const value = MsgRevokeAllowanceResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgRevokeAllowanceResponse`, value };
    },
  };
}

function pruneHandler(keeper: FeegrantKeeper): MessageHandler<MsgPruneAllowances> {
  const { addresses } = keeper.accounts;
  return {
    typeUrl: `${PACKAGE}.MsgPruneAllowances`,
    codec: MsgPruneAllowances,
    amino: { type: 'cosmos-sdk/MsgPruneAllowances', toJson: ({ pruner }) => ({ pruner }) },
    signers: ({ pruner }) => [addresses.read(pruner)],
    validate: () => undefined,
    execute(context, { pruner }) {
      keeper.prune(context, MAX_PRUNED_GRANTS_PER_MESSAGE);
      pruned(context.events, pruner);
      const value = MsgPruneAllowancesResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgPruneAllowancesResponse`, value };
    },
  };
}
