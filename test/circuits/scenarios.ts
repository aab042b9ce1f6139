/** One honest batch per kind of operation; what the circuit must accept. */
import {
  CONVERT,
  DEPOSIT,
  Ledger,
  REGISTER,
  TIME,
  TRANSFER,
  WITHDRAW,
  type BatchSpec,
  type SlotSpec,
} from './reference-batch.ts';
import { keyOf } from './reference-crypto.ts';

export const ALICE = keyOf('alice');
export const BOB = keyOf('bob');
export const CAROL = keyOf('carol');
export const DAVE = keyOf('dave');
const LATER = TIME + 3600n;

/** Leaves: 1 alice/1, 2 bob/1, 3 bob/2, 6 carol in/1, 7 carol out/2, 9 dave/3. */
export function openLedger(depth: number): Ledger {
  const ledger = new Ledger(depth);
  ledger.open(1n, ALICE, { token: 1n, balance: 1_000_000n, nonce: 4n });
  ledger.open(2n, BOB, { token: 1n, balance: 250n });
  ledger.open(3n, BOB, { token: 2n, balance: 30n, nonce: 9n });
  ledger.open(6n, CAROL, { token: 1n, balance: 5n });
  ledger.open(7n, CAROL, { token: 2n, balance: 900_000n, nonce: 11n });
  ledger.open(9n, DAVE, { token: 3n, balance: 7n });
  return ledger;
}

export const transfer = (more: Record<string, bigint> = {}): SlotSpec => ({
  op: TRANSFER,
  key: ALICE,
  fields: {
    op: TRANSFER, sIdx: 1n, rIdx: 2n, token: 1n, amount: 1000n, fee: 3n, nonce: 4n, expiry: LATER,
    memo: 77n, ...more,
  }, // prettier-ignore
});

export const withdraw = (more: Record<string, bigint> = {}): SlotSpec => ({
  op: WITHDRAW,
  key: ALICE,
  fields: {
    op: WITHDRAW, sIdx: 1n, token: 1n, amount: 500n, fee: 2n, nonce: 4n, expiry: LATER,
    memo: (1n << 160n) - 12345n, ...more,
  }, // prettier-ignore
});

export const register = (more: Record<string, bigint> = {}): SlotSpec => ({
  op: REGISTER,
  key: DAVE,
  fields: { op: REGISTER, rIdx: 10n, token: 2n, ...more },
});

export const deposit = (more: Record<string, bigint> = {}): SlotSpec => ({
  op: DEPOSIT,
  key: BOB,
  fields: { op: DEPOSIT, rIdx: 2n, token: 1n, amount: 123n, ...more },
});

/** Alice pays 1000 of token 1, bob gets 2999 of token 2 at a rate of 3 minus a little. */
export const convert = (more: Record<string, bigint> = {}): SlotSpec => ({
  op: CONVERT,
  key: ALICE,
  fields: {
    op: CONVERT, sIdx: 1n, rIdx: 3n, token: 1n, tokenOut: 2n, amount: 1000n, amountOut: 2999n, fee: 1n,
    nonce: 4n, expiry: LATER, memo: 5n, quoteIdx: 0n, ...more,
  }, // prettier-ignore
});

export const offer = (more: Record<string, bigint> = {}) => ({
  key: CAROL,
  fields: {
    inIdx: 6n, outIdx: 7n, tokenIn: 1n, tokenOut: 2n, nonce: 10n, uses: 5n, expiry: LATER,
    num: 29999n, den: 10000n, max: 500_000n, ...more,
  }, // prettier-ignore
});

export interface Scenario {
  readonly name: string;
  readonly batch: BatchSpec;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing', batch: { slots: [] } },
  { name: 'a transfer with a fee, then padding', batch: { slots: [transfer()] } },
  {
    name: 'a transfer and the receiver spending it in the same batch',
    batch: {
      slots: [
        transfer(),
        { ...transfer({ sIdx: 2n, rIdx: 1n, nonce: 0n, amount: 1240n, fee: 10n }), key: BOB },
      ],
    },
  },
  {
    name: 'a transfer to oneself of the whole balance',
    batch: { slots: [transfer({ rIdx: 1n, amount: 1_000_000n, fee: 0n })] },
  },
  {
    name: 'opening an account and a deposit to it',
    batch: {
      slots: [register(), { ...deposit({ rIdx: 10n, token: 2n }), key: DAVE }],
    },
  },
  { name: 'a deposit and a withdrawal', batch: { slots: [deposit(), withdraw()] } },
  {
    name: 'two conversions on one quote',
    batch: {
      slots: [convert(), convert({ nonce: 5n, amount: 7n, amountOut: 20n, fee: 0n })],
      quotes: [offer()],
    },
  },
  {
    name: 'a conversion and a fee in another token',
    batch: {
      slots: [
        convert(),
        { ...transfer({ sIdx: 9n, rIdx: 9n, token: 3n, amount: 1n, nonce: 0n }), key: DAVE },
      ],
      quotes: [offer()],
      feeTokens: [1n, 3n],
    },
  },
];
