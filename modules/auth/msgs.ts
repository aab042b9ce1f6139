/** MsgUpdateParams: for the authority only. */
import { MsgUpdateParams, MsgUpdateParamsResponse } from 'cosmjs-types/cosmos/auth/v1beta1/tx';
import { BitscaleError } from '../../node/base/errors.ts';
import { INVALID_REQUEST } from '../../node/base/sdk-errors.ts';
import { requireAuthority, type Authority } from '../../node/app/authority.ts';
import { readAddress } from '../../node/app/message-fields.ts';
import type { MessageHandler } from '../../node/app/module.ts';
import type { AuthKeeper } from './keeper.ts';
import { faultOf, writeParams } from './params.ts';

function check({ params }: MsgUpdateParams): void {
  const fault = faultOf(params);
  if (fault !== undefined) throw new BitscaleError(INVALID_REQUEST, fault);
}

export function updateParams(
  keeper: AuthKeeper,
  authority: Authority,
): MessageHandler<MsgUpdateParams> {
  const { addresses } = keeper;
  return {
    typeUrl: '/cosmos.auth.v1beta1.MsgUpdateParams',
    codec: MsgUpdateParams,
    amino: {
      type: 'cosmos-sdk/x/auth/MsgUpdateParams',
      toJson(message) {
        const fields = Object.entries(writeParams(message.params));
        const params = Object.fromEntries(fields.filter(([, value]) => value !== '0'));
        return { authority: message.authority, params };
      },
    },
    signers: (message) => [readAddress(addresses, message.authority, 'authority')],
    validate: check,
    execute(context, message) {
      requireAuthority(context, { authority, addresses }, message.authority);
      check(message);
      keeper.setParams(context, message.params);
      const value = MsgUpdateParamsResponse.encode({}).finish();
      return { typeUrl: '/cosmos.auth.v1beta1.MsgUpdateParamsResponse', value };
    },
  };
}
