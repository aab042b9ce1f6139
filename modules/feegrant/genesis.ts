/** The `feegrant` part of the genesis file, in the shape the Cosmos SDK gives it. */
import { compareTime } from '../../node/base/time.ts';
import type { Context } from '../../node/app/context.ts';
import { field, list, object, text } from '../../node/app/genesis-json.ts';
import { checkAllowance, expiryOf } from './allowance.ts';
import { readAllowance, writeAllowance } from './allowance-json.ts';
import { storedAllowance, type FeegrantKeeper } from './keeper.ts';

export function initFeegrant(context: Context, json: unknown, keeper: FeegrantKeeper): void {
  const { addresses } = keeper.accounts;
  const state = object(json ?? {}, 'feegrant');
  for (const item of list(state['allowances'] ?? [], 'feegrant.allowances')) {
    const grant = object(item, 'allowances');
    const allowance = readAllowance(field(grant, 'allowance'));
    checkAllowance(allowance);
    const expiry = expiryOf(allowance);
    if (expiry && compareTime(expiry, context.time) < 0) continue;
    const pair = {
      granter: addresses.read(text(grant['granter'], 'granter')),
      grantee: addresses.read(text(grant['grantee'], 'grantee')),
    };
    keeper.grant(context, pair, allowance);
  }
}

export function exportFeegrant(context: Context, keeper: FeegrantKeeper): unknown {
  const allowances = [...keeper.all(context)].map((grant) => ({
    granter: grant.granter,
    grantee: grant.grantee,
    allowance: writeAllowance(storedAllowance(grant)),
  }));
  return { allowances };
}
