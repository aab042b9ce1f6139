import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as coin from '../../../node/base/coin.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { MAX_INT } from '../../../node/base/int.ts';
import { isFailure, sdkMathCases } from './vectors.ts';

type Pairs = [string, string][];

const list = (pairs: unknown): coin.Coin[] =>
  (pairs as Pairs).map(([denom, amount]) => ({ denom, amount: BigInt(amount) }));
const pairs = (coins: coin.Coins): Pairs =>
  coins.map(({ denom, amount }) => [denom, amount.toString()]);

function check(label: unknown, expected: unknown, run: () => unknown): void {
  if (isFailure(expected)) assert.throws(run, BitscaleError, JSON.stringify(label));
  else assert.deepEqual(run(), expected, JSON.stringify(label));
}

/** The reference drops the fraction or reads leading zeros: here such a text is no coin. */
const REFUSED_TEXTS = ['10.5atom', '10.9atom,0.9stake', '0.9atom', '0010atom'];
const isRefused = (text: string): boolean => REFUSED_TEXTS.includes(text);

describe('base/coin', () => {
  it('makes lists in normal form as the reference does', () => {
    for (const [given, expected] of sdkMathCases('coins', 'new_coins')) {
      check(given, expected, () => pairs(coin.newCoins(list(given))));
    }
  });

  it('accepts exactly the lists that the reference accepts', () => {
    for (const [given, expected] of sdkMathCases('coins', 'validate')) {
      const run = (): string => {
        coin.checkCoins(list(given));
        return 'ok';
      };
      check(given, expected, run);
    }
  });

  it('adds and subtracts as the reference does', () => {
    for (const [a, b, expected] of sdkMathCases('coins', 'add')) {
      check([a, b], expected, () => pairs(coin.addCoins(list(a), list(b))));
    }
    for (const [a, b, sub, safe] of sdkMathCases('coins', 'sub')) {
      check([a, b], sub, () => pairs(coin.subCoins(list(a), list(b))));
      const { coins, negative } = coin.safeSubCoins(list(a), list(b));
      assert.deepEqual([pairs(coins), negative], safe);
    }
  });

  it('adds up many lists as one by one, or throws the same', () => {
    const coins = fc.array(
      fc.record({
        denom: fc.constantFrom('aaa', 'bbb', 'ccc', 'ddd'),
        amount: fc.constantFrom(1n, 2n, MAX_INT - 1n, 0n, -1n),
      }),
      { maxLength: 3 },
    );
    const outcome = (run: () => coin.Coins): unknown => {
      try {
        return run();
      } catch (error) {
        assert.ok(error instanceof BitscaleError);
        return error.kind;
      }
    };
    fc.assert(
      fc.property(fc.array(coins, { maxLength: 5 }), (lists) => {
        const oneByOne = (): coin.Coins => lists.reduce<coin.Coins>(coin.addCoins, []);
        assert.deepEqual(
          outcome(() => coin.sumCoins(lists)),
          outcome(oneByOne),
        );
      }),
    );
  });

  it('looks at each coin a few times only when many lists are added up', () => {
    const LISTS = 2_000;
    let looks = 0;
    const lists = Array.from({ length: LISTS }, (_, i) => [
      {
        get denom() {
          looks += 1;
          return `d${String(i).padStart(5, '0')}`;
        },
        amount: 1n,
      },
    ]);
    assert.equal(coin.sumCoins(lists).length, LISTS);
    assert.ok(looks <= 4 * LISTS, `${looks} looks`);
  });

  it('refuses to calculate with lists that are not in normal form', () => {
    for (const [a, b] of sdkMathCases('coins', 'add_sub_not_normal')) {
      assert.throws(() => coin.addCoins(list(a), list(b)), BitscaleError);
      assert.throws(() => coin.subCoins(list(a), list(b)), BitscaleError);
    }
  });

  it('compares as the reference does', () => {
    for (const [given, other, expected] of sdkMathCases('coins', 'compare')) {
      const [a, b] = [list(given), list(other)];
      const results = [
        coin.allGt(a, b),
        coin.allGte(a, b),
        coin.allGt(b, a),
        coin.allGte(b, a),
        coin.anyGt(a, b),
        coin.anyGte(a, b),
        coin.coinsEqual(a, b),
        coin.denomsSubsetOf(a, b),
      ];
      assert.deepEqual(results, expected, JSON.stringify([given, other]));
    }
  });

  it('takes the larger and the smaller as the reference does', () => {
    for (const [a, b, max, min] of sdkMathCases('coins', 'max_min')) {
      assert.deepEqual(pairs(coin.maxCoins(list(a), list(b))), max);
      assert.deepEqual(pairs(coin.minCoins(list(a), list(b))), min);
    }
  });

  it('multiplies and divides as the reference does, and drops what becomes zero', () => {
    for (const [given, x, mul, quo] of sdkMathCases('coins', 'mul_quo_int')) {
      const factor = BigInt(x as string);
      const kept = isFailure(quo) ? quo : (quo as Pairs).filter(([, amount]) => amount !== '0');
      check([given, x], mul, () => pairs(coin.mulCoins(list(given), factor)));
      check([given, x], kept, () => pairs(coin.quoCoins(list(given), factor)));
    }
  });

  it('accepts exactly the denominations that the reference accepts', () => {
    for (const [denom, expected] of sdkMathCases('coins', 'validate_denom')) {
      assert.equal(coin.isDenom(denom as string), expected === 'ok', JSON.stringify(denom));
    }
  });

  it('reads coins as the reference does, but no fractions and no leading zeros', () => {
    for (const [text, expected] of sdkMathCases('coins', 'parse_coin') as [string, unknown][]) {
      const wanted = isRefused(text) ? { error: 'refused' } : expected;
      check(text, wanted, () => pairs([coin.parseCoin(text)])[0]);
    }
    for (const [text, expected] of sdkMathCases('coins', 'parse_coins') as [string, unknown][]) {
      const wanted = isRefused(text) ? { error: 'refused' } : expected;
      check(text, wanted, () => pairs(coin.parseCoins(text)));
    }
  });

  it('writes text and JSON as the reference does', () => {
    for (const [given, text, json] of sdkMathCases('coins', 'to_string_and_json')) {
      assert.equal(coin.formatCoins(list(given)), text);
      assert.equal(JSON.stringify(list(given).map(coin.coinToText)), json);
    }
  });

  it('refuses more coins in a text than the limit', () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, i) => `1den${i}`).join(',');
    assert.equal(coin.parseCoins(many(1_024)).length, 1_024);
    assert.throws(() => coin.parseCoins(many(1_025)), BitscaleError);
  });
});

