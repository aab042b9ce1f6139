/**
 * A search over the index finds what a look at every event of every transaction finds. The look is written
 * anew here, on its own form of the query; only the text of the query goes through the node's parser.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Event } from '../../../../node/app/abci.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { searchBlocks } from '../../../../node/rpc/index/block-search.ts';
import { Indexer } from '../../../../node/rpc/index/indexer.ts';
import { searchTxs } from '../../../../node/rpc/index/tx-search.ts';
import { parseQuery } from '../../../../node/rpc/query/query.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { FakeBlocks } from '../fake-node.ts';
import { bytes, chainOf, type BlockSpec, type TxSpec } from './indexed-chain.ts';

const LONG = `${'x'.repeat(1_022)}ééé`;
// Few names and values, most of them often: only what meets is a test.
const TYPES = ['a', 'a', 'a', 'b', 'a.b', ''];
const KEYS = ['k', 'k', 'k', 'v', 'v', 'b.k', ''];
const VALUES = [
  ...['', '1', '8', '08', '8.0', '8.25', '8.', '8atom', '120atom', '10', 'x', 'xy', 'né', '-8'],
  ...['18446744073709551616', '2020-01-01', '2020-01-02', '2020-13-01', '2020-01-01T00:00:00Z'],
  ...['2020-01-01T01:00:00+01:00', '2020-01-01T00:00:00.5Z', '2021-01-01T00:00:00Z'],
  ...['8', '8', '08', '8.0', '8atom', 'x', 'x', LONG, LONG, '2020-01-01', '2020-01-01T00:00:00Z'],
];
const TEXTS = [
  '',
  '1',
  '8',
  '8',
  'x',
  'x',
  'é',
  'xy',
  'é',
  'atom',
  '2020-01-01',
  'nothing',
  'x'.repeat(200),
];
const NUMBERS = ['0', '1', '8', '8', '8', '8.0', '8.25', '10', '100', '18446744073709551616'];
const DAYS = ['2020-01-01', '2020-01-02', '2019-06-01'];
const TIMES = ['2020-01-01T00:00:00Z', '2020-01-01T00:00:01Z', '2020-12-31T23:00:00-01:00'];
const HEIGHTS = ['0', '1', '2', '3', '5', '7', '99', '2.5'];
const ORDERS = ['<', '<=', '>', '>='] as const;

interface Asked {
  readonly tag: string;
  readonly op: '=' | (typeof ORDERS)[number] | 'CONTAINS' | 'EXISTS';
  readonly kind: 'text' | 'number' | 'day' | 'time' | 'none';
  readonly value: string;
}

const eventOf: fc.Arbitrary<Event> = fc.record({
  type: fc.constantFrom(...TYPES),
  attributes: fc.array(
    fc.record({
      key: fc.constantFrom(...KEYS),
      value: fc.constantFrom(...VALUES),
      index: fc.constantFrom(true, true, true, false),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
const events = fc.array(eventOf, { maxLength: 4 });
const chains: fc.Arbitrary<BlockSpec[]> = fc
  .array(fc.record({ txs: fc.array(events, { minLength: 1, maxLength: 5 }), events }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((blocks) =>
    blocks.map(({ txs, events: own }, height) => ({
      txs: txs.map((list, i): TxSpec => [`tx ${height} ${i}`, list]),
      events: own,
    })),
  );

const tags = fc
  .tuple(
    fc.constantFrom('a', 'a', 'a', 'b', 'a.b'),
    fc.constantFrom('k', 'k', 'v', 'v', 'b.k', 'z'),
  )
  .map((words) => words.join('.'));
const argument = fc.oneof(
  fc.record({ kind: fc.constant('number' as const), value: fc.constantFrom(...NUMBERS) }),
  fc.record({ kind: fc.constant('day' as const), value: fc.constantFrom(...DAYS) }),
  fc.record({ kind: fc.constant('time' as const), value: fc.constantFrom(...TIMES) }),
);
const text = fc.record({ kind: fc.constant('text' as const), value: fc.constantFrom(...TEXTS) });
const ofEvents: fc.Arbitrary<Asked> = fc.oneof(
  fc
    .tuple(tags, fc.oneof(text, argument))
    .map(([tag, rest]) => ({ tag, op: '=' as const, ...rest })),
  fc
    .tuple(tags, fc.constantFrom(...ORDERS), argument)
    .map(([tag, op, rest]) => ({ tag, op, ...rest })),
  fc.tuple(tags, text).map(([tag, rest]) => ({ tag, op: 'CONTAINS' as const, ...rest })),
  tags.map((tag) => ({ tag, op: 'EXISTS' as const, kind: 'none' as const, value: '' })),
);
const ofHeight = (tag: string): fc.Arbitrary<Asked> =>
  fc
    .tuple(fc.constantFrom('=' as const, ...ORDERS), fc.constantFrom(...HEIGHTS))
    .map(([op, value]) => ({ tag, op, kind: 'number', value }));
/** Instead of a condition: one on the attribute with this number, which therefore holds somewhere. */
const drawn = fc.record({
  draw: fc.nat(999),
  also: fc.constantFrom('=', '=', '=', 'CONTAINS', 'EXISTS'),
});
type Drawn = { readonly draw: number; readonly also: string };
const queries = (height: string): fc.Arbitrary<(Asked | Drawn)[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: ofEvents },
      { weight: 1, arbitrary: ofHeight(height) },
      { weight: 6, arbitrary: drawn },
    ),
    { minLength: 1, maxLength: 3 },
  );

