import assert from 'node:assert/strict';
import { concat, fromHex, toHex, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError, InvariantError } from '../../../node/base/errors.ts';
import { checkCanonical, ProtoReader } from '../../../node/base/proto-reader.ts';
import { encodeVarint, lengthPrefixed, ProtoWriter } from '../../../node/base/proto-writer.ts';

interface Sample {
  count: bigint;
  name: string;
  parts: Bytes[];
  inner: bigint;
}

function decodeInner(reader: ProtoReader): bigint {
  let value = 0n;
  while (reader.next()) {
    if (reader.field === 1) value = reader.uint64();
    else reader.unknown();
  }
  return value;
}

function decodeSample(bytes: Bytes): Sample {
  const sample: Sample = { count: 0n, name: '', parts: [], inner: 0n };
  const reader = new ProtoReader(bytes, { repeated: [3] });
  while (reader.next()) {
    if (reader.field === 1) sample.count = reader.uint64();
    else if (reader.field === 2) sample.name = reader.string();
    else if (reader.field === 3) sample.parts.push(reader.bytes());
    else if (reader.field === 4) sample.inner = reader.message(decodeInner);
    else reader.unknown();
  }
  return sample;
}

function encodeSample(sample: Sample): Bytes {
  const writer = new ProtoWriter().uint64(1, sample.count).string(2, sample.name);
  for (const part of sample.parts) writer.bytes(3, part, { always: true });
  return writer.message(4, new ProtoWriter().uint64(1, sample.inner).finish()).finish();
}

/** `depth` messages inside each other, the outermost counted. */
function nested(depth: number): Bytes {
  let bytes: Bytes = new Uint8Array(0);
  for (let i = 1; i < depth; i++)
    bytes = new ProtoWriter().bytes(1, bytes, { always: true }).finish();
  return bytes;
}

function readNested(reader: ProtoReader): number {
  let depth = 1;
  while (reader.next()) depth = 1 + reader.message(readNested);
  return depth;
}

describe('base/proto-reader', () => {
  it('reads back what the writer wrote', () => {
    const sample = {
      count: 2n ** 64n - 1n,
      name: 'žluť',
      parts: [Uint8Array.of(1), new Uint8Array(0)],
      inner: 300n,
    };
    const bytes = encodeSample(sample);
    assert.deepEqual(decodeSample(bytes), sample);
    assert.deepEqual(checkCanonical(bytes, decodeSample, encodeSample), sample);
  });

  const refused: [string, string][] = [
    ['an unknown field', '2801'],
    ['a field twice', '08010802'],
    ['fields out of order', '12016108 01'.replace(' ', '')],
    ['a varint that is not minimal', '088100'],
    ['a tag that is not minimal', '880001'],
    ['a long varint that is not minimal', '08ffffffffffffffff8000'],
    ['a varint above 64 bits', '08ffffffffffffffffff02'],
    ['a varint of eleven bytes', '0880808080808080808080' + '01'],
    ['an unfinished varint', '0880'],
    ['a length beyond the end', '120561'],
    ['a huge length', '12ffffffffffffffff7f61'],
    ['a string that is not UTF-8', '1201ff'],
    ['an overlong UTF-8 sequence', '1202c080'],
    ['half a surrogate pair', '1203eda080'],
    ['a wrong wire type', '0a0101'],
    ['a group', '0b0c'],
    ['field number 0', '0001'],
    ['a field number above the largest', '808080808001' + '00'],
    ['an unknown field in an inner message', '22021001'],
  ];
  for (const [what, hex] of refused) {
    it(`answers sdk/2 to ${what}`, () => {
      assert.throws(
        () => decodeSample(fromHex(hex)),
        (error) => error instanceof BitscaleError && error.codespace === 'sdk' && error.code === 2,
      );
    });
  }

  it('refuses a zero that is written out when asked for the canonical form', () => {
    const bytes = fromHex('0800');
    assert.equal(decodeSample(bytes).count, 0n);
    assert.throws(() => checkCanonical(bytes, decodeSample, encodeSample), BitscaleError);
  });

  it('reads 32 messages inside each other and refuses 33', () => {
    assert.equal(readNested(new ProtoReader(nested(32))), 32);
    assert.throws(() => readNested(new ProtoReader(nested(33))), BitscaleError);
    assert.throws(() => readNested(new ProtoReader(nested(5_000))), BitscaleError);
  });

  it('skips unknown fields of every wire type only when allowed', () => {
    const bytes = fromHex('0801' + '1096' + '01' + '190102030405060708' + '220161' + '2d01020304');
    const reader = new ProtoReader(bytes, { allowUnknown: true });
    const seen: number[] = [];
    while (reader.next()) {
      seen.push(reader.field);
      reader.unknown();
    }
    assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  });

  it('reads signed values of every width', () => {
    const bytes = new ProtoWriter()
      .int64(1, -1)
      .sint64(2, -5n)
      .sfixed64(3, -7n)
      .int64(4, -(2n ** 63n))
      .bool(5, true)
      .int64(6, -3)
      .finish();
    const reader = new ProtoReader(bytes);
    const read = [
      () => reader.int64(),
      () => reader.sint64(),
      () => reader.sfixed64(),
      () => reader.int64(),
      () => reader.bool(),
      () => reader.int32(),
    ].map((value) => (reader.next(), value()));
    assert.deepEqual(read, [-1n, -5n, -7n, -(2n ** 63n), true, -3]);
    assert.equal(reader.next(), false);
  });

  it('refuses values that do not fit the narrower type', () => {
    const reader = (value: bigint): ProtoReader => {
      const made = new ProtoReader(new ProtoWriter().uint64(1, value).finish());
      made.next();
      return made;
    };
    assert.equal(reader(2n ** 32n - 1n).uint32(), 2 ** 32 - 1);
    assert.throws(() => reader(2n ** 32n).uint32(), BitscaleError);
    assert.throws(() => reader(2n ** 31n).int32(), BitscaleError);
    assert.equal(reader(2n ** 53n - 1n).safeInteger(), 2 ** 53 - 1);
    assert.throws(() => reader(2n ** 53n).safeInteger(), BitscaleError);
    assert.throws(() => reader(2n).bool(), BitscaleError);
  });

  it('gives bytes that do not change with the message they came in', () => {
    const message = fromHex('1a020102');
    const part = decodeSample(message).parts[0]!;
    message.fill(0);
    assert.equal(toHex(part), '0102');
  });
});

