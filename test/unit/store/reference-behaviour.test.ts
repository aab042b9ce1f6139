/** Where the reference stores surprise: what this chain copies, and what it refuses instead. */
import assert from 'node:assert/strict';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { hashedStores } from '../../../node/store/commit-record.ts';
import { readCommit } from '../../../node/store/boot-check.ts';
import { decodeProof } from '../../../node/store/ics23/codec.ts';
import { IAVL_SPEC } from '../../../node/store/ics23/types.ts';
import { verifyNonMembership } from '../../../node/store/ics23/verify.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';

const KEY = utf8('k');

async function committed(...writes: ((store: ReturnType<MultiStore['store']>) => void)[]) {
  const db = new MemoryDb();
  const stores = MultiStore.open(db, { iavl: ['a', 'b'], plain: [] });
  const hashes: string[] = [];
  for (const write of writes) {
    write(stores.store('a'));
    hashes.push(toHex(await stores.commit()));
  }
  return { db, stores, hashes };
}

describe('copied from the reference:', () => {
  it('writing the same value again changes the app hash (iavl edge-same-value)', async () => {
    const set = (store: { set(key: Uint8Array, value: Uint8Array): void }) =>
      store.set(KEY, utf8('1'));
    const { hashes } = await committed(set, set);
    assert.notEqual(hashes[0], hashes[1]);
  });

  it('so does setting and removing a key within one version (iavl edge-set-then-delete)', async () => {
    const { hashes } = await committed(
      (store) => ['p', 'q', 'r'].forEach((key) => store.set(utf8(key), utf8('1'))),
      (store) => {
        store.set(KEY, utf8('1'));
        store.delete(KEY);
      },
    );
    assert.notEqual(hashes[0], hashes[1]);
  });

  it('removing what is not there, and a commit without writes, change nothing', async () => {
    const { hashes } = await committed(
      (store) => store.set(utf8('p'), utf8('1')),
      (store) => store.delete(KEY),
      () => undefined,
    );
    assert.equal(hashes[1], hashes[0]);
    assert.equal(hashes[2], hashes[0]);
  });

  it('an empty store counts as SHA-256 of nothing, and absence in it has no proof (edge-one-empty-store)', async () => {
    const { db, stores } = await committed(
      (store) => store.set(KEY, utf8('1')),
      () => undefined,
    );
    const root = hashedStores(readCommit(db, 2)).find(({ name }) => name === 'b')!.hash;
    assert.equal(toHex(root), toHex(sha256(new Uint8Array(0))));
    const { value, proofOps } = stores.query({ store: 'b', key: KEY, height: 2, prove: true });
    assert.equal(value, undefined);
    const proof = decodeProof(proofOps[0]!.data);
    assert.deepEqual(proof, { nonexist: { key: KEY, left: undefined, right: undefined } });
    assert.throws(() => verifyNonMembership(IAVL_SPEC, proof, { root, key: KEY }), /neither/);
  });
});

describe('refused instead of copied:', () => {
  it('an empty value, beside which nothing could be proved (iavl edge-empty-value)', async () => {
    const { stores } = await committed(() => undefined);
    const branch = stores.branch().store('a');
    for (const store of [stores.store('a'), branch]) {
      assert.throws(() => store.set(KEY, new Uint8Array(0)), /the value is empty/);
    }
  });

  it('an empty key (iavl edge-empty-key)', async () => {
    const { stores } = await committed(() => undefined);
    const branch = stores.branch().store('a');
    for (const store of [stores.store('a'), branch]) {
      assert.throws(() => store.set(new Uint8Array(0), KEY), /the key is empty/);
    }
  });
});