/** The second drawn condition is on the event of the first, mostly. */
function askedOf(wishes: readonly (Asked | Drawn)[], chain: readonly BlockSpec[]): Asked[] {
  const lists = chain.flatMap(({ txs = [], events: own = [] }) => [
    ...txs.map(([, list]) => list),
    own,
  ]);
  const all = lists.flat().filter(({ type }) => type !== '');
  let event: Event | undefined;
  return wishes.flatMap((wish): Asked[] => {
    if (!('draw' in wish)) return [wish];
    if (event === undefined || wish.draw % 4 === 0) event = all[wish.draw % all.length];
    const attribute = event?.attributes[wish.draw % event.attributes.length];
    if (!event || !attribute || attribute.key === '' || attribute.value.length > 200) return [];
    const tag = `${event.type}.${attribute.key}`;
    if (wish.also === 'EXISTS') return [{ tag, op: 'EXISTS', kind: 'none', value: '' }];
    const op = wish.also === '=' ? '=' : 'CONTAINS';
    const isNumber = op === '=' && /^\d+(\.\d+)?$/.test(attribute.value) && wish.draw % 3 > 0;
    return [{ tag, op, kind: isNumber ? 'number' : 'text', value: attribute.value }];
  });
}

function textOf({ tag, op, kind, value }: Asked): string {
  const quoted = {
    text: `'${value}'`,
    number: value,
    day: `DATE ${value}`,
    time: `TIME ${value}`,
    none: '',
  };
  return `${tag} ${op} ${quoted[kind]}`;
}

const ordered = (op: Asked['op'], a: number, b: number): boolean =>
  ({
    '=': a === b,
    '<': a < b,
    '<=': a <= b,
    '>': a > b,
    '>=': a >= b,
    CONTAINS: false,
    EXISTS: true,
  })[op];

/** The numbers here are small or powers of two: floating point holds them. */
const numberAtStart = (value: string): number => Number(/^\d+(\.\d*)?/.exec(value)?.[0] ?? 'NaN');

function holds({ op, kind, value }: Asked, attribute: string): boolean {
  const known = Buffer.from(attribute).subarray(0, 1_024).toString();
  if (op === 'EXISTS') return true;
  if (op === 'CONTAINS') return known.includes(value);
  if (op === '=' && kind !== 'time') return known === value;
  if (kind === 'number') return ordered(op, numberAtStart(known), numberAtStart(value));
  const form = kind === 'day' ? /^\d{4}-\d\d-\d\d$/ : /^\d{4}-\d\d-\d\dT/;
  return form.test(known) && ordered(op, Date.parse(known), Date.parse(value));
}

/** One event for all conditions on its type, and each type of the query has one. */
function found(asked: readonly Asked[], height: number, list: readonly Event[]): boolean {
  const [heights, others] = [
    asked.filter(({ tag }) => tag.endsWith('.height')),
    asked.filter(({ tag }) => !tag.endsWith('.height')),
  ];
  if (!heights.every(({ op, value }) => ordered(op, height, Number(value)))) return false;
  const typeOf = ({ tag }: Asked): string => tag.slice(0, tag.lastIndexOf('.'));
  return others.every((one) =>
    list.some((event) =>
      others
        .filter((other) => typeOf(other) === typeOf(one))
        .every((condition) =>
          event.attributes.some(
            ({ key, value, index }) =>
              index &&
              event.type !== '' &&
              key !== '' &&
              `${event.type}.${key}` === condition.tag &&
              holds(condition, value),
          ),
        ),
    ),
  );
}

