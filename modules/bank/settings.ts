/** MsgUpdateParams and MsgSetSendEnabled: which coins users may send. For the authority only. */
import {
  MsgSetSendEnabled,
  MsgSetSendEnabledResponse,
  MsgUpdateParams,
  MsgUpdateParamsResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { isDenom } from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { INVALID_REQUEST } from '../../node/base/sdk-errors.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import { requireAuthority, type Authority } from '../../node/app/authority.ts';
import { readAddress } from '../../node/app/message-fields.ts';
import type { AnyMessageHandler, MessageHandler } from '../../node/app/module.ts';
import { clearSendEnabled, setSendEnabled, writeParams } from './balances.ts';

const PACKAGE = '/cosmos.bank.v1beta1';

export interface SettingParts {
  readonly addresses: AddressText;
  readonly authority: Authority;
}

export function settingMessages(parts: SettingParts): readonly AnyMessageHandler[] {
  return [updateParams(parts), setSendEnabledHandler(parts)];
}

const wrong = (detail: string): BitscaleError => new BitscaleError(INVALID_REQUEST, detail);

const signers =
  ({ addresses }: SettingParts) =>
  ({ authority }: { readonly authority: string }) => [
    readAddress(addresses, authority, 'authority'),
  ];

function checkParams({ params }: MsgUpdateParams): void {
  if (params.sendEnabled.length === 0) return;
  throw wrong('use of send_enabled in params is no longer supported');
}

function updateParams(parts: SettingParts): MessageHandler<MsgUpdateParams> {
  return {
    typeUrl: `${PACKAGE}.MsgUpdateParams`,
    codec: MsgUpdateParams,
    amino: {
      type: 'cosmos-sdk/x/bank/MsgUpdateParams',
      toJson({ authority, params }) {
        // Such parameters are refused; they need no form.
        if (params.sendEnabled.length > 0) return undefined;
        const default_send_enabled = params.defaultSendEnabled || undefined;
        return { authority, params: { default_send_enabled } };
      },
    },
    signers: signers(parts),
    validate: checkParams,
    execute(context, message) {
      requireAuthority(context, parts, message.authority);
      checkParams(message);
      writeParams(context, message.params.defaultSendEnabled);
      const value = MsgUpdateParamsResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgUpdateParamsResponse`, value };
    },
  };
}

function checkSendEnabled({ sendEnabled, useDefaultFor }: MsgSetSendEnabled): void {
  const seen = new Set<string>();
  for (const { denom } of sendEnabled) {
    if (seen.has(denom)) throw wrong(`duplicate denom entries found for "${denom}"`);
    seen.add(denom);
    if (!isDenom(denom))
      throw wrong(`invalid SendEnabled denom "${denom}": invalid denom: ${denom}`);
  }
  for (const denom of useDefaultFor) {
    if (isDenom(denom)) continue;
    throw wrong(`invalid UseDefaultFor denom "${denom}": invalid denom: ${denom}`);
  }
}

function setSendEnabledHandler(parts: SettingParts): MessageHandler<MsgSetSendEnabled> {
  return {
    typeUrl: `${PACKAGE}.MsgSetSendEnabled`,
    codec: MsgSetSendEnabled,
    amino: {
      type: 'cosmos-sdk/MsgSetSendEnabled',
      toJson: ({ authority, sendEnabled, useDefaultFor }) => ({
        authority,
        send_enabled:
          sendEnabled.length === 0
            ? undefined
            : sendEnabled.map(({ denom, enabled }) => ({ denom, enabled: enabled || undefined })),
        use_default_for: useDefaultFor.length === 0 ? undefined : useDefaultFor,
      }),
    },
    signers: signers(parts),
    validate: checkSendEnabled,
    execute(context, message) {
      requireAuthority(context, parts, message.authority);
      checkSendEnabled(message);
      for (const entry of message.sendEnabled) setSendEnabled(context, entry);
      for (const denom of message.useDefaultFor) clearSendEnabled(context, denom);
      const value = MsgSetSendEnabledResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgSetSendEnabledResponse`, value };
    },
  };
}
