/** MsgSoftwareUpgrade and MsgCancelUpgrade: for the authority only. */
import {
  MsgCancelUpgrade,
  MsgCancelUpgradeResponse,
  MsgSoftwareUpgrade,
  MsgSoftwareUpgradeResponse,
} from 'cosmjs-types/cosmos/upgrade/v1beta1/tx';
import { BitscaleError } from '../../node/base/errors.ts';
import { formatTime } from '../../node/base/time.ts';
import type { AnyMessageHandler, MessageHandler } from '../../node/app/module.ts';
import { readTimestamp } from '../../node/app/proto-time.ts';
import { checkPlan, type UpgradeKeeper } from './keeper.ts';

const PACKAGE = '/cosmos.upgrade.v1beta1';

export function upgradeMessages(keeper: UpgradeKeeper): readonly AnyMessageHandler[] {
  return [softwareUpgrade(keeper), cancelUpgrade(keeper)];
}

function checkPlanOf({ plan }: MsgSoftwareUpgrade): void {
  try {
    checkPlan(plan);
  } catch (error) {
    throw error instanceof BitscaleError ? error.within('plan') : error;
  }
}

function softwareUpgrade(keeper: UpgradeKeeper): MessageHandler<MsgSoftwareUpgrade> {
  return {
    typeUrl: `${PACKAGE}.MsgSoftwareUpgrade`,
    codec: MsgSoftwareUpgrade,
    amino: {
      type: 'cosmos-sdk/MsgSoftwareUpgrade',
      toJson({ authority, plan }) {
        // A client of IBC inside has no form here; such plans are refused anyway.
        if (plan.upgradedClientState) return undefined;
        const { name, time, height, info } = plan;
        return {
          authority,
          plan: {
            name: name === '' ? undefined : name,
            time: formatTime(readTimestamp(time)),
            height: height === 0n ? undefined : String(height),
            info: info === '' ? undefined : info,
          },
        };
      },
    },
    signers({ authority, plan }) {
      readTimestamp(plan.time);
      return [keeper.addresses.read(authority)];
    },
    validate: checkPlanOf,
    execute(context, message) {
      keeper.checkAuthority(context, message.authority);
      checkPlanOf(message);
      keeper.schedule(context, message.plan);
      const value = MsgSoftwareUpgradeResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgSoftwareUpgradeResponse`, value };
    },
  };
}

function cancelUpgrade(keeper: UpgradeKeeper): MessageHandler<MsgCancelUpgrade> {
  return {
    typeUrl: `${PACKAGE}.MsgCancelUpgrade`,
    codec: MsgCancelUpgrade,
    amino: { type: 'cosmos-sdk/MsgCancelUpgrade', toJson: ({ authority }) => ({ authority }) },
    signers: ({ authority }) => [keeper.addresses.read(authority)],
    validate: () => undefined,
    execute(context, { authority }) {
      keeper.checkAuthority(context, authority);
      keeper.cancel(context);
      const value = MsgCancelUpgradeResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgCancelUpgradeResponse`, value };
    },
  };
}
