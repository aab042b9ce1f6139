import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nestsDeeper } from '../../../node/rpc/dispatch.ts';

/** Depth by definition: parse, then count. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('rpc/dispatch', () => {
  it('measures the depth of any JSON text as its parser would', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(JSON.parse(text));
        assert.equal(nestsDeeper(text, depth), false);
        if (depth > 0) assert.equal(nestsDeeper(text, depth - 1), true);
      }),
    );
  });

  for (const [text, deep] of [
    ['"[[[["', false],
    ['"\\"[[[["', false],
    ['"\\\\"[[[[', true],
    ['"unfinished [[[[', false],
    ['[[[', true],
    ['[[]][[]]', false],
  ] as const) {
    it(`finds ${text} ${deep ? 'deeper' : 'not deeper'} than 2`, () => {
      assert.equal(nestsDeeper(text, 2), deep);
    });
  }
});
