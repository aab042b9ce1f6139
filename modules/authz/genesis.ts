/** The `authz` part of the genesis file, in the shape the Cosmos SDK gives it. */
import { BitscaleError } from '../../node/base/errors.ts';
import { compareTime, formatTime, parseTime, type Time } from '../../node/base/time.ts';
import type { Context } from '../../node/app/context.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import { checkAuthorization, readAuthorization, writeAuthorization } from './authorization.ts';
import type { AuthzKeeper } from './keeper.ts';

export function initAuthz(context: Context, json: unknown, keeper: AuthzKeeper): void {
  const { addresses } = keeper.accounts;
  const state = object(json ?? {}, 'authz');
  for (const item of list(state['authorization'] ?? [], 'authz.authorization')) {
    const entry = object(item, 'authorization');
    const authorization = readAuthorization(field(entry, 'authorization'));
    checkAuthorization(authorization);
    const expiration = readExpiration(entry['expiration']);
    if (expiration && compareTime(expiration, context.time) <= 0) continue;
    const pair = {
      granter: addresses.read(text(entry['granter'], 'granter')),
      grantee: addresses.read(text(entry['grantee'], 'grantee')),
    };
    keeper.grant(context, pair, { authorization, ...(expiration && { expiration }) });
  }
}

function readExpiration(json: unknown): Time | undefined {
  if (json === undefined || json === null) return undefined;
  const written = text(json, 'expiration');
  try {
    return parseTime(written);
  } catch (cause) {
    throw new BitscaleError(ErrGenesisShape, (cause as RangeError).message, { cause });
  }
}

export function exportAuthz(context: Context, keeper: AuthzKeeper): unknown {
  const { addresses } = keeper.accounts;
  const authorization = [...keeper.all(context)].map((grant) => ({
    granter: addresses.write(grant.granter),
    grantee: addresses.write(grant.grantee),
    authorization: writeAuthorization(grant.authorization),
    expiration: grant.expiration ? formatTime(grant.expiration) : null,
  }));
  return { authorization };
}
