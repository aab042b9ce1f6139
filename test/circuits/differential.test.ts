import assert from 'node:assert/strict';
import { BitscaleError } from '../../node/base/errors.ts';
import { evaluate, publicInputs, sealBatch, type SealedBatch } from '../../modules/ledger/batch.ts';
import * as intent from '../../modules/ledger/intent.ts';
import { LedgerTree, MemoryNodes, type Leaf } from '../../modules/ledger/tree.ts';
import * as transition from '../../modules/ledger/transition.ts';
import { batchWitness } from '../../modules/ledger/witness.ts';
import { BUILD_TIMEOUT, testCircuit } from './built-circuit.ts';
import { DOMAIN, Ledger, TEST_SHAPE, TIME, buildBatch, type SlotSpec } from './reference-batch.ts';
import { keyOf, type Key } from './reference-crypto.ts';
import { openLedger } from './scenarios.ts';

const SEED = Number(process.env['SEED'] ?? 7);
const BATCHES = 24;
const NAMES = ['alice', 'bob', 'carol', 'dave'];
const KEYS = NAMES.map(keyOf);
const LATER = TIME + 10_000n;

/** The same accounts three times over: the module's leaves and tree, and the reference ledger. */
class World {
  readonly reference = openLedger(TEST_SHAPE.depth);
  readonly leaves = new Map<number, Leaf>();
  readonly tree = new LedgerTree(TEST_SHAPE.depth, new MemoryNodes());
  next = 12n;
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 2654435761 || 1;
    for (const [index, leaf] of this.reference.leaves) this.leaves.set(Number(index), leaf);
    this.replica = { leaves: this.leaves, tree: this.tree };
    this.tree.update(this.#hashes());
  }

  readonly replica: Parameters<typeof batchWitness>[2];

  #hashes(): Map<number, bigint> {
    const { tree, leaves } = this.reference;
    return new Map(
      [...leaves.keys()].map((index) => [Number(index), tree.node(0, index)] as const),
    );
  }

  pick(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)] as T;
  }
}

const publicPart = ({ ax, ay }: Key): { ax: bigint; ay: bigint } => ({ ax, ay });
const keyOfLeaf = (leaf: Leaf): Key | undefined => KEYS.find((key) => key.ax === leaf.ax);

function fieldsFrom(leaf: Leaf, index: number, more: Partial<intent.IntentFields>) {
  const none = { rIdx: 0n, tokenOut: 0n, amountOut: 0n, memo: 0n, quoteId: '' };
  const { token, nonce } = leaf;
  const own = { op: 2n, sIdx: BigInt(index), token, nonce, expiry: LATER, amount: 0n, fee: 0n };
  return { ...none, ...own, ...more };
}

/** A random operation on the leaves as they are; a quote beside it when it is a conversion. */
function propose(world: World, leaves: Map<number, Leaf>) {
  const kind = world.pick(5);
  const [index, leaf] = world.one([...leaves].filter(([, { balance }]) => balance > 0n));
  const key = keyOfLeaf(leaf) as Key;
  const amount = BigInt(world.pick(Number(leaf.balance > 999n ? 900n : leaf.balance)));
  const fee = BigInt(world.pick(2)) * (leaf.balance > 999n ? 3n : 0n);
  const sign = (more: Partial<intent.IntentFields>): transition.Operation => ({
    ...intent.signIntent(
      DOMAIN,
      key.secret,
      publicPart(key),
      fieldsFrom(leaf, index, { amount, fee, ...more }),
    ),
    quoteIdx: 0n,
  });
  if (kind === 0) {
    const { ax, ay } = world.one(KEYS);
    return { operation: transition.registerOperation({ rIdx: world.next++, token: 4n, ax, ay }) };
  }
  if (kind === 1) {
    const { ax, ay, token } = leaf;
    const to = { rIdx: BigInt(index), token, ax, ay };
    return { operation: transition.depositOperation({ ...to, amount: amount + 1n }) };
  }
  if (kind === 2) return { operation: sign({ op: 4n, memo: BigInt(world.pick(2 ** 31)) << 129n }) };
  const alike = [...leaves].filter(([, other]) => other.token === leaf.token);
  if (kind === 3) return { operation: sign({ rIdx: BigInt(world.one(alike)[0]), memo: 9n }) };
  return conversion(world, leaves);
}

