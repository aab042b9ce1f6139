import assert from 'node:assert/strict';
import { concat, utf8, type Bytes } from '../../../node/base/bytes.ts';
import {
  MAX_STORE_VALUE_BYTES,
  MAX_SUBSPACE_BYTES,
  MAX_SUBSPACE_PAIRS,
} from '../../../node/base/limits.ts';
import { ProtoReader } from '../../../node/base/proto-reader.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { answerSubspace } from '../../../node/store/query.ts';

const keyOf = (i: number): Bytes => Uint8Array.of(0x10, i >> 8, i & 0xff);

/** A store with these values below a prefix, and more on both sides of it. */
async function storesWith(values: readonly Bytes[]): Promise<MultiStore> {
  const stores = MultiStore.open(new MemoryDb(), { iavl: ['bank'], plain: [] });
  const branch = stores.branch();
  for (const beside of [0x0f, 0x11]) branch.store('bank').set(Uint8Array.of(beside), utf8('no'));
  for (const [i, value] of values.entries()) branch.store('bank').set(keyOf(i), value);
  branch.write();
  await stores.commit();
  return stores;
}

function countOf(stores: MultiStore): number {
  const question = { store: 'bank', key: Uint8Array.of(0x10), height: 0 };
  const { value } = answerSubspace(stores, question);
  let count = 0;
  const reader = new ProtoReader(value!, { repeated: [1] });
  for (; reader.next(); count += 1) reader.bytes();
  return count;
}

describe('store/query: a subspace', () => {
  it('is answered up to so many pairs, and refused with one more', async () => {
    const values = Array.from({ length: MAX_SUBSPACE_PAIRS }, () => utf8('v'));
    assert.equal(countOf(await storesWith(values)), MAX_SUBSPACE_PAIRS);
    const more = await storesWith([...values, utf8('v')]);
    assert.throws(() => countOf(more), { codespace: 'sdk', code: 18, message: /more than/ });
  });

  it('is answered up to so many bytes of keys and values, and refused with one more', async () => {
    const most = MAX_STORE_VALUE_BYTES - keyOf(0).length;
    const values = Array.from({ length: MAX_SUBSPACE_BYTES / MAX_STORE_VALUE_BYTES }, () =>
      new Uint8Array(most).fill(1),
    );
    assert.equal(countOf(await storesWith(values)), values.length);
    const [first, ...rest] = values;
    const more = await storesWith([concat(first!, utf8('1')), ...rest]);
    assert.throws(() => countOf(more), { codespace: 'sdk', code: 18, message: /more than/ });
  });
});
