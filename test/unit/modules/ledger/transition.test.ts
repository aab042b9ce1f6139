import assert from 'node:assert/strict';
import { BitscaleError, type ErrorKind } from '../../../../node/base/errors.ts';
import * as errors from '../../../../modules/ledger/errors.ts';
import * as intents from '../../../../modules/ledger/intent.ts';
import * as transition from '../../../../modules/ledger/transition.ts';
import { MemoryLeaves, offer, random, signed, wallet } from './support.ts';

const SHAPE: transition.BatchShape = { depth: 8, slots: 3, quotes: 1, feeTokens: 4 };
const alice = wallet(1);
const bob = wallet(2);
const provider = wallet(3);

/** alice 1 (token 1), bob 2 (token 2), provider 3 (token 1) and 4 (token 2), bob 5 (token 1). */
function start(): { leaves: MemoryLeaves; batch: transition.OpenBatch } {
  const leaves = new MemoryLeaves();
  const open = (index: number, owner: typeof alice, token: bigint, balance: bigint): void =>
    leaves.set(index, { ...owner.key, token, nonce: 0n, balance });
  open(1, alice, 1n, 1_000n);
  open(2, bob, 2n, 0n);
  open(3, provider, 1n, 0n);
  open(4, provider, 2n, 500n);
  open(5, bob, 1n, 0n);
  return { leaves, batch: transition.openBatch(1n, 100n) };
}

function refused(kind: ErrorKind, run: () => unknown): void {
  assert.throws(run, (error) => error instanceof BitscaleError && error.kind === kind);
}

