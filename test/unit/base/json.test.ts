import assert from 'node:assert/strict';
import { InvariantError } from '../../../node/base/errors.ts';
import { canonicalJson } from '../../../node/base/json.ts';

describe('base/json', () => {
  it('sorts keys by their UTF-8 bytes at every depth and writes no white space', () => {
    const value = { b: [{ z: 1, a: null }], '\u{1f600}': 1, '\uff00': 2, a: 'x', gone: undefined };
    assert.equal(canonicalJson(value), '{"a":"x","b":[{"a":null,"z":1}],"\uff00":2,"\u{1f600}":1}');
  });

  it('stops a program that puts in a fraction or an unsafe integer', () => {
    for (const bad of [0.5, 2 ** 53, Number.NaN]) {
      assert.throws(() => canonicalJson({ bad }), InvariantError);
    }
  });
});
