import assert from 'node:assert/strict';
import { MAX_QUERY_BYTES } from '../../../../node/base/limits.ts';
import { RpcError } from '../../../../node/rpc/errors.ts';
import { matchesTags, parseQuery } from '../../../../node/rpc/query/query.ts';

const tags = (entries: Record<string, string[]>): Map<string, string[]> =>
  new Map(Object.entries(entries));

function refusal(text: string): RpcError {
  try {
    parseQuery(text);
  } catch (error) {
    assert.ok(error instanceof RpcError);
    return error;
  }
  return assert.fail(`accepted: ${text}`);
}

describe('rpc/query', () => {
  for (const [query, value, expected] of [
    ["a.b='x'", 'x', true],
    ["a.b = 'x'", 'y', false],
    ['a.b=8', '8', true],
    ['a.b=8', '8atom', true],
    ['a.b=8', '8.0', true],
    ['a.b=8', '-8', false],
    ['a.b=8', 'atom', false],
    ['a.b < 10', '9.99', true],
    ['a.b<10', '10', false],
    ['a.b<=10', '10', true],
    ['a.b>9007199254740993', '9007199254740994', true],
    ['a.b>9007199254740993', '9007199254740993', false],
    ['a.b>=007', '7', true],
    ["a.b CONTAINS 'ell'", 'hello', true],
    ["a.b CONTAINS 'x'", 'hello', false],
    ['a.b EXISTS', '', true],
    ['a.c EXISTS', 'x', false],
    ['a EXISTS', 'x', true],
    ['a.b > DATE 2020-01-01', '2020-01-02', true],
    ['a.b > DATE 2020-01-01', 'tomorrow', false],
    ['a.b >= TIME 2020-01-01T00:00:00Z', '2020-01-01T00:00:00.5Z', true],
    ['a.b = TIME 2020-01-01T01:00:00+01:00', '2020-01-01T00:00:00Z', true],
    ["a.b = 'x' AND a.b EXISTS", 'x', true],
    ["a.b = 'x' AND a.b = 'y'", 'x', false],
    ["a.b='AND'", 'AND', true],
  ] as const) {
    it(`${query} is ${expected} for "${value}"`, () => {
      assert.equal(matchesTags(parseQuery(query), tags({ 'a.b': [value] })), expected);
    });
  }

  it('looks at every value of a key', () => {
    assert.ok(matchesTags(parseQuery("a.b='y'"), tags({ 'a.b': ['x', 'y'] })));
  });

  for (const [query, code, data] of [
    ["a.b='c", -32602, 'failed to parse query: offset 4: EOF'],
    ["a.b='c' AND d='", -32602, 'failed to parse query: offset 14: EOF'],
    ['a.b=#', -32602, 'failed to parse query: offset 4: invalid input # at offset 5'],
    ['a.b = TIME 2020-13-01T00:00:00Z', -32602, /invalid TIME value/],
    ['a.b = DATE 2021-02-29', -32602, /invalid DATE value/],
    ['a.b = DATE 1899-01-01', -32602, /invalid DATE value/],
    ['', -32603, 'failed to parse query: offset 0: EOF'],
    ['a.b', -32603, 'failed to parse query: offset 3: EOF'],
    ['a.b < ', -32603, 'failed to parse query: offset 6: EOF'],
    ["a.b < 'x'", -32603, /offset 6: got string, wanted number, timestamp or datestamp/],
    ['a.b CONTAINS 5', -32603, /offset 13: got number, wanted string/],
    ["a.b='c' OR d='e'", -32603, /offset 8: got tag, wanted AND operator/],
    ["AND a.b='c'", -32603, /got AND operator, wanted tag/],
  ] as const) {
    it(`refuses ${query || 'an empty text'} with ${code}`, () => {
      const error = refusal(query);
      assert.equal(error.code, code);
      if (typeof data === 'string') assert.equal(error.data, data);
      else assert.match(error.data, data);
    });
  }

  it('accepts the longest query and refuses one byte more', () => {
    const filler = 'x'.repeat(MAX_QUERY_BYTES - "a=''".length);
    assert.equal(parseQuery(`a='${filler}'`).conditions.length, 1);
    assert.equal(refusal(`a='${filler}x'`).data, 'maximum query length exceeded');
  });

  it('gives queries that differ only in spaces the same text', () => {
    assert.equal(parseQuery("a.b='c'AND d>5").text, parseQuery("a.b = 'c'  AND d > 5").text);
  });

  it('handles hostile texts of full length', () => {
    for (const piece of [
      "'",
      '(',
      'a',
      'a ',
      "a='",
      'AND ',
      '9',
      '.',
      '<',
      "a.b='c' AND ",
      '\u{1F600}',
    ]) {
      const text = piece.repeat(MAX_QUERY_BYTES).slice(0, 400);
      assert.throws(() => parseQuery(text), RpcError);
    }
  });
});
