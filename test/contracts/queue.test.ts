import assert from 'node:assert/strict';
import { startAnvil, type Anvil } from './support/anvil.ts';
import { OWNER, RollupFixture, type BatchWish } from './support/rollup-fixture.ts';

const DUE_AFTER = 100;
const OVERDUE_AFTER = 1000;
const CADENCE = 20;

const depositOf = (amount: bigint) => ({ kind: 'deposit', token: 1n, amount, ...OWNER }) as const;
const consuming = (...amounts: bigint[]): BatchWish => ({ slots: amounts.map(depositOf) });

describe('contracts/queue', () => {
  let anvil: Anvil;
  let fixture: RollupFixture;
  let clean: string;

  before(async () => {
    anvil = await startAnvil();
    const params = { dueAfter: DUE_AFTER, overdueAfter: OVERDUE_AFTER, minBlocksBetween: CADENCE };
    fixture = await RollupFixture.deploy(anvil, { params });
  });
  beforeEach(async () => {
    clean = await anvil.snapshot();
    fixture.prover.reset();
  });
  afterEach(() => anvil.revert(clean));
  after(() => anvil.stop());

  const refuse = async (name: string, ...wishes: BatchWish[]): Promise<void> =>
    fixture.expectRefused(name, await fixture.calldata(await fixture.run(wishes)));

  it('takes deposits in the order of the queue, over several batches', async () => {
    for (const amount of [5n, 6n, 7n, 8n]) await fixture.deposit('TUSD', amount);
    await fixture.submit(await fixture.run([consuming(5n, 6n, 7n), {}, consuming(8n)]));
    assert.equal((await fixture.tip()).consumed, 4n);
    assert.equal(await fixture.bridge.getFunction('backing')(1), 26n);
  });

  it('refuses a skipped, an altered, an invented and a repeated item', async () => {
    await fixture.deposit('TUSD', 5n);
    await fixture.deposit('TUSD', 6n);
    await refuse('QueueOrder', consuming(6n));
    await refuse('QueueOrder', consuming(5n, 7n));
    await refuse('QueueOrder', consuming(5n, 6n, 7n));
    await refuse('QueueOrder', consuming(5n), consuming(5n));
    const owner = { ...depositOf(5n), ax: OWNER.ax + 1n };
    await refuse('QueueOrder', { slots: [owner] });
  });

  it('refuses a header that miscounts the deposits', async () => {
    await fixture.deposit('TUSD', 5n);
    const run = await fixture.run([consuming(5n)]);
    const words = run.batches[0]?.words ?? assert.fail();
    words[0] = (words[0] ?? 0n) + (1n << 104n);
    fixture.prove(run);
    await fixture.expectRefused('DepositCount', await fixture.calldata(run));
  });

  it('refuses to leave an overdue item behind', async () => {
    await fixture.deposit('TUSD', 5n);
    await anvil.mine(1, OVERDUE_AFTER);
    await refuse('QueueOverdue', {});
    await fixture.submit(await fixture.run([{}, consuming(5n)]));
  });

  it('keeps the L1 blocks between submissions unless an item is due', async () => {
    await fixture.submit(await fixture.run([{}]));
    await refuse('TooEarly', {});
    await anvil.mine(CADENCE);
    await fixture.submit(await fixture.run([{}]));
    await fixture.deposit('TUSD', 5n);
    await refuse('TooEarly', consuming(5n));
    await anvil.mine(1, DUE_AFTER);
    await fixture.submit(await fixture.run([consuming(5n)]));
  });
});
