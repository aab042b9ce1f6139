/**
 * Is this the one encoding of a transaction? Decided from the bytes and a table of fields, with no generated
 * code and nothing of the node: shortest varints, fields in ascending order, singular ones once, no defaults
 * written out, no unknown fields, UTF-8. Answers what is wrong, or undefined.
 */
type Bytes = Uint8Array;

/** A message by its fields; `*` marks what may come several times. */
export type Shape = Readonly<Record<number, string>>;

const COIN = 'Coin';
const SHAPES: Readonly<Record<string, Shape>> = {
  TxRaw: { 1: 'TxBody', 2: 'AuthInfo', 3: 'bytes*' },
  TxBody: {
    1: 'Any*',
    2: 'string',
    3: 'varint',
    4: 'varint',
    5: 'Timestamp',
    1023: 'Any*',
    2047: 'Any*',
  },
  AuthInfo: { 1: 'SignerInfo*', 2: 'Fee', 3: 'Tip' },
  SignerInfo: { 1: 'Any', 2: 'ModeInfo', 3: 'varint' },
  ModeInfo: { 1: 'Single', 2: 'Multi' },
  Single: { 1: 'varint' },
  Multi: { 1: 'Bits', 2: 'ModeInfo*' },
  Bits: { 1: 'varint', 2: 'bytes' },
  Timestamp: { 1: 'varint', 2: 'varint' },
  Fee: { 1: `${COIN}*`, 2: 'varint', 3: 'string', 4: 'string' },
  Tip: { 1: `${COIN}*`, 2: 'string' },
  Coin: { 1: 'string', 2: 'string' },
  Any: { 1: 'string', 2: 'any' },
  '/cosmos.bank.v1beta1.MsgSend': { 1: 'string', 2: 'string', 3: `${COIN}*` },
  '/cosmos.bank.v1beta1.MsgMultiSend': { 1: 'Party*', 2: 'Party*' },
  Party: { 1: 'string', 2: `${COIN}*` },
  '/cosmos.crypto.secp256k1.PubKey': { 1: 'bytes' },
  '/cosmos.crypto.multisig.LegacyAminoPubKey': { 1: 'varint', 2: 'Any*' },
};
/** Written even when they are empty: members of a list, and messages that are there. */
const SCALARS = new Set(['string', 'bytes', 'varint', 'any']);

class Reader {
  readonly bytes: Bytes;
  at = 0;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  varint(): bigint {
    let value = 0n;
    for (let count = 0; ; count++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error('ends in a varint');
      value |= BigInt(byte & 127) << BigInt(7 * count);
      if (byte < 128) {
        if (byte === 0 && count > 0) throw new Error('a varint that is not the shortest');
        if (value >= 1n << 64n) throw new Error('a varint of more than 64 bits');
        return value;
      }
      if (count > 9) throw new Error('a varint of more than ten bytes');
    }
  }

  take(): Bytes {
    const length = Number(this.varint());
    const taken = this.bytes.subarray(this.at, this.at + length);
    if (taken.length !== length) throw new Error('ends in a field');
    this.at += length;
    return taken;
  }
}

function walk(bytes: Bytes, name: string): void {
  const shape = SHAPES[name];
  if (!shape) throw new Error(`no table for ${name}`);
  const reader = new Reader(bytes);
  let last = 0;
  let type = '';
  while (reader.at < bytes.length) {
    const tag = Number(reader.varint());
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    const entry = shape[field];
    if (entry === undefined) throw new Error(`unknown field ${field} of ${name}`);
    const [kind, isList] = [entry.replace('*', ''), entry.endsWith('*')];
    if (field < last || (field === last && !isList)) throw new Error(`field ${field} out of order`);
    last = field;
    if (wire !== (kind === 'varint' ? 0 : 2))
      throw new Error(`wire type ${wire} of field ${field}`);
    const value = wire === 0 ? reader.varint() : reader.take();
    const isEmpty = typeof value === 'bigint' ? value === 0n : value.length === 0;
    if (isEmpty && SCALARS.has(kind) && !isList) throw new Error(`field ${field} holds a default`);
    if (typeof value === 'bigint' || kind === 'bytes') continue;
    if (kind === 'string') type = new TextDecoder('utf-8', { fatal: true }).decode(value);
    else if (kind !== 'any') walk(value, kind);
    else if (type in SHAPES) walk(value, type);
  }
}

export function notCanonical(tx: Bytes): string | undefined {
  try {
    walk(tx, 'TxRaw');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