describe('ledger/transition', () => {
  it('moves amount and fee out of the sender and the amount to the receiver', () => {
    const { leaves, batch } = start();
    const o = signed(alice, { sIdx: 1n, rIdx: 5n, amount: 100n, fee: 3n });
    const after = transition.apply(leaves, batch, o);
    assert.equal(leaves.get(1)?.balance, 897n);
    assert.equal(leaves.get(1)?.nonce, 1n);
    assert.equal(leaves.get(5)?.balance, 100n);
    assert.deepEqual(after.fees, [[1n, 3n]]);
  });

  const cases: [string, Parameters<typeof signed>[1], ErrorKind][] = [
    ['a used nonce', { sIdx: 1n, rIdx: 5n, amount: 1n, nonce: 1n }, errors.ERR_NONCE],
    ['more than the balance', { sIdx: 1n, rIdx: 5n, amount: 1_000n, fee: 1n }, errors.ERR_FUNDS],
    ['an expired intent', { sIdx: 1n, rIdx: 5n, amount: 1n, expiry: 99n }, errors.ERR_EXPIRED],
    [
      'a token the account does not hold',
      { sIdx: 1n, rIdx: 2n, amount: 1n, token: 2n },
      errors.ERR_TOKEN,
    ],
    ['a receiver of another token', { sIdx: 1n, rIdx: 2n, amount: 1n }, errors.ERR_TOKEN],
    ['an unknown sender', { sIdx: 9n, rIdx: 5n, amount: 1n }, errors.ERR_UNKNOWN_ACCOUNT],
    ['an unknown receiver', { sIdx: 1n, rIdx: 9n, amount: 1n }, errors.ERR_UNKNOWN_ACCOUNT],
    ["another owner's account", { sIdx: 5n, rIdx: 1n, amount: 0n }, errors.ERR_WRONG_OWNER],
  ];
  for (const [name, part, kind] of cases) {
    it(`refuses ${name} and changes nothing`, () => {
      const { leaves, batch } = start();
      const before = new Map(leaves.map);
      refused(kind, () => transition.apply(leaves, batch, signed(alice, part)));
      assert.deepEqual(leaves.map, before);
    });
  }

  it('fills a conversion from a standing quote and settles the provider once, when the batch closes', () => {
    const { leaves, batch } = start();
    const q = offer(provider, { inIdx: 3n, outIdx: 4n, num: 99n, den: 100n });
    const convert = { op: intents.OP_CONVERT, sIdx: 1n, rIdx: 2n, tokenOut: 2n, amount: 101n };
    const first = transition.apply(leaves, batch, signed(alice, { ...convert, amountOut: 99n }), q);
    const o = signed(alice, { ...convert, amountOut: 99n, nonce: 1n });
    const second = transition.apply(leaves, first, o, q);
    assert.equal(leaves.get(4)?.balance, 500n);
    transition.settleQuotes(leaves, second);
    assert.equal(leaves.get(4)?.balance, 500n - 198n);
    assert.equal(leaves.get(4)?.nonce, 1n);
    assert.equal(leaves.get(3)?.balance, 202n);
    assert.equal(leaves.get(2)?.balance, 198n);
  });

  it('refuses conversions at another rate, past the limit, past the balance or by the provider itself', () => {
    const { leaves, batch } = start();
    const convert = { op: intents.OP_CONVERT, sIdx: 1n, rIdx: 2n, tokenOut: 2n };
    const run = (amount: bigint, amountOut: bigint, q: ReturnType<typeof offer>): void =>
      void transition.apply(leaves, batch, signed(alice, { ...convert, amount, amountOut }), q);
    const plain = offer(provider, { inIdx: 3n, outIdx: 4n });
    refused(errors.ERR_RATE, () => run(10n, 11n, plain));
    refused(errors.ERR_QUOTE_EXHAUSTED, () => run(501n, 501n, plain));
    const small = offer(provider, { inIdx: 3n, outIdx: 4n, max: 9n });
    refused(errors.ERR_QUOTE_EXHAUSTED, () => run(10n, 10n, small));
    const used = offer(provider, { inIdx: 3n, outIdx: 4n, nonce: 5n });
    refused(errors.ERR_QUOTE_EXHAUSTED, () => run(1n, 1n, used));
    const old = offer(provider, { inIdx: 3n, outIdx: 4n, expiry: 99n });
    refused(errors.ERR_EXPIRED, () => run(1n, 1n, old));
    const foreign = offer(bob, { inIdx: 3n, outIdx: 4n });
    refused(errors.ERR_WRONG_OWNER, () => run(1n, 1n, foreign));
  });

  it('closes a batch before an operation that it cannot hold', () => {
    const { leaves, batch } = start();
    const q = offer(provider, { inIdx: 3n, outIdx: 4n });
    const convert = { op: intents.OP_CONVERT, sIdx: 1n, rIdx: 2n, tokenOut: 2n };
    const o = signed(alice, { ...convert, amount: 5n, amountOut: 5n });
    const after = transition.apply(leaves, batch, o, q);
    const needs = (operation: transition.Operation, offered?: transition.Offer): boolean =>
      transition.needsNewBatch(after, operation, SHAPE, offered);
    const pay = signed(alice, { sIdx: 1n, rIdx: 5n, amount: 1n, nonce: 1n });
    assert.equal(needs(pay), false);
    assert.equal(needs(o, q), false);
    const spends = signed(provider, { sIdx: 4n, rIdx: 2n, token: 2n, amount: 1n });
    assert.equal(needs(spends), true);
    assert.equal(needs(o, offer(provider, { inIdx: 3n, outIdx: 4n, max: 7n })), true);
    const full = { ...after, operations: [o, o, o] };
    assert.equal(transition.needsNewBatch(full, pay, SHAPE), true);
    const fees = [2n, 3n, 4n, 5n].map((token) => [token, 1n] as const);
    const paysFee = signed(alice, { sIdx: 1n, rIdx: 5n, amount: 1n, fee: 1n });
    assert.equal(transition.needsNewBatch({ ...after, fees }, paysFee, SHAPE), true);
  });

  it('conserves every token over random histories', () => {
    const seed = Number(process.env['SEED'] ?? 20261121);
    const next = random(seed);
    const { leaves } = start();
    let batch = transition.openBatch(1n, 100n);
    let fees = 0n;
    for (let step = 0; step < 200; step++) {
      const sIdx = [1n, 5n, 3n][next(3)] as bigint;
      const rIdx = [1n, 5n, 3n][next(3)] as bigint;
      const owner = [alice, bob, provider][[1n, 5n, 3n].indexOf(sIdx)] as typeof alice;
      const nonce = leaves.get(Number(sIdx))?.nonce as bigint;
      const o = signed(owner, {
        sIdx,
        rIdx,
        nonce,
        amount: BigInt(next(400)),
        fee: BigInt(next(3)),
      });
      if (transition.needsNewBatch(batch, o, SHAPE)) {
        fees += batch.fees.reduce((sum, [, total]) => sum + total, 0n);
        batch = transition.openBatch(batch.number + 1n, 100n);
      }
      try {
        batch = transition.apply(leaves, batch, o);
      } catch (error) {
        assert.ok(error instanceof BitscaleError, `seed ${seed}: ${String(error)}`);
      }
      const pending = batch.fees.reduce((sum, [, total]) => sum + total, 0n);
      assert.equal(leaves.total(1n) + fees + pending, 1_000n, `seed ${seed}, step ${step}`);
    }
  });
});
