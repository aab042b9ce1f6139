import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromUtf8, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { MAX_WAITING_BYTES } from '../../../node/base/limits.ts';
import { marked, pool, read, result, texts, tx } from './fake-app.ts';

const refusal = (code: number) => (error: unknown) =>
  error instanceof BitscaleError && error.codespace === 'sdk' && error.code === code;

describe('mempool', () => {
  it('measures what waits, and what became of the rest', async () => {
    const { pool: mempool, app, metrics } = pool({ txs: 2 });
    const [a0, b0] = [tx('a', 0, 1), tx('b', 0, 5)];
    mempool.add(a0);
    mempool.add(b0);
    assert.equal(mempool.add(tx('c', 1, 9)).code, 32);
    assert.throws(() => mempool.add(b0), refusal(19));
    assert.throws(() => mempool.add(tx('d', 0, 1)), refusal(20));
    mempool.add(tx('e', 0, 7));
    app.commit([b0]);
    mempool.update(1, [b0], [result(0)]);
    const text = await metrics.text();
    const sample = (name: string): number =>
      Number(new RegExp(`^cometbft_mempool_${name} (.*)$`, 'm').exec(text)?.[1]);
    const names = ['size', 'size_bytes', 'failed_txs', 'already_received_txs'];
    names.push('rejected_txs', 'evicted_txs', 'recheck_times', 'tx_size_bytes_count');
    assert.deepEqual(names.map(sample), [1, 7, 1, 1, 1, 1, 0, 3]);
  });

  it('takes the best paying sender first, each in order of sequence', () => {
    const { pool: mempool } = pool();
    const [a0, a1, b0, c0] = [tx('a', 0, 1), tx('a', 1, 9), tx('b', 0, 5), tx('c', 0, 5)];
    for (const one of [a0, a1, b0, c0]) assert.equal(mempool.add(one).code, 0);
    assert.deepEqual(mempool.reap(1_000, -1n), [b0, c0, a0, a1]);
    assert.deepEqual(mempool.txs(2), [b0, c0]);
  });

  it('keeps to bytes and gas, and leaves out what follows a tx that does not fit', () => {
    const { pool: mempool } = pool();
    const [big, next, small] = [tx('a', 0, 9, 100), tx('a', 1, 9, 1), tx('b', 0, 5, 1)];
    for (const one of [big, next, small]) mempool.add(one);
    assert.deepEqual(mempool.reap(1_000, 99n), [small]);
    assert.deepEqual(mempool.reap(big.length + 5, -1n), [big]);
    assert.deepEqual(mempool.reap(0, -1n), []);
  });

  it('refuses a tx it knows with sdk/19, pending or just committed', () => {
    const { pool: mempool, app } = pool();
    const one = tx('a', 0, 1);
    mempool.add(one);
    assert.throws(() => mempool.add(one), refusal(19));
    app.commit([one]);
    mempool.update(1, [one], [result(0)]);
    assert.equal(mempool.size(), 0);
    assert.throws(() => mempool.add(one), refusal(19));
  });

  it('lets a tx that CheckTx refused be sent again', () => {
    const { pool: mempool } = pool();
    assert.equal(mempool.add(tx('a', 1, 1)).code, 32);
    assert.equal(mempool.add(tx('a', 0, 1)).code, 0);
    assert.equal(mempool.add(tx('a', 1, 1)).code, 0);
    assert.equal(mempool.size(), 2);
  });

  it('is full at its limits, and makes room for one that pays more', () => {
    const { pool: mempool, app } = pool({ txs: 3 });
    for (const one of [tx('a', 0, 1), tx('a', 1, 1), tx('b', 0, 3)]) mempool.add(one);
    const checks = app.checks;
    assert.throws(() => mempool.add(tx('c', 0, 1)), refusal(20));
    assert.equal(app.checks, checks, 'a tx without room must not reach CheckTx');
    assert.equal(mempool.add(tx('d', 0, 2)).code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['b/0/3/1', 'd/0/2/1', 'a/0/1/1']);
  });

  it('lets as many go as pay less, and none when those are too few', () => {
    const small = ['a', 'b'].map((sender) => tx(sender, 0, 2));
    const [large, larger] = [utf8(`c/0/3/${'1'.repeat(8)}`), utf8(`d/0/3/${'1'.repeat(15)}`)];
    assert.deepEqual(
      [large, larger].map(({ length }) => length),
      [14, 21],
    );
    const dear = tx('e', 0, 9);
    const full = () => {
      const { pool: mempool } = pool({ bytes: 21 });
      for (const one of [...small, dear]) mempool.add(one);
      return mempool;
    };
    const one = full();
    assert.equal(one.add(large).code, 0);
    assert.deepEqual(one.txs(9), [dear, large]);
    const other = full();
    assert.throws(() => other.add(larger), refusal(20));
    assert.deepEqual(other.txs(9), [dear, ...small]);
  });

  it('sends nothing away on which the newcomer stands', () => {
    const { pool: mempool } = pool({ bytes: 21 });
    for (const one of [tx('b', 0, 1), tx('a', 0, 2), tx('c', 0, 9)]) mempool.add(one);
    const before = mempool.txs(9);
    assert.throws(() => mempool.add(utf8(`a/1/5/${'1'.repeat(8)}`)), refusal(20));
    assert.deepEqual(mempool.txs(9), before);
  });

  it('sends away the newest of those that pay the same', () => {
    const { pool: mempool } = pool({ txs: 3 });
    for (const sender of ['a', 'b', 'c']) mempool.add(tx(sender, 0, 1));
    mempool.add(tx('d', 0, 2));
    assert.deepEqual(texts(mempool.txs(9)), ['d/0/2/1', 'a/0/1/1', 'b/0/1/1']);
  });

  it('counts those that waited for another to the bound of their sender', () => {
    const { pool: mempool } = pool({ txsPerSender: 2 });
    for (const sequence of [1, 2, 3]) mempool.add(tx('a', sequence, 1), 'peer');
    assert.equal(mempool.add(tx('a', 0, 1)).code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/1/1', 'a/1/1/1']);
  });

  it('bounds the bytes and the transactions of one sender', () => {
    const { pool: mempool } = pool({ bytes: 2 * tx('a', 0, 1).length, txsPerSender: 2 });
    mempool.add(tx('a', 0, 1));
    mempool.add(tx('a', 1, 1));
    assert.throws(() => mempool.add(tx('a', 2, 9)), refusal(20));
    assert.throws(() => mempool.add(tx('b', 0, 1)), refusal(20));
    assert.equal(mempool.sizeBytes(), 14);
  });

  it('puts one with a price 10 % higher in the place of the pending one with its sequence', () => {
    const { pool: mempool, app } = pool();
    for (const one of [tx('a', 0, 100), tx('a', 1, 50), tx('b', 0, 60)]) mempool.add(one);
    assert.equal(mempool.add(tx('a', 0, 109)).code, 32);
    assert.equal(mempool.add(tx('a', 0, 110)).code, 0);
    assert.equal(mempool.add(tx('a', 1, 70), 'peer').code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/110/1', 'a/1/70/1', 'b/0/60/1']);
    assert.throws(() => mempool.add(tx('a', 0, 100)), refusal(19));
    // Rechecks keep the order of sequences although the first came last.
    app.commit([]);
    mempool.update(1, [], []);
    assert.equal(mempool.size(), 3);
    assert.equal(mempool.sizeBytes(), 'a/0/110/1a/1/70/1b/0/60/1'.length);
  });

  it('needs more than nothing in the place of one that pays nothing', () => {
    const { pool: mempool } = pool();
    mempool.add(tx('a', 0, 0));
    assert.equal(mempool.add(tx('a', 0, 0, 2)).code, 32);
    assert.equal(mempool.add(tx('a', 0, 1)).code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/1/1']);
  });

  it('replaces when its sender has as many as it may, but not beyond the bytes', () => {
    const { pool: mempool } = pool({ txsPerSender: 1, bytes: tx('a', 0, 1).length });
    mempool.add(tx('a', 0, 1));
    assert.equal(mempool.add(tx('a', 0, 9)).code, 0);
    assert.throws(() => mempool.add(tx('a', 0, 10)), refusal(20));
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/9/1']);
  });

  it('keeps the old one when the new one fails or others have signed either', () => {
    const { pool: mempool, app } = pool();
    mempool.add(tx('a', 0, 10));
    const replace = app.checkTx.bind(app);
    app.checkTx = (one, kind) =>
      kind === 'replace' ? { ...replace(one, kind), code: 5 } : replace(one, kind);
    assert.equal(mempool.add(tx('a', 0, 20)).code, 5);
    app.checkTx = replace;
    assert.equal(mempool.add(marked('shared', tx('a', 0, 20))).code, 32);
    mempool.add(marked('shared', tx('b', 0, 10)));
    assert.equal(mempool.add(tx('b', 0, 20)).code, 32);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/10/1', 'b/0/10/1/shared']);
  });

  it('gives unordered ones no place among those of their sender, but counts them', () => {
    const { pool: mempool } = pool({ txsPerSender: 4 });
    const [free, dear] = [tx('a', 0, 3), tx('a', 0, 9)].map((one) => marked('unordered', one));
    for (const one of [tx('a', 0, 5), free as Bytes, dear as Bytes, tx('a', 1, 5)]) {
      assert.equal(mempool.add(one).code, 0);
    }
    assert.deepEqual(texts(mempool.txs(9)), [
      'a/0/9/1/unordered',
      'a/0/5/1',
      'a/1/5/1',
      'a/0/3/1/unordered',
    ]);
    assert.throws(() => mempool.add(marked('unordered', tx('a', 0, 99))), refusal(20));
  });

  it('does not take an unordered one for the predecessor of one that waits', () => {
    const { pool: mempool } = pool();
    assert.equal(mempool.add(tx('a', 1, 1), 'peer').code, 0);
    mempool.add(marked('unordered', tx('a', 0, 1)));
    assert.equal(mempool.add(tx('a', 0, 1)).code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/1/1/unordered', 'a/0/1/1', 'a/1/1/1']);
  });

  it('refuses more than 262,144 bytes with sdk/21', () => {
    const { pool: mempool } = pool();
    assert.throws(() => mempool.add(new Uint8Array(262_145)), refusal(21));
  });

  it('drops what has waited too many blocks', () => {
    const { pool: mempool, app } = pool({ ageBlocks: 2 });
    mempool.add(tx('a', 0, 1));
    const sizes = [1, 2, 3].map((height) => {
      app.commit([]);
      mempool.update(height, [], []);
      return mempool.size();
    });
    assert.deepEqual(sizes, [1, 1, 0]);
  });

  it('forgets the oldest known tx beyond the bound of its memory', () => {
    const { pool: mempool, app } = pool({ cache: 2 });
    const [first, ...rest] = [tx('a', 0, 1), tx('b', 0, 1), tx('c', 0, 1)];
    for (const one of [first as Bytes, ...rest]) mempool.add(one);
    app.commit([first as Bytes, ...rest]);
    assert.equal(mempool.add(first as Bytes).code, 32);
  });

  it('tells listeners what entered and from whom', () => {
    const { pool: mempool } = pool();
    const seen: unknown[] = [];
    mempool.onAdded((added, from) => seen.push([fromUtf8(added), from]));
    mempool.add(tx('a', 0, 1), 'peer');
    mempool.add(tx('b', 0, 1));
    mempool.add(tx('b', 5, 1));
    assert.deepEqual(seen, [
      ['a/0/1/1', 'peer'],
      ['b/0/1/1', undefined],
    ]);
  });

  it('lets a tx of a peer wait for its predecessor, but not one of a client or of the past', () => {
    const { pool: mempool } = pool();
    assert.equal(mempool.add(tx('a', 1, 1)).code, 32);
    assert.equal(mempool.add(tx('a', 2, 1), 'peer').code, 0);
    assert.equal(mempool.add(tx('a', 1, 1), 'peer').code, 0);
    assert.equal(mempool.size(), 0);
    assert.equal(mempool.add(tx('a', 0, 1)).code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/1/1', 'a/1/1/1', 'a/2/1/1']);
    assert.equal(mempool.add(tx('a', 0, 1, 2), 'peer').code, 32);
  });

  it('tries waiting transactions after a block, and forgets them after 20', () => {
    const { pool: mempool, app } = pool();
    mempool.add(tx('a', 1, 1), 'peer');
    mempool.add(tx('b', 1, 1), 'peer');
    app.commit([tx('a', 0, 9)]);
    mempool.update(1, [tx('a', 0, 9)], []);
    assert.deepEqual(texts(mempool.txs(9)), ['a/1/1/1']);
    for (let height = 2; height <= 20; height++) {
      app.commit([]);
      mempool.update(height, [], []);
    }
    app.commit([tx('b', 0, 9)]);
    mempool.update(21, [tx('b', 0, 9)], []);
    assert.deepEqual(texts(mempool.txs(9)), ['a/1/1/1']);
  });

  it('a flood of waiting transactions costs no check after blocks that are not about them', () => {
    const { pool: mempool, app } = pool();
    for (let index = 0; index < 200; index++) mempool.add(tx(`sender${index}`, 5, 1), 'peer');
    const before = app.checks;
    app.commit([tx('a', 0, 9)]);
    mempool.update(1, [tx('a', 0, 9)], []);
    assert.equal(app.checks, before);
  });

  it('bounds what waits, per sender', () => {
    const { pool: mempool } = pool();
    const codes = Array.from({ length: 65 }, (_, i) => mempool.add(tx('a', i + 1, 1), 'peer').code);
    assert.deepEqual(codes.slice(-2), [0, 32]);
  });

  it('bounds the bytes of what waits, and takes more when some of it has gone', () => {
    const { pool: mempool, app } = pool();
    const large = MAX_WAITING_BYTES / 32;
    const early = (sender: string, bytes = large): Bytes => {
      const head = `${sender}/1/1/`;
      return utf8(head + '1'.padStart(bytes - head.length, '0'));
    };
    for (let i = 0; i < 31; i++) assert.equal(mempool.add(early(`s${i}`), 'peer').code, 0);
    assert.equal(mempool.add(early('t', large - 8), 'peer').code, 0);
    assert.equal(mempool.add(utf8('u/1/1/111'), 'peer').code, 32);
    assert.equal(mempool.add(tx('v', 1, 1), 'peer').code, 0);
    for (let height = 1; height <= 20; height++) {
      app.commit([]);
      mempool.update(height, [], []);
    }
    assert.equal(mempool.add(early('u'), 'peer').code, 0);
  });

  it('offers every sender in order and the dearest head first, whatever comes in', () => {
    const arrivals = fc.array(
      fc.record({ sender: fc.constantFrom('a', 'b', 'c', 'd'), price: fc.nat(9) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(arrivals, (list) => {
        const { pool: mempool } = pool();
        const next = new Map<string, number>();
        for (const { sender, price } of list) {
          const sequence = next.get(sender) ?? 0;
          next.set(sender, sequence + 1);
          assert.equal(mempool.add(tx(sender, sequence, price)).code, 0);
        }
        const reaped = mempool.reap(1_000_000, -1n).map(read);
        assert.equal(reaped.length, list.length);
        for (const [at, one] of reaped.entries()) {
          const later = reaped.slice(at + 1);
          assert.ok(later.every((o) => o.sender !== one.sender || o.sequence > one.sequence));
          const heads = [...next.keys()].map((s) => reaped.slice(at).find((o) => o.sender === s));
          assert.ok(heads.every((head) => !head || head.price <= one.price));
        }
      }),
      { seed: 20_260_101, numRuns: 200 },
    );
  });
});
