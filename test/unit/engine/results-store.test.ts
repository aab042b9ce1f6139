import assert from 'node:assert/strict';
import { ResponseFinalizeBlock } from 'cosmjs-types/tendermint/abci/types';
import fc from 'fast-check';
import type { FinalizeBlockResponse, TxResult } from '../../../node/app/abci.ts';
import { utf8 } from '../../../node/base/bytes.ts';
import { RESULTS_PER_PORTION } from '../../../node/base/limits.ts';
import { resultsKey, resultsPortionKey } from '../../../node/engine/block-keys.ts';
import { encodeResults } from '../../../node/engine/results-codec.ts';
import { ResultsStore } from '../../../node/engine/results-store.ts';
import { sealed } from '../../../node/engine/state-codec.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';

const event = (value: string) => ({ type: 'e', attributes: [{ key: 'k', value, index: true }] });

/** Mutable, as those types want them. */
const asCosmjs = (txResults: readonly TxResult[]) => ({
  txResults: txResults.map((result) => ({
    ...result,
    events: result.events.map(({ type, attributes }) => ({ type, attributes: [...attributes] })),
  })),
});

function txResult(position: number, events = [event(`${position}`)]): TxResult {
  return {
    code: position % 3,
    codespace: '',
    log: `tx ${position}`,
    info: '',
    data: utf8(`${position}`),
    gasWanted: 5n,
    gasUsed: BigInt(position),
    events,
  };
}

const resultsOf = (count: number): FinalizeBlockResponse => ({
  events: [event('block')],
  txResults: Array.from({ length: count }, (_, position) => txResult(position)),
  validatorUpdates: [{ pubKey: new Uint8Array(32).fill(1), power: 3n }],
  appHash: utf8('app'),
});

async function keysOf(db: MemoryDb): Promise<number> {
  let count = 0;
  for await (const entry of db.iterate()) count += entry.length / 2;
  return count;
}

const N = RESULTS_PER_PORTION;

describe('engine: results of blocks', () => {
  for (const count of [0, 1, N - 1, N, N + 1, 2 * N, 2 * N + 1, 5 * N + 7]) {
    it(`of ${count} transactions come back whole, and go without a trace`, async () => {
      const db = new MemoryDb();
      const store = new ResultsStore(db);
      await db.batch(store.puts(3, resultsOf(count)));
      await db.batch(store.puts(4, resultsOf(1)));
      assert.deepEqual(store.all(3), resultsOf(count));
      assert.deepEqual(store.events(3), resultsOf(count).events);
      assert.equal(await keysOf(db), Math.max(Math.ceil(count / N), 1) + 1);
      await db.batch(store.dels(3));
      assert.deepEqual(
        [store.all(3), store.some(3, [0]), store.events(3)],
        Array(3).fill(undefined),
      );
      assert.equal(await keysOf(db), 1);
    });
  }

  it('come back one by one, also those that an older version wrote in one record', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(4 * N),
        fc.uniqueArray(fc.nat(4 * N + 2), { maxLength: 20 }),
        fc.boolean(),
        async (count, wanted, isOld) => {
          const positions = wanted.toSorted((a, b) => a - b);
          const db = new MemoryDb();
          const store = new ResultsStore(db);
          const value = sealed(encodeResults(resultsOf(count)));
          const old = [{ type: 'put' as const, key: resultsKey(9), value }];
          await db.batch(isOld ? old : store.puts(9, resultsOf(count)));
          const expected = positions.filter((position) => position < count).map((i) => txResult(i));
          assert.deepEqual(store.some(9, positions), expected);
          assert.deepEqual(store.all(9), resultsOf(count));
        },
      ),
    ));

  const text = fc.oneof(
    fc.constantFrom('', 'sender', 'é', 'x'.repeat(127), 'y'.repeat(128), 'ß'.repeat(64)),
    fc.string({ unit: 'binary' }),
  );
  const attribute = fc
    .tuple(text, text, fc.boolean())
    .map(([key, value, index]) => ({ key, value, index }));
  const anyEvent = fc
    .tuple(text, fc.array(attribute))
    .map(([type, attributes]) => ({ type, attributes }));
  const events = fc.array(anyEvent, { maxLength: 4 });
  const lists = fc.array(events, { maxLength: N + 2 });

  it('come back with any events', () =>
    fc.assert(
      fc.asyncProperty(lists, async (all) => {
        const results = { ...resultsOf(0), txResults: all.map((own, i) => txResult(i, own)) };
        const db = new MemoryDb();
        const store = new ResultsStore(db);
        await db.batch(store.puts(1, results));
        assert.deepEqual(store.all(1), results);
        for (const [i, result] of results.txResults.entries()) {
          assert.deepEqual(store.some(1, [i]), [result]);
        }
      }),
      { numRuns: 200 },
    ));

  it('are read as older versions wrote them: in plain protobuf, as somebody else writes it', () =>
    fc.assert(
      fc.asyncProperty(lists, async (all) => {
        const results = { ...resultsOf(0), events: [], validatorUpdates: [] };
        const txResults = all.map((own, i) => txResult(i, own));
        const db = new MemoryDb();
        const { appHash } = results;
        const record = ResponseFinalizeBlock.fromPartial({ ...asCosmjs(txResults), appHash });
        const value = sealed(ResponseFinalizeBlock.encode(record).finish());
        await db.batch([{ type: 'put', key: resultsKey(1), value }]);
        const store = new ResultsStore(db);
        assert.deepEqual(store.all(1), { ...results, txResults });
        for (const [i, result] of txResults.entries()) {
          assert.deepEqual(store.some(1, [i]), [result]);
        }
      }),
      { numRuns: 100 },
    ));

  for (const [what, change] of [
    ['lost', (): undefined => undefined],
    ['changed', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte))],
  ] as const) {
    it(`with a portion that is ${what} are not shown as whole`, async () => {
      const db = new MemoryDb();
      const store = new ResultsStore(db);
      await db.batch(store.puts(1, resultsOf(3 * N)));
      const key = resultsPortionKey(1, 1);
      const value = change(db.get(key)!);
      await db.batch([value ? { type: 'put', key, value } : { type: 'del', key }]);
      assert.equal(store.all(1), undefined);
    });
  }
});
