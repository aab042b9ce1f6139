/** The parts of a transaction as they stand in its bytes, strictly: exactly one byte string encodes them. */
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, TxBody, TxRaw, type Fee } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { SignerInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Any } from 'cosmjs-types/google/protobuf/any';
import type { Bytes } from '../base/bytes.ts';
import type { CoinText } from '../base/coin.ts';
import { PlainReader } from '../base/plain-reader.ts';
import { strictDecode } from '../base/strict-decode.ts';

export interface TxParts {
  /** All before the signatures: body and AuthInfo, each with tag and length. */
  readonly signed: Bytes;
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  readonly signatures: Bytes[];
}

const NO_OPTIONS: Any[] = [];
/** As nearly all sign. */
const DIRECT: SignerInfo['modeInfo'] = {
  single: { mode: SignMode.SIGN_MODE_DIRECT },
  multi: undefined,
};

/** Throws sdk/2 for what is not canonical. */
export function readTxParts(bytes: Bytes): TxParts {
  return readPlainTx(bytes) ?? readAnyTx(bytes);
}

export function readAnyTx(bytes: Bytes): TxParts {
  const { bodyBytes, authInfoBytes, signatures } = strictDecode(TxRaw, bytes);
  const body = strictDecode(TxBody, bodyBytes);
  const authInfo = strictDecode(AuthInfo, authInfoBytes);
  const signed = TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [] }).finish();
  return { signed, body, authInfo, signatures };
}

/** Of the most usual form only: undefined for others, good or bad. Bytes in it are views. */
export function readPlainTx(bytes: Bytes): TxParts | undefined {
  const reader = new PlainReader(bytes);
  if (!reader.enter(1)) return undefined;
  const body = readBody(reader);
  reader.leave();
  if (!reader.enter(2)) return undefined;
  const authInfo = readAuthInfo(reader);
  reader.leave();
  const signed = bytes.subarray(0, reader.at);
  const signatures: Bytes[] = [];
  for (let one = reader.item(3); one; one = reader.item(3)) signatures.push(one);
  // Neither may be there when it is empty.
  const isFull = body.messages.length > 0 && authInfo.fee !== undefined;
  return reader.isDone && isFull ? { signed, body, authInfo, signatures } : undefined;
}

function readBody(reader: PlainReader): TxBody {
  const messages: Any[] = [];
  while (reader.enter(1)) messages.push(readPlainAny(reader));
  return {
    messages,
    memo: reader.text(2),
    timeoutHeight: reader.uint64(3),
    unordered: reader.flag(4),
    timeoutTimestamp: undefined,
    extensionOptions: NO_OPTIONS,
    nonCriticalExtensionOptions: NO_OPTIONS,
  };
}

/** Of a message that was entered, as all below. */
export function readPlainAny(reader: PlainReader): Any {
  const any = { typeUrl: reader.text(1), value: reader.bytes(2) };
  reader.leave();
  return any;
}

function readAuthInfo(reader: PlainReader): AuthInfo {
  const signerInfos: SignerInfo[] = [];
  while (reader.enter(1)) signerInfos.push(readSignerInfo(reader));
  const fee = reader.enter(2) ? readFee(reader) : undefined;
  return { signerInfos, fee, tip: undefined };
}

function readSignerInfo(reader: PlainReader): SignerInfo {
  const publicKey = reader.enter(1) ? readPlainAny(reader) : undefined;
  const modeInfo = reader.enter(2) ? readModeInfo(reader) : undefined;
  const info = { publicKey, modeInfo, sequence: reader.uint64(3) };
  reader.leave();
  return info;
}

/** A single signature's. */
function readModeInfo(reader: PlainReader): SignerInfo['modeInfo'] {
  const isSingle = reader.enter(1);
  const mode = isSingle ? reader.int32(1) : 0;
  if (isSingle) reader.leave();
  reader.leave();
  if (mode === SignMode.SIGN_MODE_DIRECT) return DIRECT;
  return { single: isSingle ? { mode } : undefined, multi: undefined };
}

function readFee(reader: PlainReader): Fee {
  const fee = {
    amount: readPlainCoins(reader, 1),
    gasLimit: reader.uint64(2),
    payer: reader.text(3),
    granter: reader.text(4),
  };
  reader.leave();
  return fee;
}

/** The list of coins in this field of the message at hand. */
export function readPlainCoins(reader: PlainReader, field: number): CoinText[] {
  const coins: CoinText[] = [];
  while (reader.enter(field)) {
    coins.push({ denom: reader.text(1), amount: reader.text(2) });
    reader.leave();
  }
  return coins;
}
