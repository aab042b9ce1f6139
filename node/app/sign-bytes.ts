/** What a signer signs: the SignDoc of SIGN_MODE_DIRECT or the text of SIGN_MODE_LEGACY_AMINO_JSON. */
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { SignDoc } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { utf8, type Bytes } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/json.ts';
import type { Tx } from './tx.ts';

export interface SignerFacts {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** Undefined when this tx cannot be signed in this mode. */
export function signBytes(
  mode: SignMode | undefined,
  tx: Tx,
  signer: SignerFacts,
): Bytes | undefined {
  if (mode === SignMode.SIGN_MODE_DIRECT) {
    const { bodyBytes, authInfoBytes } = tx;
    const { chainId, accountNumber } = signer;
    return SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
  }
  if (mode !== SignMode.SIGN_MODE_LEGACY_AMINO_JSON) return undefined;
  const text = aminoText(tx, signer);
  return text === undefined ? undefined : utf8(text);
}

function aminoText(tx: Tx, { chainId, accountNumber, sequence }: SignerFacts): string | undefined {
  const { body, fee } = tx;
  // The old form has no place for these; leaving them out would leave them unsigned.
  if (body.timeoutTimestamp || body.unordered || tx.authInfo.tip) return undefined;
  const msgs: Json[] = [];
  for (const { handler, value } of tx.messages) {
    const form = handler.amino?.toJson(value);
    if (!handler.amino || form === undefined) return undefined;
    msgs.push({ type: handler.amino.type, value: form });
  }
  const doc: Json = {
    account_number: String(accountNumber),
    chain_id: chainId,
    fee: {
      amount: fee.amount.map(({ denom, amount }) => ({ denom, amount })),
      gas: String(fee.gasLimit),
      granter: fee.granter === '' ? undefined : fee.granter,
      payer: fee.payer === '' ? undefined : fee.payer,
    },
    memo: body.memo,
    msgs,
    sequence: String(sequence),
    timeout_height: body.timeoutHeight === 0n ? undefined : String(body.timeoutHeight),
  };
  return escapeAsGo(canonicalJson(doc));
}

/** Go's JSON escapes what could end a script in a web page. */
function escapeAsGo(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