describe('base/proto-writer', () => {
  it('writes a message in place as it writes one that was encoded before', () => {
    for (const length of [0, 1, 100, 127, 128, 300, 16_383, 16_384, 40_000]) {
      for (const text of ['a'.repeat(length), 'é'.repeat(length)]) {
        const inner = new ProtoWriter().string(1, text).uint64(3, 7);
        const embedded = new ProtoWriter()
          .uint64(1, 5)
          .message(2, inner.finish(), { always: true })
          .string(3, 'end');
        const inPlace = new ProtoWriter()
          .uint64(1, 5)
          .nested(2, (writer) => writer.string(1, text).uint64(3, 7))
          .string(3, 'end');
        assert.equal(toHex(inPlace.finish()), toHex(embedded.finish()));
      }
    }
  });

  it('writes numbers and big integers as the same varint', () => {
    for (const value of [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1]) {
      const always = { always: true };
      const [small, large] = [new ProtoWriter(), new ProtoWriter()];
      small.uint64(1, value, always);
      large.uint64(1, BigInt(value), always);
      const written = small.finish();
      assert.equal(toHex(written), toHex(large.finish()));
      assert.equal(toHex(written.slice(1)), toHex(encodeVarint(value)));
    }
    const most = (1n << 64n) - 1n;
    assert.equal(toHex(new ProtoWriter().uint64(1, most).finish()), '08ffffffffffffffffff01');
  });

  it('a finished message never changes, and a writer is finished once', () => {
    const writer = new ProtoWriter().string(1, 'first');
    const first = writer.finish();
    const before = toHex(first);
    for (let i = 0; i < 40; i += 1) new ProtoWriter().bytes(2, new Uint8Array(i * 20)).finish();
    assert.equal(toHex(first), before);
    assert.throws(() => writer.finish(), /finished once/);
    assert.throws(() => writer.uint64(2, 1), Error);
  });

  it('writes fixed 64-bit numbers least significant byte first, negative ones too', () => {
    for (const value of [1n, -1n, 0x0102030405060708n, -(1n << 63n), (1n << 63n) - 1n]) {
      const expected = new Uint8Array(8);
      new DataView(expected.buffer).setBigInt64(0, value, true);
      const written = new ProtoWriter().sfixed64(1, value).finish();
      assert.equal(toHex(written), `09${toHex(expected)}`);
    }
  });

  it('writes minimal varints', () => {
    const table: [bigint, string][] = [
      [0n, '00'],
      [127n, '7f'],
      [128n, '8001'],
      [300n, 'ac02'],
      [2n ** 31n, '8080808008'],
      [2n ** 64n - 1n, 'ffffffffffffffffff01'],
    ];
    for (const [value, hex] of table) {
      assert.equal(toHex(encodeVarint(value)), hex);
      if (value < 2n ** 53n) assert.equal(toHex(encodeVarint(Number(value))), hex);
    }
  });

  it('leaves out defaults unless told to write them', () => {
    const empty = new Uint8Array(0);
    const writer = new ProtoWriter().uint64(1, 0).bool(2, false).bytes(3, empty).string(4, '');
    assert.equal(writer.message(5, empty).message(6, undefined).sfixed64(7, 0).finish().length, 0);
    const forced = new ProtoWriter()
      .uint64(1, 0, { always: true })
      .message(5, empty, { always: true });
    assert.equal(toHex(forced.finish()), '08002a00');
  });

  it('stops a program that writes fields out of order or values out of range', () => {
    assert.throws(() => new ProtoWriter().uint64(2, 1).uint64(1, 1), InvariantError);
    assert.throws(() => new ProtoWriter().uint64(1, 2n ** 64n), InvariantError);
    assert.throws(() => new ProtoWriter().int64(1, 2n ** 63n), InvariantError);
    assert.throws(() => new ProtoWriter().uint64(1, -1), InvariantError);
  });

  it('puts the length in front', () => {
    const message = new Uint8Array(300).fill(1);
    assert.deepEqual(lengthPrefixed(message), concat(fromHex('ac02'), message));
  });
});
