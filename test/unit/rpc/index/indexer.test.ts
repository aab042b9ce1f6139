import assert from 'node:assert/strict';
import { sha256 } from '../../../../node/base/hash.ts';
import {
  MAX_INDEX_SCAN,
  MAX_INDEXED_VALUE_BYTES,
  MAX_SEARCH_BLOCKS,
  MAX_SEARCH_READS,
  MAX_SEARCHES,
  MAX_WAITING_SEARCHES,
} from '../../../../node/base/limits.ts';
import type { Event } from '../../../../node/app/abci.ts';
import type { Deadline } from '../../../../node/base/deadline.ts';
import { verifyMerkleProof } from '../../../../node/base/merkle.ts';
import { txProofs } from '../../../../node/consensus/hashing.ts';
import { Indexer } from '../../../../node/rpc/index/indexer.ts';
import { searchBlocks } from '../../../../node/rpc/index/block-search.ts';
import { Places, prefixEnd, TX_EVENTS, valuePrefix } from '../../../../node/rpc/index/keys.ts';
import { searchTxs } from '../../../../node/rpc/index/tx-search.ts';
import { parseQuery } from '../../../../node/rpc/query/query.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { bytes, chainOf, event, type BlockSpec, type TxSpec } from './indexed-chain.ts';

const PAY_AB = event('transfer', ['sender', 'A'], ['recipient', 'B'], ['amount', '8atom']);
const PAY_CD = event('transfer', ['sender', 'C'], ['recipient', 'D'], ['amount', '120atom']);
const CHAIN = [
  { txs: [['t1', [PAY_AB, event('message', ['module', 'bank'])]]] as TxSpec[] },
  {},
  {
    txs: [
      ['t2', [PAY_AB, PAY_CD]],
      ['t3', [PAY_CD]],
    ] as TxSpec[],
    events: [event('mint', ['amount', '7'])],
  },
  {
    txs: [['t4', [event('transfer', ['hidden', 'A'])], 5]] as TxSpec[],
    events: [event('mint', ['amount', '9'])],
  },
];

