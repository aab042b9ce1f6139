/** The `upgrade` part of the genesis file; the SDK's is empty and accepted. */
import { Plan } from 'cosmjs-types/cosmos/upgrade/v1beta1/upgrade';
import { equal } from '../../node/base/bytes.ts';
import { parseUint64 } from '../../node/base/int.ts';
import { ZERO_TIME } from '../../node/base/time.ts';
import type { Context } from '../../node/app/context.ts';
import { field, list, object, text } from '../../node/app/genesis-json.ts';
import type { UpgradeKeeper } from './keeper.ts';

export function initUpgrade(context: Context, json: unknown, keeper: UpgradeKeeper): void {
  const { authority = null, plan = null, applied = [] } = object(json ?? {}, 'upgrade');
  keeper.writeVersions(context);
  if (authority !== null) {
    const address = keeper.addresses.read(text(authority, 'upgrade.authority'));
    // What stands in the state is provable, so it does not depend on whether the file says the obvious.
    if (!equal(address, keeper.authority(context))) keeper.setAuthority(context, address);
  }
  for (const item of list(applied, 'upgrade.applied')) {
    const done = object(item, 'upgrade.applied');
    const name = text(field(done, 'name'), 'upgrade.applied.name');
    keeper.setDone(context, { name, height: parseUint64(field(done, 'height')) });
  }
  if (plan === null) return;
  const written = object(plan, 'upgrade.plan');
  const name = text(field(written, 'name'), 'upgrade.plan.name');
  const height = parseUint64(field(written, 'height'));
  const info = text(written['info'] ?? '', 'upgrade.plan.info');
  keeper.schedule(context, Plan.fromPartial({ name, height, info, time: ZERO_TIME }));
}

export function exportUpgrade(context: Context, keeper: UpgradeKeeper): unknown {
  const plan = keeper.plan(context);
  return {
    authority: keeper.addresses.write(keeper.authority(context)),
    applied: [...keeper.done(context)].map(({ name, height }) => ({
      name,
      height: String(height),
    })),
    plan: plan ? { name: plan.name, height: String(plan.height), info: plan.info } : null,
  };
}
