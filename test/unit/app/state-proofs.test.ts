import assert from 'node:assert/strict';
import type { Application } from '../../../node/app/application.ts';
import { fromHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { ProtoReader } from '../../../node/base/proto-reader.ts';
import { createApplication } from '../../../node/chain.ts';
import { readCommit } from '../../../node/store/boot-check.ts';
import { decodeProof } from '../../../node/store/ics23/codec.ts';
import { IAVL_SPEC, TENDERMINT_SPEC } from '../../../node/store/ics23/types.ts';
import {
  rootOfProof,
  verifyMembership,
  verifyNonMembership,
} from '../../../node/store/ics23/verify.ts';
import { markerKey } from '../../../node/store/layout.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testKey,
} from '../../support/application.ts';
import { LedgerChain } from '../modules/ledger/chain.ts';
import { proves, type Claim } from '../store/ics23/multi-proof.ts';
import { Random } from '../store/random.ts';

const KEYS = ['ann', 'bob', 'eve'].map((name) => testKey(name));

/** The whole list of modules, with sends in its blocks. */
async function chain(): Promise<{ app: Application; db: MemoryDb }> {
  const { ledger, settlement } = new LedgerChain().app.exportGenesis() as Record<string, unknown>;
  const options = { chainId: 'test-1', version: '0.1.0', minGasPrices: [], keepRecent: 0 };
  const db = new MemoryDb();
  const app = createApplication({ db, ...options });
  app.initChain(initRequest({ ...genesisFor(KEYS), ledger, settlement }));
  await runBlock(app, []);
  for (let round = 0; round < 4; round++) {
    const txs = KEYS.map((key, i) => {
      const messages = [sendMessage(key, KEYS[(i + 1) % 3]!.text, '7')];
      return signTx({ messages, key, accountNumber: BigInt(i), sequence: BigInt(round) });
    });
    const { txResults } = await runBlock(app, txs);
    assert.deepEqual(
      txResults.map(({ code }) => code),
      [0, 0, 0],
    );
  }
  return { app, db };
}

function keysOf(app: Application, store: string, height: number): Bytes[] {
  const path = `/store/${store}/subspace`;
  const { value, code, log } = app.query({ path, data: utf8(''), height, prove: false });
  assert.equal(code, 0, log);
  const keys: Bytes[] = [];
  const pairs = new ProtoReader(value, { repeated: [1] });
  while (pairs.next()) {
    pairs.message((pair) => {
      while (pair.next()) {
        if (pair.field === 1) keys.push(pair.bytes());
        else pair.bytes();
      }
    });
  }
  return keys;
}

function ask(app: Application, store: string, key: Bytes, height: number) {
  const request = { path: `/store/${store}/key`, data: key, height, prove: true };
  const { value, code, log, proofOps } = app.query(request);
  assert.equal(code, 0, log);
  assert.deepEqual(
    proofOps.map(({ type }) => type),
    ['ics23:iavl', 'ics23:simple'],
  );
  assert.deepEqual(
    proofOps.map((op) => op.key),
    [key, utf8(store)],
  );
  return { value: value.length > 0 ? value : undefined, ops: proofOps.map((op) => op.data) };
}

/** Keys around those that are there, and some from nowhere near them. */
function absent(random: Random, keys: readonly Bytes[]): Bytes[] {
  const known = new Set(keys.map(String));
  const around = keys.flatMap((key) => [
    Uint8Array.of(...key, 0),
    key.slice(0, -1),
    key.with(-1, (key.at(-1)! + 1) & 0xff),
  ]);
  const all = [Uint8Array.of(0), fromHex('ff'.repeat(40)), random.bytes(20), ...around];
  return all.filter((key) => key.length > 0 && !known.has(String(key)));
}

describe('abci_query with prove=true', () => {
  it('proves for every store of the chain what is there and what is not, at every height', async () => {
    const random = Random.announced('keys that are absent');
    const { app, db } = await chain();
    const newest = app.info().height;
    const seen = { full: new Set<string>(), empty: new Set<string>() };
    for (let height = 2; height <= newest; height++) {
      const { stores } = readCommit(db, height);
      const appHash = height === newest ? app.info().appHash : db.get(markerKey(height))!;
      for (const { name, kind, root } of stores) {
        if (kind !== 'iavl') continue;
        const keys = keysOf(app, name, height);
        const claim = { appHash, store: name };
        if (keys.length === 0) {
          assert.equal(root, undefined);
          provesEmptiness(app, claim, height);
          seen.empty.add(name);
          continue;
        }
        seen.full.add(name);
        for (const key of keys.slice(0, 60)) {
          const { value, ops } = ask(app, name, key, height);
          assert(value, `${name} has the key`);
          assert.ok(proves({ ...claim, key, value }, ops.map(decodeProof)), `${name} at ${height}`);
        }
        for (const key of absent(random, keys.slice(0, 40))) {
          const { value, ops } = ask(app, name, key, height);
          assert.equal(value, undefined);
          assert.ok(proves({ ...claim, key, value }, ops.map(decodeProof)), `${name} at ${height}`);
        }
      }
    }
    for (const store of ['acc', 'bank']) assert.ok(seen.full.has(store), `${store} is empty`);
    assert.ok(seen.empty.size > 0, 'no store is empty');
  });
});

/** That a store is empty follows from its root; absence of one key has no proof that a verifier takes. */
function provesEmptiness(
  app: Application,
  { appHash, store }: Pick<Claim, 'appHash' | 'store'>,
  height: number,
): void {
  const key = utf8('any');
  const { value, ops } = ask(app, store, key, height);
  assert.equal(value, undefined);
  const [first, second] = ops.map(decodeProof);
  const root = sha256(new Uint8Array(0));
  assert.throws(() => rootOfProof(first!), /neither a left nor a right neighbour/);
  assert.throws(() => verifyNonMembership(IAVL_SPEC, first!, { root, key }), /neither/);
  verifyMembership(TENDERMINT_SPEC, second!, { root: appHash, key: utf8(store), value: root });
}