describe('rpc/index', () => {
  for (const [query, expected] of [
    ['tx.height > 0', ['1/0', '3/0', '3/1', '4/0']],
    ['tx.height = 3', ['3/0', '3/1']],
    ["tx.height >= 3 AND tx.height < 4 AND transfer.sender='C'", ['3/0', '3/1']],
    ["transfer.sender='A'", ['1/0', '3/0']],
    ["transfer.sender='A' AND transfer.recipient='B'", ['1/0', '3/0']],
    ["transfer.sender='A' AND transfer.recipient='D'", []],
    ["message.module='bank' AND transfer.sender='A'", ['1/0']],
    ['transfer.amount > 100', ['3/0', '3/1']],
    ["transfer.sender='A' AND transfer.amount > 100", []],
    ["transfer.recipient CONTAINS 'D'", ['3/0', '3/1']],
    ['transfer.sender EXISTS', ['1/0', '3/0', '3/1']],
    ['transfer.hidden EXISTS', []],
    ["tx.hash='00'", []],
    ["transfer.sender=''", []],
    ['tx.height > 9', []],
    ['tx.height = 3.5', []],
    ['transfer.amount = 8', []],
    ['transfer.sender EXISTS AND tx.height > 2', ['3/0', '3/1']],
    ["message.module='bank' AND transfer.amount = 8", []],
    ["tx.height='x'", []],
  ] as const) {
    it(`finds ${expected.join(' ') || 'nothing'} for ${query}`, async () => {
      const { reader, indexer } = await chainOf(CHAIN);
      const found = await searchTxs(indexer, reader, parseQuery(query), reader.height());
      const places = found
        .page(0, 100, false)
        .map(({ height, position }) => `${height}/${position}`);
      assert.deepEqual(places, expected);
      assert.equal(found.total, expected.length);
      assert.deepEqual(
        found.page(0, 100, true),
        [...found.page(0, 100, false)].reverse(),
        'descending is the reverse',
      );
    });
  }

  for (const [query, expected] of [
    ['block.height > 2', [3, 4]],
    ['mint.amount > 7', [4]],
    ['mint.amount EXISTS AND block.height <= 3', [3]],
    ["mint.amount = '7'", [3]],
    ['block.height = 99', []],
  ] as const) {
    it(`finds blocks ${expected.join(' ') || 'none'} for ${query}`, async () => {
      const { reader, indexer } = await chainOf(CHAIN);
      const found = await searchBlocks(indexer, reader, parseQuery(query), reader.height());
      assert.deepEqual(found.page(0, 100, false), expected);
    });
  }

  it('cuts every page out of the whole in both directions', async () => {
    const { reader, indexer } = await chainOf(CHAIN);
    for (const query of ['tx.height > 0', 'transfer.amount EXISTS']) {
      const found = await searchTxs(indexer, reader, parseQuery(query), 4);
      for (const descending of [false, true]) {
        const whole = found.page(0, found.total, descending);
        const pages = [0, 2, 4].flatMap((skip) => [...found.page(skip, 2, descending)]);
        assert.deepEqual(pages, whole);
      }
    }
  });

  it('knows the first bytes of a long value, whichever way it searches', async () => {
    const long = event('note', ['text', `${'x'.repeat(MAX_INDEXED_VALUE_BYTES)}end`]);
    const { reader, indexer } = await chainOf([{ txs: [['t', [long, PAY_AB]]] }]);
    for (const [text, total] of [
      ['xx', 1],
      ['end', 0],
    ] as const) {
      for (const more of ['', "transfer.sender='A' AND "]) {
        const query = parseQuery(`${more}note.text CONTAINS '${text}'`);
        assert.equal((await searchTxs(indexer, reader, query, 1)).total, total);
      }
    }
  });

  it('finds all that share a record: repeated, cut to the same bytes, equal as UTF-8, or under one tag', async () => {
    const cut = 'x'.repeat(MAX_INDEXED_VALUE_BYTES);
    const one = (text: string, i: number): TxSpec => [`t${i}`, [event('note', ['text', text])]];
    const twice = event('note', ['text', 'a'], ['text', 'a']);
    const { reader, indexer, db } = await chainOf([
      { txs: [cut, `${cut}1`, `${cut}2`, 'lone \ud800', 'lone \ufffd'].map(one) },
      {
        txs: [
          ['t5', [twice, twice]],
          ['t6', [event('note.text', ['x', 'a'])]],
        ],
      },
      {
        txs: [
          ['t7', [event('note', ['text.x', 'a'])]],
          ['t8', [event('note.text', ['x', 'a'])]],
        ],
      },
    ]);
    for (const [query, expected] of [
      ["note.text CONTAINS 'xxx'", 3],
      ["note.text CONTAINS 'lone'", 2],
      ["note.text = 'lone \ufffd'", 2],
      ["note.text = 'a'", 1],
      ["note.text.x = 'a'", 3],
    ] as const) {
      const found = await searchTxs(indexer, reader, parseQuery(`tx.height > 0 AND ${query}`), 3);
      assert.equal(found.total, expected, query);
    }
    const start = valuePrefix(TX_EVENTS, 'note.text', cut);
    const sizes: number[] = [];
    for await (const [, places] of db.iterate({ start, end: prefixEnd(start) })) {
      sizes.push(new Places(places).length);
    }
    assert.deepEqual(sizes, [3]);
  });

  it('does not show what lies above the tip', async () => {
    const { reader, indexer } = await chainOf(CHAIN);
    const found = await searchTxs(indexer, reader, parseQuery("transfer.sender='A'"), 2);
    assert.equal(found.total, 1);
  });

  it('keeps its height over a restart and indexes a block once', async () => {
    const { reader, db } = await chainOf(CHAIN);
    const again = new Indexer(db);
    assert.equal(again.height(), 4);
    await again.catchUp(reader);
    assert.equal(again.txCount(4), 4);
  });

  it('catches up after blocks that were stored and not indexed', async () => {
    const { reader } = await chainOf(CHAIN);
    const fresh = new Indexer(new MemoryDb());
    await fresh.catchUp(reader);
    assert.equal(fresh.height(), 4);
    assert.deepEqual(fresh.txByHash(sha256(bytes('t3'))), { height: 3, position: 1 });
  });

  it('keeps pointing to the success when the same transaction fails later', async () => {
    const same = [{ txs: [['t', [], 0]] as TxSpec[] }, { txs: [['t', [], 7]] as TxSpec[] }];
    const { indexer } = await chainOf(same);
    assert.equal(indexer.txByHash(sha256(bytes('t')))?.height, 1);
  });

  it('points to the success when it follows a failure', async () => {
    const same = [{ txs: [['t', [], 7]] as TxSpec[] }, { txs: [['t', [], 0]] as TxSpec[] }];
    const { indexer } = await chainOf(same);
    assert.equal(indexer.txByHash(sha256(bytes('t')))?.height, 2);
  });

  it('points to the success when the same block holds a failed repetition of it', async () => {
    for (const codes of [
      [0, 7],
      [7, 0, 7],
    ]) {
      const txs = codes.map((code): TxSpec => ['t', [], code]);
      const { indexer } = await chainOf([{ txs: [['other', []], ...txs] }]);
      const position = 1 + codes.indexOf(0);
      assert.deepEqual(indexer.txByHash(sha256(bytes('t'))), { height: 1, position });
    }
  });

  it('does not look at the blocks that are empty, however many there are', async () => {
    const blocks: BlockSpec[] = Array.from({ length: 3_000 }, () => ({}));
    blocks[2_000] = CHAIN[2]!;
    const { reader, indexer, db } = await chainOf(blocks);
    let reads = 0;
    const get = db.get.bind(db);
    db.get = (key) => {
      reads += 1;
      return get(key);
    };
    const query = parseQuery('transfer.amount > 100');
    assert.equal((await searchTxs(indexer, reader, query, blocks.length)).total, 2);
    assert.ok(reads < 100, `${reads} reads`);
  });

  it('scans the tag when the transactions are few and lie in many blocks', async () => {
    const paid = { txs: [['t', [PAY_AB]]] as TxSpec[] };
    const blocks = Array.from({ length: MAX_SEARCH_BLOCKS + 1 }, () => paid);
    const { reader, indexer } = await chainOf(blocks);
    const query = parseQuery('transfer.amount > 1');
    assert.equal((await searchTxs(indexer, reader, query, blocks.length)).total, blocks.length);
    const ofBlocks = await chainOf(blocks.map(() => CHAIN[2]!));
    const found = await searchBlocks(
      ofBlocks.indexer,
      ofBlocks.reader,
      parseQuery('mint.amount > 1'),
      blocks.length,
    );
    assert.equal(found.total, blocks.length);
  });

  /** Transactions enough that reading them all is out of the question, with so many events in all. */
  function crowd(events: number, valueOf: (event: number) => string = () => 'v'): TxSpec[] {
    const count = MAX_SEARCH_READS + 1;
    let made = 0;
    return Array.from({ length: count }, (_, i): TxSpec => {
      const own: Event[] = [];
      for (; made < Math.floor(((i + 1) * events) / count); made++) {
        own.push(event('e', ['k', valueOf(made)]));
      }
      return [`t${i}`, own];
    });
  }

  it('reads as many index entries as it may', async () => {
    const { reader, indexer } = await chainOf([{ txs: crowd(MAX_INDEX_SCAN) }]);
    const found = await searchTxs(indexer, reader, parseQuery("e.k='v'"), 1);
    assert.equal(found.total, MAX_SEARCH_READS + 1);
  });

  it('stops where it is when the deadline is over, and does not begin behind it', async () => {
    const { reader, indexer } = await chainOf([{ txs: crowd(MAX_INDEX_SCAN, (i) => `v${i}`) }]);
    const late = new Error('late');
    for (const end of [1, 3]) {
      let looks = 0;
      const check = (): void => {
        looks += 1;
        if (looks === end) throw late;
      };
      const deadline = { leftMs: 1, check } as unknown as Deadline;
      const query = { ...parseQuery("e.k CONTAINS 'v'"), deadline };
      await assert.rejects(searchTxs(indexer, reader, query, 1), late);
      assert.equal(looks, end);
    }
    const found = await searchTxs(indexer, reader, parseQuery("e.k CONTAINS 'v'"), 1);
    assert.equal(found.total, MAX_SEARCH_READS + 1);
  });

  it('refuses a search that would read one more, and takes it when the heights are few', async () => {
    const { reader, indexer } = await chainOf([{ txs: crowd(MAX_INDEX_SCAN + 1) }, CHAIN[0]!]);
    for (const query of ["e.k='v'", "e.k='v' AND tx.height <= 1"]) {
      const search = searchTxs(indexer, reader, parseQuery(query), 2);
      await assert.rejects(search, { data: /narrow it/ });
    }
    const found = await searchTxs(indexer, reader, parseQuery("e.k='v' AND tx.height > 1"), 2);
    assert.equal(found.total, 0);
  });

  it('refuses to read the events of one transaction too many', async () => {
    const txs = crowd(MAX_SEARCH_READS + 1);
    const { reader, indexer } = await chainOf([{ txs }]);
    const query = parseQuery("e.k='v' AND f.k EXISTS");
    const [first] = txs as [TxSpec];
    await assert.rejects(searchTxs(indexer, reader, query, 1), { data: /narrow it/ });
    const fewer = await chainOf([{ txs: txs.filter((tx) => tx !== first) }]);
    assert.equal((await searchTxs(fewer.indexer, fewer.reader, query, 1)).total, 0);
  });

  it('refuses to read one block too many', async () => {
    const blocks = Array.from({ length: MAX_SEARCH_BLOCKS + 1 }, (_, i) => ({
      txs: [[`t${i}`, [event('e', ['k', 'v'])]]] as TxSpec[],
    }));
    const { reader, indexer } = await chainOf(blocks);
    const query = parseQuery("e.k='v' AND f.k EXISTS");
    await assert.rejects(searchTxs(indexer, reader, query, blocks.length), { data: /narrow it/ });
    assert.equal((await searchTxs(indexer, reader, query, blocks.length - 1)).total, 0);
  });

  it('lets few searches run at once, many wait, and refuses one more', async () => {
    const { indexer } = await chainOf([]);
    const ends: (() => void)[] = [];
    let running = 0;
    const search = (): Promise<void> =>
      indexer.searches.run(() => {
        running += 1;
        return new Promise((resolve) => ends.push(resolve));
      });
    const all = Array.from({ length: MAX_SEARCHES + MAX_WAITING_SEARCHES }, search);
    await assert.rejects(search(), { data: 'too many searches wait' });
    for (let i = 0; i < all.length; i++) {
      assert.equal(running, Math.min(MAX_SEARCHES + i, all.length));
      ends[i]!();
      await all[i];
      await Promise.resolve();
    }
    await Promise.all(all);
    const after = search();
    ends.at(-1)!();
    await after;
  });

  it('proves a transaction against the data hash of its block', async () => {
    const { reader } = await chainOf(CHAIN);
    const block = reader.block(3)?.block;
    assert.ok(block);
    const [, proof] = txProofs(block.txs);
    assert.ok(proof);
    assert.ok(verifyMerkleProof(proof, block.header.dataHash, sha256(bytes('t3'))));
    assert.ok(!verifyMerkleProof(proof, block.header.dataHash, sha256(bytes('t2'))));
  });

  it('forgets blocks without a trace, and finds and counts what is left as before', async () => {
    const chain = [...CHAIN, ...CHAIN.slice(1), { txs: [['t1', [PAY_AB]]] as TxSpec[] }];
    const { reader, indexer, db } = await chainOf(chain);
    const counts = chain.map((_, i) => indexer.txCount(i + 1));
    for (let height = 1; height <= 5; height += 1) {
      const { block } = reader.block(height)!;
      // Twice, as after a crash before the block itself was gone.
      for (let i = 0; i < 2; i += 1) await indexer.forget(block, reader.results(height));
    }
    const keysOf = async (of: MemoryDb): Promise<string[]> => {
      const keys: string[] = [];
      for await (const [key] of of.iterate()) keys.push(Buffer.from(key).toString('latin1'));
      return keys;
    };
    const rest = new MemoryDb();
    const fresh = new Indexer(rest);
    for (let height = 6; height <= chain.length; height += 1) {
      await fresh.index(reader.block(height)!.block, reader.results(height)!);
    }
    assert.deepEqual(await keysOf(db), await keysOf(rest));
    assert.equal(indexer.txByHash(sha256(bytes('t1')))?.height, 8);
    const after = chain.map((_, i) => indexer.txCount(i + 1)).slice(5);
    assert.deepEqual(after, counts.slice(5));
  });
});