function conversion(world: World, leaves: Map<number, Leaf>) {
  const [alice, , carol] = KEYS as [Key, Key, Key];
  const payer = leaves.get(1) as Leaf;
  const out = leaves.get(7) as Leaf;
  const [num, den] = [BigInt(1 + world.pick(5000)), BigInt(1 + world.pick(3000))];
  const amount = BigInt(world.pick(300));
  const rest = { nonce: out.nonce, uses: 3n, expiry: LATER, num, den, max: 1n << 40n };
  const sides = { inIdx: 6n, outIdx: 7n, tokenIn: 1n, tokenOut: 2n };
  const quote = intent.signQuote(DOMAIN, carol.secret, publicPart(carol), { ...sides, ...rest });
  const amountOut = (amount * num) / den;
  const fields = fieldsFrom(payer, 1, {
    op: 5n,
    rIdx: 3n,
    tokenOut: 2n,
    amount,
    amountOut,
    fee: 2n,
  });
  const operation = {
    ...intent.signIntent(DOMAIN, alice.secret, publicPart(alice), fields),
    quoteIdx: 0n,
  };
  return { operation, quote: { id: `${num}/${den}/${out.nonce}`, quote } };
}

/** One batch by the module's transition, on a copy of the leaves. */
function execute(world: World, number: bigint): { batch: SealedBatch; touched: Map<number, Leaf> } {
  const leaves = new Map(world.leaves);
  let open = transition.openBatch(number, TIME);
  for (let attempt = 0; attempt < 40 && open.operations.length < TEST_SHAPE.slots; attempt++) {
    const { operation, quote } = propose(world, leaves) as {
      operation: transition.Operation;
      quote?: { id: string; quote: intent.Quote };
    };
    if (transition.needsNewBatch(open, operation, TEST_SHAPE, quote as never)) continue;
    try {
      open = transition.apply(leaves, open, operation, quote as never);
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
    }
    if (world.pick(8) === 0) break;
  }
  transition.settleQuotes(leaves, open);
  const after = new Ledger(TEST_SHAPE.depth);
  for (const [index, leaf] of leaves) after.put(BigInt(index), leaf);
  const roots = { oldRoot: world.tree.root, newRoot: after.tree.root };
  return { batch: sealBatch(DOMAIN, TEST_SHAPE, open, roots), touched: leaves };
}

/** The same batch for the reference builder. */
function specOf(batch: SealedBatch) {
  const slots: SlotSpec[] = batch.operations.map((o) => ({
    op: o.op,
    fields: { ...(o as unknown as Record<string, bigint>) },
  }));
  const quotes = batch.quotes.map(({ quote }) => ({
    key: KEYS.find((key) => key.ax === quote.ax) as Key,
    fields: { ...(quote as unknown as Record<string, bigint>) },
  }));
  return { slots, quotes };
}

describe(`random batches (seed ${SEED}) mean the same to the module, the circuit and the reference`, function () {
  this.timeout(BUILD_TIMEOUT);
  before(() => void testCircuit());

  const world = new World(SEED);
  const seen = new Set<bigint>();
  for (let n = 1n; n <= BigInt(BATCHES); n++) {
    it(`batch ${n}`, () => {
      const { batch } = execute(world, n);
      for (const { op } of batch.operations) seen.add(op);
      const kinds = batch.operations.map((o) => o.op).join(' ');
      const feeTokens = feeTokensOf(batch);
      const { slots, quotes } = specOf(batch);
      const spec = { slots, quotes, header: { batchNo: n, time: TIME }, feeTokens };
      const reference = buildBatch(world.reference, TEST_SHAPE, spec);
      assert.equal(reference.newRoot, batch.newRoot, `root after ${kinds}`);
      assert.equal(reference.input['commitment'], batch.commitment, `C of ${kinds}`);
      assert.deepEqual(reference.publicWords, batch.publicWords);

      const z = 12345n + n;
      const input = batchWitness(DOMAIN, TEST_SHAPE, world.replica, batch);
      const y = evaluate(batch.publicWords, z);
      const witness = testCircuit().witness({ ...input, z, y });
      assert.deepEqual(witness.slice(1, 7), publicInputs(DOMAIN, batch, z));
      assert.ok(testCircuit().system.accepts(witness));
    });
  }

  it('and every kind of operation was among them', () => {
    assert.deepEqual([...seen].sort(), [1n, 2n, 3n, 4n, 5n]);
  });
});

function feeTokensOf(batch: SealedBatch): bigint[] {
  return batch.publicWords.slice(-TEST_SHAPE.feeTokens).map((word) => word >> 64n);
}
