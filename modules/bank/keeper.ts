/** Moving, making and destroying coins. No coin appears or vanishes but by mint and burn. */
import { moduleAddress } from '../../node/base/address.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import {
  amountOf,
  checkCoins,
  formatCoin,
  formatCoins,
  type Coin,
  type Coins,
} from '../../node/base/coin.ts';
import { BitscaleError, InvariantError, assert } from '../../node/base/errors.ts';
import { addInt } from '../../node/base/int.ts';
import { INSUFFICIENT_FUNDS, UNAUTHORIZED } from '../../node/base/sdk-errors.ts';
import type { Context } from '../../node/app/context.ts';
import type { FeeKeeper } from '../../node/app/expected.ts';
import { toText } from '../../node/store/kv.ts';
import { Balance, balanceOf, Settings, sendEnabledEntry, setSupply, supplyOf } from './balances.ts';
import { SEND_DISABLED } from './errors.ts';
import * as events from './events.ts';
import type { Accounts, Locked } from './expected.ts';

const FEE_COLLECTOR = 'fee_collector';

export interface Payment {
  readonly to: Bytes;
  readonly coins: Coins;
}

export class BankKeeper implements FeeKeeper {
  readonly accounts: Accounts;
  readonly #locked: Locked;
  readonly #blocked: ReadonlySet<string>;
  readonly #settings = new Settings();

  /** `blocked`: addresses no user may send to, in practice those of modules. */
  constructor(accounts: Accounts, locked: Locked, blocked: readonly Bytes[]) {
    this.accounts = accounts;
    this.#locked = locked;
    this.#blocked = new Set(blocked.map(toText));
  }

  balance(context: Context, address: Bytes, denom: string): bigint {
    return balanceOf(context, address, denom);
  }

  lockedCoins(context: Context, address: Bytes): Coins {
    return this.#locked.lockedCoins(context, address, context.time);
  }

  /** What of a balance can be spent now. */
  spendable(context: Context, address: Bytes, denom: string): bigint {
    const left =
      balanceOf(context, address, denom) - amountOf(this.lockedCoins(context, address), denom);
    return left > 0n ? left : 0n;
  }

  supply(context: Context, denom: string): bigint {
    return supplyOf(context, denom);
  }

  isBlocked(address: Bytes): boolean {
    return this.#blocked.has(toText(address));
  }

  /** Throws bank/5 when users may not send one of these coins. */
  checkSendEnabled(context: Context, coins: Coins): void {
    for (const { denom } of coins) {
      const enabled =
        sendEnabledEntry(context, denom) ?? this.#settings.defaultSendEnabled(context);
      if (enabled) continue;
      throw new BitscaleError(SEND_DISABLED, `${denom} transfers are currently disabled`);
    }
  }

  /** Throws sdk/5 when `from` has too little. Opens the account of `to` when there is none. */
  send(context: Context, from: Bytes, { to, coins }: Payment): void {
    this.#take(context, from, coins);
    this.#give(context, to, coins);
    if (!this.accounts.has(context, to)) this.accounts.create(context, to);
    if (!context.events.isKept) return;
    const { addresses } = this.accounts;
    const [sender, recipient] = [addresses.write(from), addresses.write(to)];
    events.sent(context.events, { sender, recipient, amount: formatCoins(coins) });
  }

  /** One payer, many payees; `coins` is the sum of the payments. */
  sendMany(context: Context, from: Payment, payments: readonly Payment[]): void {
    const { addresses } = this.accounts;
    const sender = addresses.write(from.to);
    this.#take(context, from.to, from.coins);
    events.coinSpent(context.events, sender, formatCoins(from.coins));
    events.messageSender(context.events, sender);
    for (const { to, coins } of payments) {
      this.#give(context, to, coins);
      const recipient = addresses.write(to);
      events.paid(context.events, { sender, recipient, amount: formatCoins(coins) });
      if (!this.accounts.has(context, to)) this.accounts.create(context, to);
    }
  }

