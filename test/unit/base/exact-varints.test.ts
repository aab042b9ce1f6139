import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Timestamp } from 'cosmjs-types/google/protobuf/timestamp';
import { Fee } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { toHex } from '../../../node/base/bytes.ts';
import '../../../node/base/exact-varints.ts';
import { importsOf, parseSource } from '../../tidy/parse.ts';
import { resolveImport } from '../../tidy/floors.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Everything that a program loads or may load, from the root of the repository. */
function closure(program: string): Set<string> {
  const found = new Set<string>();
  const queue = [program];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path) || !existsSync(ROOT + path)) continue;
    found.add(path);
    const source = parseSource(path, readFileSync(ROOT + path, 'utf8'));
    for (const { specifier } of importsOf(source)) {
      const next = resolveImport(path, specifier);
      if (next !== undefined) queue.push(next);
    }
  }
  return found;
}

/** The varint of `bits`, by its definition. */
function varint(bits: bigint): number[] {
  return bits < 128n ? [Number(bits)] : [Number((bits & 127n) | 128n), ...varint(bits >> 7n)];
}

const hex = (numbers: number[]): string => toHex(Uint8Array.from(numbers));

describe('base/64-bit integers in protobuf', () => {
  for (const program of ['node/cli/main.ts', 'services/demo/demo.ts']) {
    it(`are right in all of ${program}`, () => {
      const files = closure(program);
      assert.ok(files.size > 5, [...files].join());
      assert.ok(files.has('node/base/exact-varints.ts'));
    });
  }

  const edges = [
    1n,
    127n,
    128n,
    (1n << 31n) - 1n,
    1n << 31n,
    (1n << 32n) - 1n,
    1n << 32n,
    1n << 62n,
  ];

  it('unsigned ones are written as the format says', () => {
    const check = (gasLimit: bigint): void => {
      const bytes = Fee.encode(Fee.fromPartial({ gasLimit })).finish();
      assert.equal(toHex(bytes), hex([0x10, ...varint(gasLimit)]));
      assert.equal(Fee.decode(bytes).gasLimit, gasLimit);
    };
    [...edges, (1n << 64n) - 1n].forEach(check);
    fc.assert(fc.property(fc.bigInt(1n, (1n << 64n) - 1n), check));
    fc.assert(fc.property(fc.bigInt(1n << 31n, 1n << 32n), check));
  });

  it('signed ones are written as the format says', () => {
    const check = (seconds: bigint): void => {
      const bytes = Timestamp.encode({ seconds, nanos: 0 }).finish();
      assert.equal(toHex(bytes), hex([0x08, ...varint(BigInt.asUintN(64, seconds))]));
      assert.equal(Timestamp.decode(bytes).seconds, seconds);
    };
    edges.flatMap((edge) => [edge, -edge]).forEach(check);
    fc.assert(fc.property(fc.bigInt(-(1n << 63n), -1n), check));
  });
});
