import assert from 'node:assert/strict';
import { startAnvil, type Anvil } from './support/anvil.ts';
import { OWNER, RollupFixture, account, type BatchWish } from './support/rollup-fixture.ts';

const MOST_PER_FURTHER_BATCH = 80_000n;

/** Three payments in two tokens, with fees: what most batches look like. */
const PAYMENTS: BatchWish = {
  fees: [
    { token: 1n, total: 30_000n },
    { token: 2n, total: 10_000n },
  ],
};
const withdrawal = (index: number) =>
  ({ kind: 'withdrawal', token: 1n, amount: 5n, recipient: account(index).address }) as const;
const deposit = { kind: 'deposit', token: 1n, amount: 10_000_000n, ...OWNER } as const;

describe('contracts/gas', () => {
  let anvil: Anvil;
  let fixture: RollupFixture;

  before(async () => {
    anvil = await startAnvil();
    fixture = await RollupFixture.deploy(anvil);
    for (let i = 0; i < 2; i++) await fixture.deposit('TUSD', 10_000_000n);
    await fixture.deposit('TEUR', 10_000_000n * 10n ** 12n);
    const slots = [deposit, deposit, { ...deposit, token: 2n }];
    await fixture.submit(await fixture.run([{ slots, ...PAYMENTS }]));
  });
  after(() => anvil.stop());

  /** Gas of runs of 1 to 4 batches of one kind, each from the same state. */
  async function measure(batch: (index: number) => BatchWish): Promise<bigint[]> {
    const gas: bigint[] = [];
    for (let size = 1; size <= 4; size++) {
      const clean = await anvil.snapshot();
      fixture.prover.reset();
      const wishes = Array.from({ length: size }, (_, i) => batch(i));
      const receipt = await fixture.submit(await fixture.run(wishes));
      gas.push(receipt.gasUsed);
      await anvil.revert(clean);
    }
    return gas;
  }

  function print(kind: string, gas: readonly bigint[]): bigint[] {
    const further = gas.slice(1).map((total, i) => total - (gas[i] ?? 0n));
    const cell = (value: bigint): string => String(value).padStart(8);
    console.log(
      `      ${kind.padEnd(34)}${gas.map(cell).join('')}   +${further.map(cell).join('')}`,
    );
    return further;
  }

  it('a further batch of payments in a run costs at most 80,000 gas', async () => {
    console.log(`      ${'gas of runs of 1, 2, 3, 4 batches'.padEnd(69)}further batches`);
    const further = print('3 payments, fees in 2 tokens', await measure(() => PAYMENTS));
    for (const gas of further) assert(gas <= MOST_PER_FURTHER_BATCH, `${gas}`);
    print('empty', await measure(() => ({})));
    print('1 withdrawal, paid before', await measure(() => ({ slots: [withdrawal(5)] })));
    print('1 withdrawal each, first ones', await measure((i) => ({ slots: [withdrawal(6 + i)] })));
  });
});
