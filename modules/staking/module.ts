/** Validators and their power. */
import { moduleAddress } from '../../node/base/address.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Context } from '../../node/app/context.ts';
import type { Module } from '../../node/app/module.ts';
import type { Coins } from './expected.ts';
import { BONDED_POOL, exportStaking, initStaking } from './genesis.ts';
import { StakingKeeper } from './keeper.ts';
import { STORE } from './keys.ts';
import { stakingQueries } from './queries.ts';

export interface StakingModule extends Module {
  readonly keeper: StakingKeeper;
}

export function stakingModule(options: {
  readonly operators: AddressText;
  readonly coins: Coins;
  readonly bondDenom: string;
}): StakingModule {
  const { coins, bondDenom } = options;
  const keeper = new StakingKeeper(options.operators);
  const checkPool = (context: Context): string | undefined => {
    const held = coins.balance(
      context,
      moduleAddress(BONDED_POOL),
      keeper.params(context).bondDenom,
    );
    const bonded = keeper.totalStake(context);
    return held === bonded ? undefined : `the pool holds ${held}, the validators ${bonded}`;
  };
  return {
    name: 'staking',
    keeper,
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: [],
    queries: stakingQueries(keeper),
    invariants: [{ name: 'the bonded pool holds what is bonded', check: checkPool }],
    initGenesis: (context, json) => initStaking(context, json, { keeper, coins, bondDenom }),
    exportGenesis: (context) => exportStaking(context, keeper),
    endBlock: (context) => keeper.takeUpdates(context),
  };
}
