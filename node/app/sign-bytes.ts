/** What a signer signs: the SignDoc of SIGN_MODE_DIRECT or the text of SIGN_MODE_LEGACY_AMINO_JSON. */
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { utf8, type Bytes } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/json.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { Tx } from './tx.ts';

export interface SignerFacts {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** Undefined when this tx cannot be signed in this mode. To be hashed at once: it may lie in shared memory. */
export function signBytes(
  mode: SignMode | undefined,
  tx: Tx,
  signer: SignerFacts,
): Bytes | undefined {
  if (mode === SignMode.SIGN_MODE_DIRECT) return directBytes(tx.signed, signer);
  if (mode !== SignMode.SIGN_MODE_LEGACY_AMINO_JSON) return undefined;
  const text = aminoText(tx, signer);
  return text === undefined ? undefined : utf8(text);
}

/** A SignDoc begins as the transaction does; chain and account follow. */
function directBytes(signed: Bytes, { chainId, accountNumber }: SignerFacts): Bytes {
  const rest = new ProtoWriter().string(3, chainId).uint64(4, accountNumber).finish();
  const out = Buffer.allocUnsafe(signed.length + rest.length);
  out.set(signed);
  out.set(rest, signed.length);
  return out;
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
