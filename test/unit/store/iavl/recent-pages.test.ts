import assert from 'node:assert/strict';
import { utf8 } from '../../../../node/base/bytes.ts';
import { PageBatch } from '../../../../node/store/iavl/page-batch.ts';
import { RecentPages } from '../../../../node/store/iavl/recent-pages.ts';

const PAGE = 1_000;

/** A batch whose page number n is filled with n. */
function batchOf(version: number, pages: number): PageBatch {
  const batch = new PageBatch(utf8('n'), version);
  for (let n = 1; n <= pages; n++) batch.add(Buffer.alloc(PAGE, n), PAGE);
  return batch;
}

function content(batch: PageBatch | undefined, nonce: number): Uint8Array | undefined {
  const found = batch?.find(nonce);
  return found && new Uint8Array(found.bytes.subarray(found.start, found.end));
}

/** What a batch takes once it is kept. */
function sizeOf(pages: number): number {
  const recent = new RecentPages(Infinity);
  recent.keep(batchOf(1, pages), new Map());
  return recent.bytes;
}

describe('pages in memory', () => {
  it('take as many bytes as the bound allows; one too many and the oldest go', () => {
    for (const [bound, left] of [
      [3 * sizeOf(50), [1, 2, 3]],
      [3 * sizeOf(50) - 1, [2, 3]],
      [sizeOf(50), [3]],
      [sizeOf(50) - 1, []],
      [0, []],
    ] as const) {
      const recent = new RecentPages(bound);
      const home = new Map<number, PageBatch>();
      for (const version of [1, 2, 3]) recent.keep(batchOf(version, 50), home);
      assert.deepEqual([...home.keys()], left, `${bound} bytes`);
      assert.ok(recent.bytes <= bound);
    }
  });

  it('of different stores share one bound', () => {
    const recent = new RecentPages(2 * sizeOf(50));
    const homes = [1, 2, 3].map((version) => {
      const home = new Map<number, PageBatch>();
      recent.keep(batchOf(version, 50), home);
      return home;
    });
    assert.deepEqual(
      homes.map((home) => home.size),
      [0, 1, 1],
    );
  });

  it('take no memory for much that was forgotten, and show what was not', () => {
    const recent = new RecentPages(Infinity);
    const home = new Map<number, PageBatch>();
    const batch = batchOf(1, 3_000);
    recent.keep(batch, home);
    const whole = recent.bytes;
    assert.ok(whole > 3_000 * PAGE);
    for (let n = 1; n <= 3_000; n++) if (n % 4 > 0) batch.forget(n);
    recent.shrunk(batch);
    assert.ok(recent.bytes < whole / 3.5, `${recent.bytes} of ${whole} bytes`);
    for (let n = 1; n <= 3_000; n++) {
      const expected = n % 4 > 0 ? undefined : new Uint8Array(PAGE).fill(n);
      assert.deepEqual(content(home.get(1), n), expected);
    }
    for (let n = 400; n <= 3_000; n++) batch.forget(n);
    recent.shrunk(batch);
    assert.equal(home.size, 1, 'a thirtieth is in use');
    for (let n = 1; n <= 50; n++) batch.forget(n);
    recent.shrunk(batch);
    assert.equal(home.size, 0, 'less than a thirty-second is not worth it');
    assert.equal(recent.bytes, 0);
  });

  it('leave no more than a sixth of their memory unused', () => {
    const recent = new RecentPages(Infinity);
    const batch = batchOf(1, 3_000);
    recent.keep(batch, new Map());
    for (let n = 1; n <= 2_900; n++) {
      batch.forget(n);
      recent.shrunk(batch);
      const used = (3_000 - n) * PAGE;
      assert.ok(recent.bytes < (used * 6) / 5 + 3_000 * 20, `${recent.bytes} bytes for ${used}`);
    }
  });

  it('that were forgotten are not stored, but found until they are put in order', () => {
    const batch = batchOf(1, 4);
    batch.forget(2);
    batch.forget(2);
    assert.equal(batch.ops().length, 3);
    assert.deepEqual(content(batch, 2), new Uint8Array(PAGE).fill(2));
    assert.equal(batch.find(5), undefined);
    assert.equal(batch.find(0), undefined);
  });

  it('hold records longer than a chunk, beside short ones', () => {
    const batch = new PageBatch(utf8('n'), 1);
    for (let n = 1; n <= 6; n++) {
      const length = n % 2 ? 3_000_000 : 10;
      batch.add(Buffer.alloc(length, n), length);
    }
    for (let n = 1; n <= 6; n++) {
      assert.deepEqual(content(batch, n), new Uint8Array(n % 2 ? 3_000_000 : 10).fill(n));
    }
    assert.equal(batch.ops().length, 6);
  });
});
