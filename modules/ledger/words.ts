/**
 * Packing of small fields into one field element, first field lowest. The widths are the table the
 * circuit's range checks are generated from, so what packs here is exactly what the circuit accepts.
 */
import { assert } from '../../node/base/errors.ts';
import { LAYOUT } from './layout.gen.ts';

export type WordName = keyof typeof LAYOUT;
type FieldOf<W extends WordName> = (typeof LAYOUT)[W][number][0];
export type WordFields<W extends WordName> = { readonly [F in FieldOf<W>]: bigint };

/** Throws InvariantError when a field is negative or wider than the table says: callers check users' input. */
export function pack<W extends WordName>(word: W, fields: WordFields<W>): bigint {
  let out = 0n;
  let shift = 0n;
  for (const [name, width] of LAYOUT[word]) {
    const value = fields[name as FieldOf<W>];
    assert(
      value >= 0n && value >> BigInt(width) === 0n,
      `${word}.${name} does not fit ${width} bits`,
    );
    out |= value << shift;
    shift += BigInt(width);
  }
  return out;
}

export function unpack<W extends WordName>(word: W, value: bigint): WordFields<W> {
  const out = {} as Record<FieldOf<W>, bigint>;
  let rest = value;
  for (const [name, width] of LAYOUT[word]) {
    out[name as FieldOf<W>] = rest & ((1n << BigInt(width)) - 1n);
    rest >>= BigInt(width);
  }
  assert(rest === 0n, `${word} has bits above its fields`);
  return out;
}

/** Does the value fit the field of that word? The one range rule for users' input. */
export function fits<W extends WordName>(word: W, field: FieldOf<W>, value: bigint): boolean {
  const entry = LAYOUT[word].find(([name]) => name === field);
  assert(entry !== undefined, `${word} has no field ${field}`);
  return value >= 0n && value >> BigInt(entry[1]) === 0n;
}
