import assert from 'node:assert/strict';
import { Any } from 'cosmjs-types/google/protobuf/any';
import { TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { concat, fromHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { strictDecode, type Codec } from '../../../node/base/strict-decode.ts';

function isTxDecode(error: unknown): boolean {
  return error instanceof BitscaleError && error.codespace === 'sdk' && error.code === 2;
}

const raw = TxRaw.encode(
  TxRaw.fromPartial({
    bodyBytes: utf8('body'),
    authInfoBytes: utf8('auth'),
    signatures: [utf8('s')],
  }),
).finish();

interface Nested {
  inner?: Nested;
}

/** A recursive message as a code generator would write it: it never looks at the depth. */
const nestedCodec: Codec<Nested> = {
  decode(bytes) {
    return bytes.length === 0 ? {} : { inner: nestedCodec.decode(bytes.subarray(2)) };
  },
  encode(message) {
    const inner = message.inner && nestedCodec.encode(message.inner).finish();
    const bytes = inner
      ? concat(Uint8Array.of(10, Math.min(inner.length, 127)), inner)
      : new Uint8Array(0);
    return { finish: () => bytes };
  },
};

function nestedBytes(depth: number): Bytes {
  let bytes: Bytes = new Uint8Array(0);
  for (let i = 1; i < depth; i++)
    bytes = concat(Uint8Array.of(10, Math.min(bytes.length, 127)), bytes);
  return bytes;
}

describe('base/strict-decode', () => {
  it('decodes the canonical encoding', () => {
    assert.deepEqual(strictDecode(TxRaw, raw).bodyBytes, utf8('body'));
  });

  const bad: [string, Bytes][] = [
    ['an unknown field', concat(raw, fromHex('2001'))],
    ['the body twice', concat(fromHex('0a0161'), raw)],
    ['fields out of order', concat(raw.slice(6), raw.slice(0, 6))],
    ['a length that is not minimal', concat(fromHex('0a8400'), raw.slice(2))],
    ['a truncated message', raw.slice(0, -1)],
    ['a group 5,000 deep', new Uint8Array(5_000).fill(0x23)],
    ['a group 200,000 deep', new Uint8Array(200_000).fill(0x23)],
    ['random bytes', Uint8Array.from({ length: 1_024 }, (_, i) => (i * i * 31 + 7 * i + 3) & 255)],
  ];
  for (const [what, bytes] of bad) {
    it(`answers sdk/2 to ${what}`, () => {
      assert.throws(() => strictDecode(TxRaw, bytes), isTxDecode);
    });
  }

  it('answers sdk/2 to a memo that is not UTF-8', () => {
    assert.throws(() => strictDecode(TxBody, fromHex('1202ff41')), isTxDecode);
    assert.equal(strictDecode(TxBody, fromHex('12024141')).memo, 'AA');
    // Half a character, which CosmJS reads and writes as if it were one.
    assert.throws(() => strictDecode(TxBody, fromHex('1203edbc90')), isTxDecode);
    const inside = Any.encode({ typeUrl: '/a\udc10', value: new Uint8Array(0) }).finish();
    assert.throws(() => strictDecode(TxBody, concat(fromHex('0a07'), inside)), isTxDecode);
    assert.equal(strictDecode(TxBody, fromHex('1204f09f9880')).memo, '\u{1f600}');
  });

  it('accepts 32 messages inside each other and refuses 33', () => {
    assert.ok(strictDecode(nestedCodec, nestedBytes(32)));
    assert.throws(() => strictDecode(nestedCodec, nestedBytes(33)), isTxDecode);
    assert.throws(() => strictDecode(nestedCodec, nestedBytes(5_000)), isTxDecode);
  });

  it('counts the messages around the one it decodes', () => {
    const bytes = Any.encode({ typeUrl: '/a', value: new Uint8Array(0) }).finish();
    assert.ok(strictDecode(Any, bytes, 31));
    assert.throws(() => strictDecode(Any, bytes, 32), isTxDecode);
    assert.throws(() => strictDecode(nestedCodec, nestedBytes(3), 30), isTxDecode);
  });
});
