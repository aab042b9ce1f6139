import assert from 'node:assert/strict';
import { Dec } from '../../../node/base/dec.ts';
import * as decCoin from '../../../node/base/dec-coin.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { isFailure, sdkMathCases } from './vectors.ts';

type Pairs = [string, string][];

const list = (pairs: unknown): decCoin.DecCoin[] =>
  (pairs as Pairs).map(([denom, amount]) => ({ denom, amount: Dec.parse(amount) }));
const pairs = (coins: readonly { denom: string; amount: Dec | bigint }[]): Pairs =>
  coins.map(({ denom, amount }) => [denom, amount.toString()]);

function check(label: unknown, expected: unknown, run: () => unknown): void {
  if (isFailure(expected)) assert.throws(run, BitscaleError, JSON.stringify(label));
  else assert.deepEqual(run(), expected, JSON.stringify(label));
}

describe('base/dec-coin', () => {
  it('splits whole coins and change as the reference does', () => {
    for (const [given, whole, change] of sdkMathCases('coins', 'dec_truncate')) {
      const result = decCoin.truncateDecCoins(list(given));
      assert.deepEqual([pairs(result.whole), pairs(result.change)], [whole, change]);
    }
  });

  it('adds, subtracts and intersects as the reference does', () => {
    for (const [a, b, add, sub, safe, both] of sdkMathCases('coins', 'dec_add_sub')) {
      check([a, b], add, () => pairs(decCoin.addDecCoins(list(a), list(b))));
      check([a, b], sub, () => pairs(decCoin.subDecCoins(list(a), list(b))));
      const { coins, negative } = decCoin.safeSubDecCoins(list(a), list(b));
      assert.deepEqual([pairs(coins), negative], safe);
      assert.deepEqual(pairs(decCoin.intersectDecCoins(list(a), list(b))), both);
    }
  });

  it('multiplies and divides as the reference does', () => {
    for (const [given, f, mul, mulT, quo, quoT] of sdkMathCases('coins', 'dec_mul_quo')) {
      const [coins, factor] = [list(given), Dec.parse(f as string)];
      check([given, f], mul, () => pairs(decCoin.mulDecCoins(coins, factor)));
      check([given, f], mulT, () => pairs(decCoin.mulDecCoinsTruncate(coins, factor)));
      check([given, f], quo, () => pairs(decCoin.quoDecCoins(coins, factor)));
      check([given, f], quoT, () => pairs(decCoin.quoDecCoinsTruncate(coins, factor)));
    }
  });

  it('reads decimal coins as the reference does, but no leading zeros', () => {
    for (const [given, expected] of sdkMathCases('coins', 'parse_dec_coins')) {
      const text = given as string;
      const wanted = text === '0010atom' ? { error: 'refused' } : expected;
      check(text, wanted, () => pairs(decCoin.parseDecCoins(text)));
    }
  });
});