  payFee(context: Context, payer: Bytes, fee: readonly Coin[]): void {
    this.sendToModule(context, payer, { module: FEE_COLLECTOR, coins: fee });
  }

  sendToModule(
    context: Context,
    from: Bytes,
    { module, coins }: { readonly module: string; readonly coins: Coins },
  ): void {
    const { address } = this.accounts.moduleAccount(context, module);
    this.send(context, from, { to: address, coins });
  }

  sendFromModule(context: Context, module: string, payment: Payment): void {
    if (this.isBlocked(payment.to)) {
      const text = this.accounts.addresses.write(payment.to);
      throw new BitscaleError(UNAUTHORIZED, `${text} is not allowed to receive funds`);
    }
    this.send(context, moduleAddress(module), payment);
  }

  sendBetweenModules(
    context: Context,
    from: string,
    { module, coins }: { readonly module: string; readonly coins: Coins },
  ): void {
    this.sendToModule(context, moduleAddress(from), { module, coins });
  }

  /** New coins for a module that may mint. */
  mint(context: Context, module: string, coins: Coins): void {
    assert(this.accounts.hasPermission(module, 'minter'), `module ${module} may not mint`);
    checkCoins(coins);
    const { address } = this.accounts.moduleAccount(context, module);
    this.#give(context, address, coins);
    for (const { denom, amount } of coins) {
      setSupply(context, denom, addInt(supplyOf(context, denom), amount));
    }
    const minter = this.accounts.addresses.write(address);
    const amount = formatCoins(coins);
    events.coinReceived(context.events, minter, amount);
    events.coinbase(context.events, minter, amount);
  }

  /** Destroys coins a module holds. Throws sdk/5 when it has too little. */
  burn(context: Context, module: string, coins: Coins): void {
    assert(this.accounts.hasPermission(module, 'burner'), `module ${module} may not burn`);
    checkCoins(coins);
    const { address } = this.accounts.moduleAccount(context, module);
    this.#take(context, address, coins);
    for (const { denom, amount } of coins) {
      setSupply(context, denom, supplyOf(context, denom) - amount);
    }
    const burner = this.accounts.addresses.write(address);
    const amount = formatCoins(coins);
    events.coinSpent(context.events, burner, amount);
    events.burn(context.events, burner, amount);
  }

  #take(context: Context, from: Bytes, coins: Coins): void {
    requirePositive(coins);
    const locked = this.lockedCoins(context, from);
    for (const coin of coins) {
      const balance = new Balance(context, from, coin.denom);
      checkSpendable(balance.amount, locked.length === 0 ? 0n : amountOf(locked, coin.denom), coin);
      balance.set(balance.amount - coin.amount);
    }
  }

  #give(context: Context, to: Bytes, coins: Coins): void {
    requirePositive(coins);
    for (const { denom, amount } of coins) {
      const balance = new Balance(context, to, denom);
      balance.set(addInt(balance.amount, amount));
    }
  }
}

/** Throws sdk/5. What is locked and delegated may exceed the balance after slashing. */
function checkSpendable(balance: bigint, locked: bigint, { denom, amount }: Coin): void {
  if (locked > balance) {
    const [wanted, held] = [locked, balance].map((size) => formatCoin({ denom, amount: size }));
    const detail = `locked amount exceeds account balance funds: ${wanted} > ${held}`;
    throw new BitscaleError(INSUFFICIENT_FUNDS, detail);
  }
  if (balance - locked >= amount) return;
  const left = formatCoin({ denom, amount: balance - locked });
  const detail = `spendable balance ${left} is smaller than ${formatCoin({ denom, amount })}`;
  throw new BitscaleError(INSUFFICIENT_FUNDS, detail);
}

function requirePositive(coins: Coins): void {
  for (const { denom, amount } of coins) {
    if (amount <= 0n) throw new InvariantError(`moving ${amount}${denom}`);
  }
}