const places = (chain: readonly BlockSpec[], from: number, asked: readonly Asked[]): string[] =>
  chain.flatMap(({ txs = [] }, block) =>
    txs.flatMap(([, list], position) =>
      block + 1 >= from && found(asked, block + 1, list) ? [`${block + 1}/${position}`] : [],
    ),
  );

class PrunedBlocks extends FakeBlocks {
  from = 1;
  override base(): number {
    return this.from;
  }
}

async function searched(indexer: Indexer, reader: FakeBlocks, asked: readonly Asked[]) {
  const query = parseQuery(asked.map(textOf).join(' AND '));
  const result = await searchTxs(indexer, reader, query, reader.height());
  const page = (skip: number, count: number, descending: boolean): string[] =>
    result.page(skip, count, descending).map(({ height, position }) => `${height}/${position}`);
  return { total: result.total, page };
}

describe('rpc/index: a search equals a look at everything', () => {
  const RUNS = { numRuns: 500 };

  it('for transactions, whole and page by page, up and down', () =>
    fc.assert(
      fc.asyncProperty(chains, queries('tx.height'), fc.nat(9), async (chain, wishes, skip) => {
        const asked = askedOf(wishes, chain);
        fc.pre(asked.length > 0);
        const { reader, indexer } = await chainOf(chain);
        const { total, page } = await searched(indexer, reader, asked);
        const expected = places(chain, 1, asked);
        assert.equal(total, expected.length);
        assert.deepEqual(page(0, total, false), expected);
        assert.deepEqual(page(skip, 3, false), expected.slice(skip, skip + 3));
        assert.deepEqual(page(skip, 3, true), expected.toReversed().slice(skip, skip + 3));
      }),
      RUNS,
    ));

  it('for blocks', () =>
    fc.assert(
      fc.asyncProperty(chains, queries('block.height'), async (chain, wishes) => {
        const asked = askedOf(wishes, chain);
        fc.pre(asked.length > 0);
        const { reader, indexer } = await chainOf(chain);
        const query = parseQuery(asked.map(textOf).join(' AND '));
        const result = await searchBlocks(indexer, reader, query, reader.height());
        const expected = chain.flatMap(({ events: own = [] }, i) =>
          found(asked, i + 1, own) ? [i + 1] : [],
        );
        assert.deepEqual(result.page(0, chain.length, false), expected);
      }),
      RUNS,
    ));

  it('also when old blocks have been taken back, and in an index made anew', () =>
    fc.assert(
      fc.asyncProperty(chains, queries('tx.height'), fc.nat(8), async (chain, wishes, gone) => {
        const asked = askedOf(wishes, chain);
        fc.pre(asked.length > 0);
        const { reader: whole, indexer } = await chainOf(chain);
        const heights = chain.map((_, i) => ({
          stored: whole.block(i + 1)!,
          results: whole.results(i + 1)!,
        }));
        const reader = new PrunedBlocks(heights);
        reader.from = Math.min(gone + 1, chain.length);
        for (const { stored, results } of heights.slice(0, reader.from - 1)) {
          await indexer.forget(stored.block, results);
        }
        const expected = places(chain, reader.from, asked);
        const anew = new Indexer(new MemoryDb());
        await anew.catchUp(reader);
        for (const index of [indexer, anew]) {
          const { total, page } = await searched(index, reader, asked);
          assert.deepEqual(page(0, total, false), expected);
        }
        // Blocks go some time after what the index says of them, after a crash much later.
        for (reader.from = 1; reader.from <= Math.min(gone, chain.length - 1); reader.from += 1) {
          const { total, page } = await searched(indexer, reader, asked);
          assert.deepEqual(page(0, total, false), expected);
        }
      }),
      RUNS,
    ));

  it('finds each transaction by its hash, and after pruning only what is left', async () => {
    const chain = Array.from({ length: 4 }, (_, i): BlockSpec => ({ txs: [[`t${i}`, []]] }));
    const { reader, indexer } = await chainOf(chain);
    await indexer.forget(reader.block(1)!.block, reader.results(1));
    for (const [i, { txs = [] }] of chain.entries()) {
      const hash = Buffer.from(sha256(bytes(txs[0]![0])))
        .toString('hex')
        .toUpperCase();
      const result = await searchTxs(indexer, reader, parseQuery(`tx.hash='${hash}'`), 4);
      const expected = i === 0 ? [] : [{ height: i + 1, position: 0 }];
      assert.deepEqual(result.page(0, 9, false), expected);
    }
  });
});
