/** What settling costs on L1: runs of one to four batches on the deployed contracts, on an anvil of its own. */
import { startAnvil } from '../contracts/support/anvil.ts';
import {
  OWNER,
  RollupFixture,
  SHAPE,
  type BatchWish,
} from '../contracts/support/rollup-fixture.ts';
import type { Benchmark } from './benchmark.ts';
import { atMost, fact, whole, type Row } from './report.ts';

const NAME = 'L1 gas';
const MOST_PER_FURTHER_BATCH = 80_000;
const MOST_BATCHES = 4;

/** A full batch of payments in two tokens, with fees. */
const PAYMENTS: BatchWish = {
  fees: [
    { token: 1n, total: 30_000n },
    { token: 2n, total: 10_000n },
  ],
};
const DEPOSIT = { kind: 'deposit', token: 1n, amount: 10_000_000n, ...OWNER } as const;

async function gasOfRuns(): Promise<number[]> {
  const anvil = await startAnvil();
  try {
    const fixture = await RollupFixture.deploy(anvil);
    for (let i = 0; i < 2; i++) await fixture.deposit('TUSD', 10_000_000n);
    await fixture.deposit('TEUR', 10_000_000n * 10n ** 12n);
    const slots = [DEPOSIT, DEPOSIT, { ...DEPOSIT, token: 2n }];
    // What is measured afterwards writes to storage that is in use already, as in the life of a chain.
    await fixture.submit(await fixture.run([{ slots, ...PAYMENTS }]));
    const gas: number[] = [];
    for (let size = 1; size <= MOST_BATCHES; size++) {
      const clean = await anvil.snapshot();
      fixture.prover.reset();
      const receipt = await fixture.submit(await fixture.run(Array(size).fill(PAYMENTS)));
      gas.push(Number(receipt.gasUsed));
      await anvil.revert(clean);
    }
    return gas;
  } finally {
    await anvil.stop();
  }
}

function rowsOf(gas: readonly number[]): Row[] {
  const further = gas.slice(1).map((total, i) => total - (gas[i] as number));
  const [most, last] = [Math.max(...further), gas.at(-1) as number];
  return [
    fact(NAME, `submissions of 1 to ${MOST_BATCHES} batches`, gas.join(', ')),
    atMost([NAME, 'each further batch in a submission'], most, MOST_PER_FURTHER_BATCH, whole),
    fact(
      NAME,
      'per payment, a submission of 1 full batch',
      whole((gas[0] as number) / SHAPE.slots),
    ),
    fact(
      NAME,
      `per payment, a submission of ${MOST_BATCHES} full batches`,
      whole(last / (MOST_BATCHES * SHAPE.slots)),
    ),
    fact(NAME, 'per payment, in a further full batch', whole(most / SHAPE.slots)),
  ];
}

export const l1Gas: Benchmark = {
  name: 'gas',
  summary: 'L1 gas of submissions, per further batch and per payment',
  run: async () => rowsOf(await gasOfRuns()),
};
