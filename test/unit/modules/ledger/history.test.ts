/** Random histories over many blocks: nothing appears or vanishes, and every node computes the same. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBigInt, toHex } from '../../../../node/base/bytes.ts';
import { timeFromNanos } from '../../../../node/base/time.ts';
import { SnapshotFolder } from '../../../../node/store/snapshot/folder.ts';
import { BATCH_DATA } from '../../../../node/rollup/queries.ts';
import { ProverReplica } from '../../../../node/rollup/replica.ts';
import { LedgerTree, leafHash, MemoryNodes, type Leaf } from '../../../../modules/ledger/tree.ts';
import { unpack } from '../../../../modules/ledger/words.ts';
import { blockAt } from '../../../support/application.ts';
import { LedgerChain } from './chain.ts';
import { account, add, History, SMALL, TOKENS } from './random-history.ts';
import { DOMAIN } from './support.ts';

const SEED = Number(process.env['SEED'] ?? 20261121);

/** Fees of all sealed batches, read from what L1 is told. */
async function sealedFees(chain: LedgerChain): Promise<Map<bigint, bigint>> {
  const fees = new Map<bigint, bigint>();
  const { sealed } = await chain.status();
  for (let number = 1n; number <= sealed; number++) {
    const { publicWords } = await chain.header(number);
    for (const word of publicWords.slice(-SMALL.feeTokens).map(bytesToBigInt)) {
      const { token, total } = unpack('feeWord', word);
      add(fees, token, total);
    }
  }
  return fees;
}

async function leavesOf(chain: LedgerChain): Promise<Map<number, Leaf>> {
  const leaves = new Map<number, Leaf>();
  for (let index = 1; index <= 9; index++) {
    const { account: state } = await chain.ask.query(account, { index });
    assert(state?.owner);
    const { ax, ay } = state.owner;
    leaves.set(index, {
      ax: bytesToBigInt(ax),
      ay: bytesToBigInt(ay),
      ...{ token: BigInt(state.token), nonce: state.nonce, balance: state.balance },
    });
  }
  return leaves;
}

/** The newest snapshot of one application into another. */
async function restoreFrom(from: LedgerChain, to: LedgerChain): Promise<void> {
  const [snapshot] = from.app.listSnapshots();
  assert(snapshot && snapshot.height === from.app.info().height);
  const { height, format, chunks } = snapshot;
  assert.equal(to.app.offerSnapshot(snapshot, from.app.info().appHash), 'accept');
  for (let index = 0; index < chunks; index++) {
    const chunk = await from.app.loadSnapshotChunk(height, format, index);
    assert(chunk);
    assert.equal(await to.app.applySnapshotChunk(index, chunk), 'accept');
  }
  assert.deepEqual(to.app.info(), from.app.info());
}

const keysOf = (chain: LedgerChain, store: string): string[] =>
  [...chain.stores.store(store).iterate()].map(([key, value]) => `${toHex(key)} ${value.length}`);

describe('ledger/history', function () {
  this.timeout(120_000);
  let history: History;

  before(async () => {
    history = new History(SEED);
    await history.begin();
    // LedgerChain checks the modules' invariants after each of these blocks.
    for (let step = 0; step < 60; step++) await history.step();
    await history.chain.block([], 20n);
  });

  it(`is no monotonous history (seed ${SEED})`, async () => {
    const { sealed } = await history.chain.status();
    assert.ok(sealed > 25n, `only ${sealed} batches`);
    assert.ok(history.withdrawn.size > 0);
    assert.ok(history.codes.has(0) && history.codes.size >= 5, [...history.codes].join());
  });

  it('holds per token what came in, less what went out, less the fees L1 pays', async () => {
    const { chain, deposited, withdrawn } = history;
    const fees = await sealedFees(chain);
    const leaves = [...(await leavesOf(chain)).values()];
    for (const token of TOKENS.map(BigInt)) {
      const held = leaves.filter((leaf) => leaf.token === token);
      const balance = held.reduce((sum, leaf) => sum + leaf.balance, 0n);
      const out = (withdrawn.get(token) ?? 0n) + (fees.get(token) ?? 0n);
      assert.equal(balance + out, deposited.get(token), `token ${token}`);
    }
  });

  it('ends at the root of the tree over its accounts', async () => {
    const { chain } = history;
    const tree = new LedgerTree(SMALL.depth, new MemoryNodes());
    const leaves = [...(await leavesOf(chain))];
    tree.update(new Map(leaves.map(([index, leaf]) => [index, leafHash(leaf)])));
    const { newRoot } = await chain.header((await chain.status()).sealed);
    assert.equal(tree.root, bytesToBigInt(newRoot));
  });

  it('gives provers all they need: a replica fed with batch contents reaches every root', async () => {
    const { chain } = history;
    const replica = new ProverReplica(DOMAIN, SMALL);
    const { sealed } = await chain.status();
    for (let number = 1n; number <= sealed; number++) {
      const { batch } = await chain.ask.query(BATCH_DATA, { number });
      assert(batch);
      replica.advance(batch);
      assert.equal(replica.root, bytesToBigInt((await chain.header(number)).newRoot));
    }
  });

  it('goes on the same on a node restored from a snapshot, to the last unit of gas', async () => {
    const path = await mkdtemp(join(tmpdir(), 'snap-history-'));
    const options = { shape: SMALL, maxAgeSeconds: 4n };
    const folder = await SnapshotFolder.open(join(path, 'live'));
    const other = await SnapshotFolder.open(join(path, 'restored'));
    const snapshots = { folder, interval: 1, keepRecent: 2 };
    const live = new LedgerChain({ ...options, snapshots });
    let restored: LedgerChain | undefined;
    for (const [i, { txs, seconds }] of history.blocks.entries()) {
      const height = i + 1;
      live.now += seconds;
      const block = blockAt(height, txs, timeFromNanos(live.now * 1_000_000_000n));
      const response = live.app.finalizeBlock(block);
      if (restored) {
        assert.deepEqual(restored.app.finalizeBlock(block), response, `block ${height}`);
        await restored.app.commit();
      }
      await live.app.commit();
      await live.app.idle();
      if (height > 9 && height % 10 !== 0) continue;
      restored = new LedgerChain({
        ...options,
        snapshots: { folder: other, interval: 0, keepRecent: 1 },
      });
      await restoreFrom(live, restored);
      assert.deepEqual(keysOf(restored, 'ledger_tree'), keysOf(live, 'ledger_tree'));
      assert.equal(restored.dump('settlement_data'), live.dump('settlement_data'));
      assert.deepEqual(restored.app.brokenInvariants(), []);
    }
    assert.deepEqual(await restored?.app.takeSnapshot(), live.app.listSnapshots()[0]);
    await rm(path, { recursive: true });
  });

  it('gives a second node the same app hash after every block', async () => {
    const other = new LedgerChain({ shape: SMALL, maxAgeSeconds: 4n });
    for (const [i, { txs, seconds, appHash }] of history.blocks.entries()) {
      other.now += seconds;
      const time = timeFromNanos(other.now * 1_000_000_000n);
      const response = other.app.finalizeBlock(blockAt(i + 1, txs, time));
      await other.app.commit();
      assert.equal(toHex(response.appHash), appHash, `block ${i + 1}`);
    }
  });
});
