/** What vests when, and what delegations take: tables at the edges of time, and rules that always hold. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addCoins,
  allGte,
  amountOf,
  formatCoins,
  parseCoins,
  subCoins,
  type Coins,
} from '../../../../node/base/coin.ts';
import { BitscaleError } from '../../../../node/base/errors.ts';
import { MAX_INT64 } from '../../../../node/base/int.ts';
import { MAX_VESTING_PERIODS } from '../../../../node/base/limits.ts';
import {
  checkVesting,
  CONTINUOUS,
  DELAYED,
  lockedCoins,
  NOTHING_DELEGATED,
  PERIODIC,
  PERMANENT,
  periodic,
  trackDelegation,
  trackUndelegation,
  vestedCoins,
  vestingCoins,
  type Vesting,
} from '../../../../modules/vesting/schedule.ts';

const [START, END] = [1000n, 2000n];
const original = parseCoins('100fee,1000stake');
const amounts = { original, ...NOTHING_DELEGATED, endTime: END };

const continuous: Vesting = { typeUrl: CONTINUOUS, ...amounts, startTime: START };
const delayed: Vesting = { typeUrl: DELAYED, ...amounts };
const permanent: Vesting = { typeUrl: PERMANENT, ...amounts, endTime: 0n };
const byThree = periodic(START, [
  { length: 500n, amount: parseCoins('50fee,500stake') },
  { length: 250n, amount: parseCoins('25fee,250stake') },
  { length: 250n, amount: parseCoins('25fee,250stake') },
]);

const ALL = formatCoins(original);

describe('vesting/schedule', () => {
  const TABLE: [string, Vesting, [bigint, string][]][] = [
    [
      'continuous',
      continuous,
      [
        [0n, ''],
        [START - 1n, ''],
        [START, ''],
        // One second of a thousand: 0.1 of 100 is 0.1 and rounds to nothing.
        [START + 1n, '1stake'],
        [START + 5n, '5stake'],
        [START + 15n, '2fee,15stake'],
        [1500n, '50fee,500stake'],
        [END - 1n, '100fee,999stake'],
        [END, ALL],
        [END + 1n, ALL],
      ],
    ],
    [
      'delayed',
      delayed,
      [
        [0n, ''],
        [1500n, ''],
        [END - 1n, ''],
        [END, ALL],
        [END + 1n, ALL],
      ],
    ],
    [
      'permanent',
      permanent,
      [
        [0n, ''],
        [END, ''],
        [MAX_INT64, ''],
      ],
    ],
    [
      'periodic',
      byThree,
      [
        [START - 1n, ''],
        [START, ''],
        [START + 1n, ''],
        [1499n, ''],
        [1500n, '50fee,500stake'],
        [1501n, '50fee,500stake'],
        [1749n, '50fee,500stake'],
        [1750n, '75fee,750stake'],
        [END - 1n, '75fee,750stake'],
        [END, ALL],
        [END + 1n, ALL],
      ],
    ],
  ];
  for (const [name, vesting, rows] of TABLE) {
    it(`${name}: what has vested at its start, middle and end, and a second around them`, () => {
      for (const [now, vested] of rows) {
        assert.equal(formatCoins(vestedCoins(vesting, now)), vested, `at ${now}`);
        const left = subCoins(original, parseCoins(vested));
        assert.deepEqual(vestingCoins(vesting, now), left, `at ${now}`);
        assert.deepEqual(lockedCoins(vesting, now), left, `at ${now}`);
      }
    });
  }

  it('a continuous schedule that ends before it begins is over one second later', () => {
    const over: Vesting = { ...continuous, startTime: END };
    assert.deepEqual(vestedCoins(over, END), []);
    assert.deepEqual(vestedCoins(over, END + 1n), original);
  });

  it('half a unit goes to the even neighbour', () => {
    const two = { ...amounts, original: parseCoins('1aaa,3bbb'), endTime: START + 2n };
    const vesting: Vesting = { typeUrl: CONTINUOUS, ...two, startTime: START };
    assert.equal(formatCoins(vestedCoins(vesting, START + 1n)), '2bbb');
  });
});

describe('vesting/delegations', () => {
  const at = (now: bigint, amount: string) => ({
    now,
    balance: original,
    amount: parseCoins(amount),
  });

  it('take what vests first, then what is free', () => {
    const rows: [bigint, string, string, string][] = [
      [START, '1000stake', '1000stake', ''],
      [END, '1000stake', '', '1000stake'],
      [1500n, '500stake', '500stake', ''],
      [1500n, '501stake', '500stake', '1stake'],
      [1500n, '60fee,900stake', '50fee,500stake', '10fee,400stake'],
    ];
    for (const [now, amount, vesting, free] of rows) {
      const after: Vesting = trackDelegation(continuous, at(now, amount));
      assert.equal(formatCoins(after.delegatedVesting), vesting, amount);
      assert.equal(formatCoins(after.delegatedFree), free, amount);
    }
  });

  it('unlock what they take: delegated coins are not in the balance', () => {
    const after: Vesting = trackDelegation(continuous, at(1500n, '300stake'));
    assert.equal(formatCoins(lockedCoins(after, 1500n)), '50fee,200stake');
    assert.equal(formatCoins(lockedCoins(after, 1900n)), '10fee');
  });

  it('come back free first, and more may come back than went', () => {
    const out: Vesting = trackDelegation(continuous, at(1500n, '700stake'));
    const some = trackUndelegation(out, parseCoins('250stake'));
    assert.equal(formatCoins(some.delegatedFree), '');
    assert.equal(formatCoins(some.delegatedVesting), '450stake');
    const back = trackUndelegation(out, parseCoins('900stake'));
    assert.deepEqual([back.delegatedFree, back.delegatedVesting], [[], []]);
  });

  it('stop the program when they are of nothing or of more than is held', () => {
    for (const amount of [[{ denom: 'stake', amount: 0n }], parseCoins('1001stake')]) {
      const delegation = { now: START, balance: original, amount };
      assert.throws(() => trackDelegation(continuous, delegation), { name: 'InvariantError' });
    }
    const none = [{ denom: 'stake', amount: 0n }];
    assert.throws(() => trackUndelegation(continuous, none), { name: 'InvariantError' });
  });
});

const size = fc.bigInt({ min: 1n, max: 10n ** 30n });
const second = fc.bigInt({ min: 1n, max: 10_000n });
const someCoins = fc
  .record({ aaa: fc.option(size), bbb: size })
  .map(({ aaa, bbb }): Coins => [
    ...(aaa === null ? [] : [{ denom: 'aaa', amount: aaa }]),
    { denom: 'bbb', amount: bbb },
  ]);

const anyVesting: fc.Arbitrary<Vesting> = fc.oneof(
  fc
    .record({ coins: someCoins, start: second, length: second })
    .map(({ coins, start, length }): Vesting => ({
      ...{ typeUrl: CONTINUOUS, original: coins, ...NOTHING_DELEGATED },
      startTime: start,
      endTime: start + length,
    })),
  fc.record({ coins: someCoins, endTime: second }).map(({ coins, endTime }): Vesting => ({
    ...{ typeUrl: DELAYED, original: coins, ...NOTHING_DELEGATED, endTime },
  })),
  someCoins.map((coins): Vesting => ({
    ...{ typeUrl: PERMANENT, original: coins, ...NOTHING_DELEGATED, endTime: 0n },
  })),
  fc
    .tuple(
      second,
      fc.array(fc.record({ length: second, amount: someCoins }), { minLength: 1, maxLength: 8 }),
    )
    .map(([start, periods]): Vesting => periodic(start, periods)),
);

describe('vesting/rules that always hold', () => {
  it('vested and vesting are the whole; time only frees; no more is locked than began', () => {
    fc.assert(
      fc.property(anyVesting, second, second, (vesting, one, two) => {
        const [early, late] = one < two ? [one, two] : [two, one];
        checkVesting(vesting);
        const [before, after] = [early, late].map((now) => vestedCoins(vesting, now));
        assert.deepEqual(addCoins(before!, vestingCoins(vesting, early)), vesting.original);
        assert.ok(allGte(after!, before!));
        assert.ok(allGte(vesting.original, lockedCoins(vesting, late)));
      }),
    );
  });

  const steps = fc.array(
    fc.record({ now: second, back: fc.boolean(), share: fc.integer({ min: 1, max: 100 }) }),
    { maxLength: 12 },
  );

  it('delegations add up, never lock more than began, and all that went comes back', () => {
    fc.assert(
      fc.property(anyVesting, steps, someCoins, (first, moves, more) => {
        let vesting = first;
        let held = addCoins(first.original, more);
        let out: Coins = [];
        const times = moves.map(({ now }) => now).sort((a, b) => Number(a - b));
        for (const [index, { back, share }] of moves.entries()) {
          const now = times[index]!;
          const from = back ? out : held;
          const amount = from
            .map(({ denom, amount: all }) => ({ denom, amount: (all * BigInt(share)) / 100n }))
            .filter((coin) => coin.amount > 0n);
          if (back) {
            vesting = trackUndelegation(vesting, amount);
            [held, out] = [addCoins(held, amount), subCoins(out, amount)];
          } else {
            vesting = trackDelegation(vesting, { now, balance: held, amount });
            [held, out] = [subCoins(held, amount), addCoins(out, amount)];
          }
          const { delegatedFree, delegatedVesting, original: began } = vesting;
          assert.deepEqual(addCoins(delegatedFree, delegatedVesting), out);
          assert.ok(allGte(began, delegatedVesting));
          assert.ok(allGte(began, lockedCoins(vesting, now)));
          // Coins that are here and locked are held.
          for (const { denom, amount: locked } of lockedCoins(vesting, now)) {
            assert.ok(amountOf(held, denom) >= locked);
          }
        }
        if (out.length > 0) vesting = trackUndelegation(vesting, out);
        assert.deepEqual([vesting.delegatedFree, vesting.delegatedVesting], [[], []]);
      }),
    );
  });
});

describe('vesting/what makes no sense', () => {
  const WRONG: [string, Vesting, RegExp][] = [
    ['a negative end', { ...delayed, endTime: -1n }, /end time cannot be negative/],
    ['no coins', { ...delayed, original: [] }, /invalid coins/],
    [
      'more delegated than began',
      { ...delayed, delegatedVesting: parseCoins('1001stake') },
      /cannot be greater than original vesting/,
    ],
    ['an end of what never ends', { ...permanent, endTime: 1n }, /cannot have an end-time/],
    ['periods that end elsewhere', { ...byThree, endTime: END + 1n }, /does not match length/],
    [
      'periods of another sum',
      { ...byThree, original: parseCoins('1stake') },
      /original vesting coins \(1stake\) does not match the sum/,
    ],
    [
      'a period that goes back',
      periodic(START, [{ length: -5n, amount: original }]),
      /precede start-time|negative length/,
    ],
    ['a period of nothing', periodic(START, [{ length: 5n, amount: [] }]), /has invalid coins/],
  ];
  for (const [name, vesting, text] of WRONG) {
    it(`${name} is refused`, () => {
      assert.throws(
        () => checkVesting(vesting),
        (error) => error instanceof BitscaleError && text.test(error.message),
      );
    });
  }

  it('an end past 64 bits is refused', () => {
    const period = { length: MAX_INT64 - START, amount: original };
    assert.equal(periodic(START, [period]).endTime, MAX_INT64);
    const longer = [period, { length: 1n, amount: original }];
    assert.throws(() => periodic(START, longer), /vesting end-time cannot precede start-time/);
  });

  it(`${MAX_VESTING_PERIODS} periods are many enough, one more is refused`, () => {
    const periods = (count: number) =>
      periodic(
        START,
        Array.from({ length: count }, () => ({ length: 1n, amount: original })),
      );
    checkVesting(periods(MAX_VESTING_PERIODS));
    assert.equal(periods(1).typeUrl, PERIODIC);
    assert.throws(() => checkVesting(periods(MAX_VESTING_PERIODS + 1)), /more than 1000 periods/);
  });
});
