/** MsgGrant, MsgExec, MsgRevoke: checks and texts are those of the Cosmos SDK. */
import {
  MsgExec,
  MsgExecResponse,
  MsgGrant,
  MsgGrantResponse,
  MsgRevoke,
  MsgRevokeResponse,
} from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { equal } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import type { Json } from '../../node/base/json.ts';
import { INVALID_REQUEST, INVALID_TYPE } from '../../node/base/sdk-errors.ts';
import { formatTime } from '../../node/base/time.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { AnyMessageHandler, MessageHandler } from '../../node/app/module.ts';
import { readTimestamp } from '../../node/app/proto-time.ts';
import {
  aminoAuthorization,
  checkAuthorization,
  decodeAuthorization,
  typeOf,
} from './authorization.ts';
import { GRANTEE_IS_GRANTER } from './errors.ts';
import { EXEC_TYPE, type Executor, type InnerMessage } from './exec.ts';
import type { AuthzKeeper, StoredGrant } from './keeper.ts';
import type { Pair } from './keys.ts';

const PACKAGE = '/cosmos.authz.v1beta1';

export function authzMessages(
  keeper: AuthzKeeper,
  executor: Executor,
): readonly AnyMessageHandler[] {
  return [grantHandler(keeper, executor), execHandler(keeper, executor), revokeHandler(keeper)];
}

function readPair(
  message: { readonly granter: string; readonly grantee: string },
  addresses: AddressText,
): Pair {
  const pair = {
    grantee: addresses.read(message.grantee),
    granter: addresses.read(message.granter),
  };
  if (equal(pair.grantee, pair.granter)) throw new BitscaleError(GRANTEE_IS_GRANTER);
  return pair;
}

function readGrant({ grant }: MsgGrant): StoredGrant {
  const { authorization, expiration } = grant;
  if (!authorization) throw new BitscaleError(INVALID_TYPE, 'authorization is nil');
  return {
    authorization: decodeAuthorization(authorization),
    ...(expiration && { expiration: readTimestamp(expiration) }),
  };
}

function grantHandler(keeper: AuthzKeeper, executor: Executor): MessageHandler<MsgGrant> {
  const { addresses } = keeper.accounts;
  return {
    typeUrl: `${PACKAGE}.MsgGrant`,
    codec: MsgGrant,
    amino: {
      type: 'cosmos-sdk/MsgGrant',
      toJson(message) {
        const { authorization: inner, expiration } = readGrant(message);
        const authorization = aminoAuthorization(inner);
        if (authorization === undefined) return undefined;
        const grant = {
          authorization,
          expiration: expiration && formatTime(expiration),
        };
        return { grant, grantee: message.grantee, granter: message.granter };
      },
    },
    signers(message) {
      // A grant nobody can read is refused with the transaction, as one that cannot be decoded.
      readGrant(message);
      return [addresses.read(message.granter)];
    },
    validate(message) {
      readPair(message, addresses);
      checkAuthorization(readGrant(message).authorization);
    },
    execute(context, message) {
      const pair = readPair(message, addresses);
      const grant = readGrant(message);
      checkAuthorization(grant.authorization);
      keeper.openAccount(context, pair.grantee);
      const type = typeOf(grant.authorization);
      if (!executor.knows(type)) throw new BitscaleError(INVALID_TYPE, `${type} doesn't exist.`);
      keeper.grant(context, pair, grant);
      const value = MsgGrantResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgGrantResponse`, value };
    },
  };
}

function aminoMessages(messages: readonly InnerMessage[]): Json[] | undefined {
  const forms: Json[] = [];
  for (const { handler, value } of messages) {
    const form = handler.amino?.toJson(value);
    if (!handler.amino || form === undefined) return undefined;
    forms.push({ type: handler.amino.type, value: form });
  }
  return forms;
}

function execHandler(keeper: AuthzKeeper, executor: Executor): MessageHandler<MsgExec> {
  const { addresses } = keeper.accounts;
  return {
    typeUrl: EXEC_TYPE,
    codec: MsgExec,
    amino: {
      type: 'cosmos-sdk/MsgExec',
      toJson(message) {
        const msgs = aminoMessages(executor.messagesOf(message));
        return msgs && { grantee: message.grantee, msgs };
      },
    },
    signers(message) {
      executor.messagesOf(message);
      return [addresses.read(message.grantee)];
    },
    validate: (message) => executor.validate(message),
    execute(context, message) {
      executor.validate(message);
      const grantee = addresses.read(message.grantee);
      const results = executor.run(context, grantee, executor.messagesOf(message));
      const value = MsgExecResponse.encode({ results }).finish();
      return { typeUrl: `${PACKAGE}.MsgExecResponse`, value };
    },
  };
}

function revokeHandler(keeper: AuthzKeeper): MessageHandler<MsgRevoke> {
  const { addresses } = keeper.accounts;
  return {
    typeUrl: `${PACKAGE}.MsgRevoke`,
    codec: MsgRevoke,
    amino: {
      type: 'cosmos-sdk/MsgRevoke',
      toJson: ({ granter, grantee, msgTypeUrl }) => ({
        grantee,
        granter,
        msg_type_url: msgTypeUrl,
      }),
    },
    signers: ({ granter }) => [addresses.read(granter)],
    validate(message) {
      readPair(message, addresses);
      if (message.msgTypeUrl === '') {
        throw new BitscaleError(INVALID_REQUEST, 'missing msg method name');
      }
    },
    execute(context, message) {
      keeper.revoke(context, readPair(message, addresses), message.msgTypeUrl);
      const value = MsgRevokeResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgRevokeResponse`, value };
    },
  };
}
