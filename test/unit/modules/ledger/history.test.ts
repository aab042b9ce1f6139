/** Random histories over many blocks: nothing appears or vanishes, and every node computes the same. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBigInt, toHex, type Bytes } from '../../../../node/base/bytes.ts';
import { timeFromNanos } from '../../../../node/base/time.ts';
import { SnapshotFolder } from '../../../../node/store/snapshot/folder.ts';
import { BATCH_DATA } from '../../../../node/rollup/queries.ts';
import { ProverReplica } from '../../../../node/rollup/replica.ts';
import { OP_CONVERT, OP_TRANSFER, OP_WITHDRAW } from '../../../../modules/ledger/intent.ts';
import { LedgerTree, leafHash, MemoryNodes, type Leaf } from '../../../../modules/ledger/tree.ts';
import { unpack } from '../../../../modules/ledger/words.ts';
import * as wire from '../../../../proto/gen/bitscale/ledger/v1/query.ts';
import { blockAt } from '../../../support/application.ts';
import { LedgerChain, LATER, SHAPE } from './chain.ts';
import { DOMAIN, random, wallet, type Wallet } from './support.ts';

const SEED = Number(process.env['SEED'] ?? 20261121);
const OPERATIONS = [OP_TRANSFER, OP_TRANSFER, OP_CONVERT, OP_WITHDRAW];
const OWNERS = [1, 2, 3].map(wallet);
const TOKENS = [1, 2, 3];
const SMALL = { ...SHAPE, slots: 3 };

interface Place {
  readonly owner: Wallet;
  readonly token: bigint;
  readonly index: bigint;
}

const account = {
  path: '/bitscale.ledger.v1.Query/Account',
  request: wire.QueryAccountRequest,
  response: wire.QueryAccountResponse,
};

class History {
  readonly chain = new LedgerChain({ shape: SMALL, maxAgeSeconds: 4n });
  readonly blocks: { txs: Bytes[]; seconds: bigint; appHash: string }[] = [];
  readonly #next: (below: number) => number;
  readonly #places: Place[] = [];
  #quotes: string[] = [];
  /** What went in and out, by token: counted from what was answered, not from the state. */
  readonly deposited = new Map<bigint, bigint>();
  readonly withdrawn = new Map<bigint, bigint>();
  readonly codes = new Set<number>();

  constructor(seed: number) {
    this.#next = random(seed);
  }

  async #block(txs: Bytes[]): Promise<ReturnType<LedgerChain['block']>> {
    const seconds = BigInt(1 + this.#next(3));
    const response = await this.chain.block(txs, seconds);
    this.blocks.push({ txs, seconds, appHash: toHex(response.appHash) });
    return response;
  }

  async begin(): Promise<void> {
    const { chain } = this;
    for (const owner of OWNERS) {
      for (const token of TOKENS) {
        await this.#block([chain.tx([chain.register(owner, token)])]);
        const index = BigInt(this.#places.length + 1);
        this.#places.push({ owner, token: BigInt(token), index });
        await this.#deposit(owner, token);
      }
    }
  }

  async #deposit(owner: Wallet, token: number): Promise<void> {
    const amount = BigInt(1 + this.#next(5_000));
    const deposits = [this.chain.nextDeposit(owner, token, amount)];
    const txs = this.chain.validators.map(({ key }) =>
      this.chain.tx([this.chain.attestL1({ deposits }, key)], key),
    );
    await this.#block(txs);
    add(this.deposited, BigInt(token), amount);
  }

  /** A block of random messages, many of them refused. */
  async step(): Promise<void> {
    const txs: Bytes[] = [];
    if (this.#next(6) === 0) await this.#deposit(this.#pick(OWNERS), this.#pick(TOKENS));
    if (this.#next(3) === 0) txs.push(await this.#postQuote());
    const withdrawals: (readonly [at: number, token: bigint, amount: bigint])[] = [];
    for (let i = this.#next(4); i >= 0; i--) {
      const intent = await this.#intent();
      if (intent.op === OP_WITHDRAW) withdrawals.push([txs.length, intent.token, intent.amount]);
      txs.push(this.chain.tx([this.chain.submit(intent)]));
    }
    const { txResults } = await this.#block(txs);
    for (const { code } of txResults) this.codes.add(code);
    for (const [at, token, amount] of withdrawals) {
      if (txResults[at]?.code === 0) add(this.withdrawn, token, amount);
    }
  }

  async #intent() {
    const from = this.#pick(this.#places);
    const op = this.#pick(OPERATIONS);
    const toToken = op === OP_CONVERT ? (from.token % 3n) + 1n : from.token;
    const to = this.#pick(this.#places.filter(({ token }) => token === toToken));
    const { account: state } = await this.chain.ask.query(account, { index: Number(from.index) });
    const amount = BigInt(1 + this.#next(900));
    const converts = op === OP_CONVERT;
    return this.chain.sign(from.owner, {
      op,
      sIdx: from.index,
      token: from.token,
      amount,
      fee: BigInt(this.#next(3)),
      nonce: (state?.nonce ?? 0n) + (this.#next(8) === 0 ? 1n : 0n),
      expiry: this.#next(12) === 0 ? 5n : LATER,
      ...(op === OP_WITHDRAW ? { rIdx: 0n, memo: 0x99n } : { rIdx: to.index }),
      ...(converts && { tokenOut: toToken, amountOut: (amount * 9n) / 10n || 1n }),
      ...(converts && { quoteId: this.#pick(this.#quotes) ?? 'none' }),
    });
  }

  async #postQuote(): Promise<Bytes> {
    const pays = this.#pick(this.#places);
    const tokenIn = ((pays.token + 1n) % 3n) + 1n;
    const earns = this.#pick(this.#places.filter(({ token }) => token === tokenIn));
    const { account: state } = await this.chain.ask.query(account, { index: Number(pays.index) });
    const { id, quote } = this.chain.quote(pays.owner, {
      inIdx: earns.index,
      outIdx: pays.index,
      tokenIn,
      tokenOut: pays.token,
      nonce: state?.nonce ?? 0n,
      uses: 20n,
      num: 9n,
      den: 10n,
      max: BigInt(300 + this.#next(2_000)),
    });
    this.#quotes = [id, ...this.#quotes].slice(0, 4);
    return this.chain.tx([this.chain.post(quote)]);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#next(list.length)] as T;
  }
}

const add = (to: Map<bigint, bigint>, token: bigint, amount: bigint): void =>
  void to.set(token, (to.get(token) ?? 0n) + amount);

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
