import assert from 'node:assert/strict';
import { bigIntToBytes, type Bytes } from '../../../../node/base/bytes.ts';
import {
  MAX_DEPOSITS_PER_BLOCK,
  MAX_L1_FACTS_AHEAD,
  MAX_L1_FACTS_PER_MESSAGE,
} from '../../../../node/base/limits.ts';
import { BATCH_FINALITY } from '../../../../node/rollup/queries.ts';
import { ERR_TREE_FULL } from '../../../../modules/ledger/errors.ts';
import { FIELD } from '../../../../modules/ledger/field.ts';
import * as errors from '../../../../modules/settlement/errors.ts';
import type { L1Deposit } from '../../../../proto/gen/bitscale/settlement/v1/types.ts';
import type { TestKey } from '../../../support/application.ts';
import { attribute, LedgerChain, SHAPE } from '../ledger/chain.ts';
import { wallet } from '../ledger/support.ts';

const alice = wallet(1);
const bob = wallet(2);
const hash = (fill: number): Bytes => new Uint8Array(32).fill(fill);

const keyOf = (chain: LedgerChain, i: number): TestKey => chain.validators[i]?.key ?? assert.fail();

/** Validator i reports these deposits; answers the events of the block. */
async function report(chain: LedgerChain, i: number, ...deposits: L1Deposit[]) {
  const tx = chain.tx([chain.attestL1({ deposits }, keyOf(chain, i))], keyOf(chain, i));
  const { txResults, events } = await chain.block([tx]);
  assert.equal(txResults[0]?.code, 0, txResults[0]?.log);
  return events;
}

async function credited(chain: LedgerChain): Promise<bigint> {
  return (await chain.status()).nextDeposit;
}

describe('settlement/deposits', () => {
  it('credits a deposit when more than 2/3 of the power reported the same', async () => {
    const chain = new LedgerChain({ powers: [20n, 20n, 20n] });
    const deposit = chain.nextDeposit(alice, 1, 7n);
    await report(chain, 0, deposit);
    await report(chain, 1, deposit);
    assert.equal(await credited(chain), 0n);
    const events = await report(chain, 2, deposit);
    assert.equal(attribute(events, 'l1_deposit', 'amount'), '7');
    assert.equal(await credited(chain), 1n);
  });

  it('does not add up reports of different contents, and lets a validator correct itself', async () => {
    const chain = new LedgerChain();
    const deposit = chain.nextDeposit(alice, 1, 7n);
    const lies: L1Deposit[] = [
      { ...deposit, amount: 8n },
      { ...deposit, token: 2 },
    ];
    await report(chain, 0, deposit);
    for (const lie of lies) await report(chain, 1, lie);
    await report(chain, 2, deposit);
    assert.equal(await credited(chain), 0n);
    await report(chain, 1, deposit);
    assert.equal(await credited(chain), 1n);
  });

  it('counts one validator once, however often it reports', async () => {
    const chain = new LedgerChain();
    const deposit = chain.nextDeposit(alice, 1, 7n);
    for (let i = 0; i < 5; i++) await report(chain, 0, deposit);
    assert.equal(await credited(chain), 0n);
  });

  it('credits strictly in order: a gap in the queue holds what comes after it', async () => {
    const chain = new LedgerChain();
    const [first, second] = [chain.nextDeposit(alice, 1, 1n), chain.nextDeposit(bob, 1, 2n)];
    await chain.report({ deposits: [second] });
    assert.equal(await credited(chain), 0n);
    const events = await chain.report({ deposits: [first] });
    const order = events.filter(({ type }) => type === 'l1_deposit');
    assert.deepEqual(
      order.map(({ attributes }) => attributes.find(({ key }) => key === 'index')?.value),
      ['0', '1'],
    );
  });

  it('takes a report of a credited deposit without effect', async () => {
    const chain = new LedgerChain();
    const deposit = chain.nextDeposit(alice, 1, 7n);
    await chain.report({ deposits: [deposit] });
    const before = chain.dump('ledger');
    await chain.report({ deposits: [{ ...deposit, amount: 1_000n }] });
    assert.equal(chain.dump('ledger'), before);
  });

  it('credits at most MAX_DEPOSITS_PER_BLOCK in a block and the rest in the next ones', async () => {
    const chain = new LedgerChain();
    const count = MAX_DEPOSITS_PER_BLOCK + 20;
    const deposits = Array.from({ length: count }, () => chain.nextDeposit(alice, 1, 1n));
    await chain.report({ deposits });
    assert.equal(await credited(chain), BigInt(MAX_DEPOSITS_PER_BLOCK));
    await chain.block();
    assert.equal(await credited(chain), BigInt(count));
  });

  it('refuses reports that are malformed, too many, too far ahead or of a stranger', async () => {
    const chain = new LedgerChain();
    const good = chain.nextDeposit(alice, 1, 1n);
    const key = keyOf(chain, 0);
    const refused = (kind: typeof errors.ERR_L1_FACT, deposits: L1Deposit[], from = key) =>
      chain.refused(kind, chain.attestL1({ deposits }, from), from);
    await refused(errors.ERR_LIMIT, []);
    const many = Array<L1Deposit>(MAX_L1_FACTS_PER_MESSAGE + 1).fill(good);
    await refused(errors.ERR_LIMIT, many);
    const bad: Partial<L1Deposit>[] = [
      { token: 0 },
      { token: 0x10000 },
      { amount: 0n },
      { ax: new Uint8Array(31) },
      { ay: new Uint8Array(33) },
      { index: BigInt(MAX_L1_FACTS_AHEAD) },
      { index: (1n << 64n) - 1n },
    ];
    for (const part of bad) await refused(errors.ERR_L1_FACT, [{ ...good, ...part }]);
    await refused(errors.ERR_NOT_VALIDATOR, [good], chain.relayer);
  });

  it('never stops the chain: what the ledger refuses stays first in the queue and is said', async () => {
    const full = new LedgerChain({ shape: { ...SHAPE, depth: 1 } });
    for (const token of [1, 2, 3]) await full.open(alice, token);
    const late = full.nextDeposit(bob, 1, 5n);
    const events = await full.report({ deposits: [late] });
    const reason = attribute(events, 'l1_deposit_blocked', 'reason') ?? '';
    assert.ok(reason.endsWith(ERR_TREE_FULL.text), reason);
    const { events: later } = await full.block();
    assert.equal(attribute(later, 'l1_deposit_blocked', 'index'), '0');
    assert.equal(await credited(full), 0n);

    for (const ax of [bigIntToBytes(1n, 32), bigIntToBytes(FIELD, 32), hash(0xff)]) {
      const chain = new LedgerChain();
      const off = { ...chain.nextDeposit(alice, 1, 1n), ax };
      const said = await chain.report({ deposits: [off] });
      assert.equal(attribute(said, 'l1_deposit_blocked', 'index'), '0');
      await chain.block();
    }
  });
});

