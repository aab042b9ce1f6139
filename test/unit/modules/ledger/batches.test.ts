import assert from 'node:assert/strict';
import { bytesToBigInt, toHex } from '../../../../node/base/bytes.ts';
import * as errors from '../../../../modules/ledger/errors.ts';
import { OP_CONVERT, OP_WITHDRAW } from '../../../../modules/ledger/intent.ts';
import { unpack } from '../../../../modules/ledger/words.ts';
import { attribute, LedgerChain, SHAPE } from './chain.ts';
import { wallet } from './support.ts';

const alice = wallet(1);
const bob = wallet(2);
const provider = wallet(3);
const MAX = (1n << 64n) - 1n;

const convert = { op: OP_CONVERT, sIdx: 1n, rIdx: 3n, tokenOut: 2n, amount: 10n, amountOut: 10n };

/** Alice 1 (token 1: 1000), Bob 2 (token 1), Bob 3 (token 2), provider 4 (token 1), 5 (token 2). */
async function funded(pool = 500n, slots = SHAPE.slots): Promise<LedgerChain> {
  const chain = new LedgerChain({ maxAgeSeconds: 50n, shape: { ...SHAPE, slots } });
  await chain.fund(alice, 1, 1_000n);
  await chain.open(bob, 1);
  await chain.open(bob, 2);
  await chain.open(provider, 1);
  await chain.fund(provider, 2, pool);
  return chain;
}

describe('ledger/batches', () => {
  it('seals a batch with the operation that fills it', async () => {
    const chain = new LedgerChain({ shape: { ...SHAPE, slots: 3 } });
    await chain.open(alice, 1);
    await chain.open(alice, 2);
    assert.equal((await chain.status()).sealed, 0n);
    assert.equal((await chain.status()).openOperations, 2);
    await chain.open(alice, 3);
    const status = await chain.status();
    assert.deepEqual([status.sealed, status.openOperations], [1n, 0]);
    assert.equal((await chain.header(1n)).operations, 3);
  });

  it('seals an older batch at the end of a block, and never an empty one', async () => {
    const chain = new LedgerChain({ maxAgeSeconds: 50n });
    await chain.open(alice, 1);
    const began = chain.now;
    await chain.block([], 49n);
    assert.equal((await chain.status()).sealed, 0n);
    const { events } = await chain.block();
    assert.equal(attribute(events, 'batch_sealed', 'batch'), '1');
    await chain.block([], 500n);
    assert.equal((await chain.status()).sealed, 1n);
    assert.equal((await chain.header(1n)).time, began);
  });

  it('seals early when the paying account of a used quote signs, and settles the quote first', async () => {
    const chain = await funded();
    const { id, quote } = chain.quote(provider, { inIdx: 4n, outIdx: 5n });
    await chain.send(chain.post(quote));
    await chain.intents(chain.sign(alice, { ...convert, quoteId: id }));
    const { sealed } = await chain.status();
    const spend = { sIdx: 5n, rIdx: 3n, token: 2n, amount: 490n, nonce: 0n };
    await chain.refused(errors.ERR_NONCE, chain.submit(chain.sign(provider, spend)));
    assert.equal((await chain.status()).sealed, sealed);
    // The use of the quote in the batch before has counted the nonce up.
    const [done] = await chain.intents(chain.sign(provider, { ...spend, nonce: 1n }));
    assert.equal(done?.batch, sealed + 2n);
    assert.equal((await chain.status()).sealed, sealed + 1n);
  });

  it('seals early when another quote, or one more fee token, is needed than a batch holds', async () => {
    const chain = await funded();
    const first = chain.quote(provider, { inIdx: 4n, outIdx: 5n });
    await chain.send(chain.post(first.quote));
    await chain.intents(chain.sign(alice, { ...convert, quoteId: first.id, fee: 1n }));
    const second = chain.quote(provider, { inIdx: 4n, outIdx: 5n, max: 77n });
    await chain.send(chain.post(second.quote));
    const { sealed } = await chain.status();
    const next = { ...convert, nonce: 1n, quoteId: second.id };
    const [done] = await chain.intents(chain.sign(alice, next));
    assert.equal(done?.batch, sealed + 2n);
    const header = await chain.header(sealed + 1n);
    const fees = header.publicWords.slice(-SHAPE.feeTokens).map(bytesToBigInt);
    assert.deepEqual(unpack('feeWord', fees[0] ?? 0n), { token: 1n, total: 1n });
  });

  it('seals at most what its transactions fill, however many intents they bring', async () => {
    const chain = await funded(500n, 2);
    const { sealed } = await chain.status();
    const pays = Array.from({ length: 20 }, (_, i) =>
      chain.sign(alice, { sIdx: 1n, rIdx: 2n, amount: 1n, nonce: BigInt(i) }),
    );
    await chain.intents(...pays);
    const status = await chain.status();
    const batches = status.sealed - sealed;
    assert.ok(batches <= 11n && batches >= 10n, String(batches));
  });

  it('chains batches: each begins at the root where the one before ended', async () => {
    const chain = await funded(500n, 2);
    const { sealed } = await chain.status();
    assert.ok(sealed >= 3n);
    for (let number = 2n; number <= sealed; number++) {
      const [before, header] = [await chain.header(number - 1n), await chain.header(number)];
      assert.equal(toHex(header.oldRoot), toHex(before.newRoot));
      assert.equal(header.number, number);
    }
  });
});

describe('ledger/limits of amounts', () => {
  it('blocks a deposit beyond 2^64 - 1 of a token, goes on, and credits it when there is room', async () => {
    const chain = new LedgerChain();
    await chain.fund(alice, 1, MAX);
    const over = chain.nextDeposit(bob, 1, 5n);
    const events = await chain.report({ deposits: [over] });
    const reason = attribute(events, 'l1_deposit_blocked', 'reason') ?? '';
    assert.match(reason, /more than a balance can hold/);
    assert.equal((await chain.status()).nextDeposit, 1n);
    const leave = { op: OP_WITHDRAW, sIdx: 1n, amount: 5n, memo: 0xabn };
    assert.equal((await chain.intents(chain.sign(alice, leave)))[0]?.code, 0);
    assert.equal((await chain.status()).nextDeposit, 2n);
  });

  it('blocks a deposit into a balance that is full, and other tokens wait behind it', async () => {
    const chain = new LedgerChain();
    await chain.fund(alice, 1, MAX);
    const deposits = [chain.nextDeposit(alice, 1, 1n), chain.nextDeposit(alice, 2, 1n)];
    const events = await chain.report({ deposits });
    assert.equal(attribute(events, 'l1_deposit_blocked', 'index'), '1');
    assert.equal(attribute(events, 'l1_deposit', 'index'), undefined);
  });

  it('refuses a conversion that pays the paying account itself past its limit', async () => {
    const chain = await funded(MAX);
    const { id, quote } = chain.quote(provider, { inIdx: 4n, outIdx: 5n, max: MAX });
    await chain.send(chain.post(quote));
    const intent = chain.sign(alice, { ...convert, rIdx: 5n, quoteId: id });
    await chain.refused(errors.ERR_BALANCE_LIMIT, chain.submit(intent));
    await chain.block([], 100n);
  });
});
