/** What an answer in JSON must look like to be understood by a client that was not written for us. */
import assert from 'node:assert/strict';

export type Shape =
  | RegExp
  | typeof Number
  | typeof Boolean
  | null
  | readonly Shape[]
  | typeof ANY
  | { readonly [name: string]: Shape };

/** Something; what it is, others check. */
export const ANY = Symbol('anything');
/** 64-bit integers, amounts. */
export const INT = /^-?\d+$/;
export const DEC = /^\d+\.\d{18}$/;
export const TEXT = /^[^]*$/;
export const NAME = /./;
export const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
export const DURATION = /^\d+(\.\d+)?s$/;
export const COIN: Shape = { denom: NAME, amount: INT };
export const LAST_PAGE: Shape = { next_key: null, total: INT };

/** Names must be these and no others; `[shape]` is a list that is not empty, `[]` any list. */
export function assertShape(value: unknown, shape: Shape, place = 'answer'): void {
  const shown = `${place}: ${JSON.stringify(value)}`;
  if (shape === ANY) assert.ok(typeof value === 'object' && value !== null, shown);
  else if (shape === null) assert.equal(value, null, shown);
  else if (shape instanceof RegExp) {
    assert.equal(typeof value, 'string', shown);
    assert.match(String(value), shape, shown);
  } else if (shape === Number || shape === Boolean) {
    assert.equal(typeof value, shape.name.toLowerCase(), shown);
  } else if (Array.isArray(shape)) {
    assert.ok(Array.isArray(value), shown);
    const [item] = shape as readonly Shape[];
    if (item === undefined) return;
    assert.notEqual(value.length, 0, shown);
    for (const [i, each] of value.entries()) assertShape(each, item, `${place}[${i}]`);
  } else {
    assert.ok(typeof value === 'object' && value !== null, shown);
    const entries = value as Record<string, unknown>;
    assert.deepEqual(Object.keys(entries).sort(), Object.keys(shape).sort(), shown);
    for (const [name, inner] of Object.entries(shape as Record<string, Shape>)) {
      assertShape(entries[name], inner, `${place}.${name}`);
    }
  }
}
