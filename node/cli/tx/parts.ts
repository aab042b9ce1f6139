/** A transaction while it is made: its parts, their bytes, and the JSON in which it goes from hand to hand. */
import { AuthInfo, Tx, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Any } from 'cosmjs-types/google/protobuf/any';
import type { Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { strictDecode } from '../../base/strict-decode.ts';
import type { JsonCodec } from '../../gateway/expected.ts';
import { toJson, type Json, type TypeFinder } from '../../gateway/json/to-json.ts';
import { readProtoJson } from './proto-json.ts';

export interface TxParts {
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  readonly signatures: readonly Bytes[];
}

export function encodeParts({ body, authInfo, signatures }: TxParts): Bytes {
  return TxRaw.encode({
    bodyBytes: TxBody.encode(body).finish(),
    authInfoBytes: AuthInfo.encode(authInfo).finish(),
    signatures: [...signatures],
  }).finish();
}

/** Throws ExitError 65 unless these are the bytes of a transaction. */
export function decodeParts(bytes: Bytes): TxParts {
  if (bytes.length === 0) throw new ExitError(EXIT_DATA, 'not a transaction: no bytes');
  try {
    const { bodyBytes, authInfoBytes, signatures } = strictDecode(TxRaw, bytes);
    const body = strictDecode(TxBody, bodyBytes);
    return { body, authInfo: strictDecode(AuthInfo, authInfoBytes), signatures };
  } catch (cause) {
    if (!(cause instanceof BitscaleError)) throw cause;
    throw new ExitError(EXIT_DATA, `not a transaction: ${cause.message}`, { cause });
  }
}

/** As the programs of the Cosmos SDK write it; those before 0.53 know of no unordered transactions. */
export function partsJson({ body, authInfo, signatures }: TxParts, types: TypeFinder): Json {
  const tx: Tx = { body, authInfo, signatures: [...signatures] };
  const json = toJson(Tx as unknown as JsonCodec, tx, types) as { body: Record<string, Json> };
  if (!body.unordered) delete json.body['unordered'];
  if (!body.timeoutTimestamp) delete json.body['timeout_timestamp'];
  return json;
}

/** Throws ExitError 65 for JSON that is no transaction, or has a field that transactions do not have. */
export function readPartsJson(json: unknown): TxParts {
  const bytes = readProtoJson('cosmos.tx.v1beta1.Tx', json);
  const { body, authInfo, signatures } = Tx.decode(bytes);
  if (body === undefined || authInfo === undefined) {
    throw new ExitError(EXIT_DATA, 'a transaction has "body" and "auth_info"');
  }
  return { body, authInfo, signatures };
}

/** A message as `{"@type": ..., ...}`. Throws ExitError 65. */
export function readMessageJson(json: unknown): Any {
  const body = readProtoJson('cosmos.tx.v1beta1.TxBody', { messages: [json] });
  return TxBody.decode(body).messages[0]!;
}
