/** The `bank` part of the genesis file, in the shape the Cosmos SDK gives it. */
import { Metadata } from 'cosmjs-types/cosmos/bank/v1beta1/bank';
import { coinsFromText, coinToText, type Coin, type CoinText } from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { addInt } from '../../node/base/int.ts';
import type { Context } from '../../node/app/context.ts';
import { ErrGenesisShape, field, flag, list, object, text } from '../../node/app/genesis-json.ts';
import * as balances from './balances.ts';
import type { BankKeeper } from './keeper.ts';

/** The supply is what the accounts hold; a `supply` in the file must say the same. */
export function initBank(context: Context, json: unknown, keeper: BankKeeper): void {
  const state = object(json ?? {}, 'bank');
  initSettings(context, state);
  const supply = new Map<string, bigint>();
  for (const item of list(state['balances'] ?? [], 'bank.balances')) {
    for (const { denom, amount } of initBalance(context, object(item, 'balance'), keeper)) {
      supply.set(denom, addInt(supply.get(denom) ?? 0n, amount));
    }
  }
  for (const [denom, amount] of supply) balances.setSupply(context, denom, amount);
  checkSupply(state, supply);
}

function initSettings(context: Context, state: Record<string, unknown>): void {
  const params = object(state['params'] ?? { default_send_enabled: true }, 'bank.params');
  balances.writeParams(context, flag(params['default_send_enabled'], 'default_send_enabled'));
  for (const item of list(state['send_enabled'] ?? [], 'bank.send_enabled')) {
    const { denom, enabled } = object(item, 'send_enabled');
    const entry = { denom: text(denom, 'denom'), enabled: flag(enabled, 'enabled') };
    balances.setSendEnabled(context, entry);
  }
  for (const item of list(state['denom_metadata'] ?? [], 'bank.denom_metadata')) {
    balances.setMetadata(context, readMetadata(object(item, 'denom_metadata')));
  }
}

function initBalance(
  context: Context,
  json: Record<string, unknown>,
  keeper: BankKeeper,
): readonly Coin[] {
  const written = text(field(json, 'address'), 'address');
  const address = keeper.accounts.addresses.read(written);
  const coins = coinsFromText(list(json['coins'], 'coins').map(readCoin));
  for (const { denom, amount } of coins) {
    const balance = new balances.Balance(context, address, denom);
    if (balance.amount !== 0n)
      throw new BitscaleError(ErrGenesisShape, `${written} is given twice`);
    balance.set(amount);
  }
  return coins;
}

function checkSupply(state: Record<string, unknown>, supply: ReadonlyMap<string, bigint>): void {
  const written = coinsFromText(list(state['supply'] ?? [], 'bank.supply').map(readCoin));
  if (written.length === 0) return;
  const same =
    written.length === supply.size &&
    written.every(({ denom, amount }) => supply.get(denom) === amount);
  if (!same) throw new BitscaleError(ErrGenesisShape, 'bank.supply is not the sum of the balances');
}

function readCoin(json: unknown): CoinText {
  const { denom, amount } = object(json, 'coin');
  return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
}

function readMetadata(json: Record<string, unknown>): Metadata {
  const word = (name: string): string => text(json[name] ?? '', name);
  const denomUnits = list(json['denom_units'] ?? [], 'denom_units').map((item) => {
    const unit = object(item, 'denom_unit');
    const exponent = unit['exponent'] ?? 0;
    if (typeof exponent !== 'number' || !Number.isInteger(exponent) || exponent < 0) {
      throw new BitscaleError(ErrGenesisShape, 'exponent must be a number');
    }
    const aliases = list(unit['aliases'] ?? [], 'aliases').map((alias) => text(alias, 'alias'));
    return { denom: text(unit['denom'], 'denom'), exponent, aliases };
  });
  return Metadata.fromPartial({
    description: word('description'),
    denomUnits,
    base: text(field(json, 'base'), 'base'),
    display: word('display'),
    name: word('name'),
    symbol: word('symbol'),
    uri: word('uri'),
    uriHash: word('uri_hash'),
  });
}

function writeMetadata(metadata: Metadata): unknown {
  const { description, base, display, name, symbol, uri } = metadata;
  const denom_units = metadata.denomUnits.map(({ denom, exponent, aliases }) => ({
    denom,
    exponent,
    aliases,
  }));
  return { description, denom_units, base, display, name, symbol, uri, uri_hash: metadata.uriHash };
}

export function exportBank(context: Context, keeper: BankKeeper): unknown {
  const held = new Map<string, CoinText[]>();
  for (const { address, coin } of balances.allBalances(context)) {
    const text = keeper.accounts.addresses.write(address);
    const coins = held.get(text) ?? [];
    coins.push(coinToText(coin));
    held.set(text, coins);
  }
  return {
    params: { default_send_enabled: balances.readParams(context).defaultSendEnabled },
    balances: [...held].map(([address, coins]) => ({ address, coins })),
    supply: [...balances.allSupply(context)].map(coinToText),
    denom_metadata: [...balances.allMetadata(context)].map(writeMetadata),
    send_enabled: [...balances.allSendEnabled(context)],
  };
}