describe('base/coin: coins of a message', () => {
  const code = (run: () => unknown): string => {
    try {
      run();
      return 'accepted';
    } catch (error) {
      assert.ok(error instanceof BitscaleError);
      return `${error.codespace}/${error.code}`;
    }
  };
  const tooLarge = (2n ** 256n).toString();
  for (const amount of ['-1', '01', '1e3', '0x1', ' 1', '+1', '1.0', '', tooLarge]) {
    it(`answers sdk/10 to the amount ${JSON.stringify(amount)}`, () => {
      assert.equal(
        code(() => coin.coinsFromText([{ denom: 'uscale', amount }])),
        'sdk/10',
      );
    });
  }
  for (const denom of ['', 'A B', 'a'.repeat(129), 'usd💰', 'abc\n']) {
    it(`answers sdk/10 to the denomination ${JSON.stringify(denom)}`, () => {
      assert.equal(
        code(() => coin.coinsFromText([{ denom, amount: '1' }])),
        'sdk/10',
      );
    });
  }

  it('answers sdk/10 to unsorted, duplicate and zero coins', () => {
    const [a, b] = [
      { denom: 'atom', amount: '1' },
      { denom: 'btom', amount: '1' },
    ];
    assert.equal(
      code(() => coin.coinsFromText([b, a])),
      'sdk/10',
    );
    assert.equal(
      code(() => coin.coinsFromText([a, a])),
      'sdk/10',
    );
    assert.equal(
      code(() => coin.coinsFromText([{ denom: 'atom', amount: '0' }])),
      'sdk/10',
    );
    assert.equal(
      code(() => coin.coinsFromText([a, b])),
      'accepted',
    );
  });
});