describe('settlement/proven batches', () => {
  async function sealed(batches: number): Promise<LedgerChain> {
    const chain = new LedgerChain({ shape: { ...SHAPE, slots: 1 } });
    for (let token = 1; token <= batches; token++) await chain.open(alice, token);
    return chain;
  }

  async function fact(chain: LedgerChain, batch: bigint) {
    const { rollingHash } = await chain.header(batch);
    return { batch, rollingHash, txHash: hash(3), l1Block: 77n };
  }

  it('makes a batch and all before it final, with the transaction that did it', async () => {
    const chain = await sealed(3);
    await chain.fund(alice, 1, 400n);
    assert.equal((await chain.status()).unprovenValue, '400');
    const { sealed: last } = await chain.status();
    await chain.report({ proven: [await fact(chain, 2n)] });
    assert.equal((await chain.status()).final, 2n);
    for (const batch of [1n, 2n]) {
      const state = await chain.ask.query(BATCH_FINALITY, { batch });
      assert.equal(state.stage, 'final');
      assert.deepEqual(state.l1TxHash, hash(3));
      assert.equal(state.l1Block, 77n);
    }
    await chain.report({ proven: [await fact(chain, last)] });
    assert.equal((await chain.status()).unprovenValue, '0');
  });

  it('needs more than 2/3 for one and the same fact', async () => {
    const chain = await sealed(1);
    const truth = await fact(chain, 1n);
    const say = async (i: number, proven: typeof truth) => {
      const tx = chain.tx([chain.attestL1({ proven: [proven] }, keyOf(chain, i))], keyOf(chain, i));
      assert.equal((await chain.block([tx])).txResults[0]?.code, 0);
    };
    await say(0, truth);
    await say(1, { ...truth, txHash: hash(4) });
    await say(2, { ...truth, l1Block: 78n });
    await say(3, truth);
    assert.equal((await chain.status()).final, 0n);
    await say(1, truth);
    assert.equal((await chain.status()).final, 1n);
  });

  it('refuses a batch that was never sealed, another history and malformed hashes', async () => {
    const chain = await sealed(2);
    const truth = await fact(chain, 2n);
    const key = keyOf(chain, 0);
    const bad: Partial<typeof truth>[] = [
      { batch: 3n },
      { batch: (1n << 64n) - 1n },
      { batch: 0n },
      { rollingHash: hash(9) },
      { rollingHash: (await chain.header(1n)).rollingHash },
      { rollingHash: new Uint8Array(31) },
      { txHash: new Uint8Array(33) },
    ];
    for (const part of bad) {
      const message = chain.attestL1({ proven: [{ ...truth, ...part }] }, key);
      await chain.refused(errors.ERR_L1_FACT, message, key);
    }
  });

  it('takes a fact about a final batch without effect', async () => {
    const chain = await sealed(2);
    await chain.report({ proven: [await fact(chain, 2n)] });
    const before = chain.dump('settlement');
    await chain.report({ proven: [{ ...(await fact(chain, 1n)), txHash: hash(5) }] });
    assert.equal(chain.dump('settlement'), before);
  });

  it('recommends amounts by stake, its price and the proving interval', async () => {
    const chain = await sealed(1);
    const { recommendedAmount, stage } = await chain.ask.query(BATCH_FINALITY, { batch: 1n });
    assert.equal(recommendedAmount, String((40_000_000n * 2n) / 60n));
    assert.equal(stage, 'sealed');
    assert.equal((await chain.ask.query(BATCH_FINALITY, { batch: 2n })).stage, 'open');
    await assert.rejects(chain.ask.query(BATCH_FINALITY, { batch: 3n }), /unknown batch/);
  });
});
