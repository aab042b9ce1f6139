/** The fee of a transaction: this node's lowest price, and taking it from the payer. */
import { equal, type Bytes } from '../base/bytes.ts';
import { byDenom, formatCoins, type Coin, type CoinText } from '../base/coin.ts';
import { Dec } from '../base/dec.ts';
import type { DecCoin } from '../base/dec-coin.ts';
import { BitscaleError } from '../base/errors.ts';
import { parseSigned } from '../base/int.ts';
import {
  INSUFFICIENT_FEE,
  INSUFFICIENT_FUNDS,
  INVALID_COINS,
  INVALID_GAS_LIMIT,
  INVALID_REQUEST,
  UNKNOWN_ADDRESS,
} from '../base/sdk-errors.ts';
import type { AddressText } from './address-text.ts';
import type { Context } from './context.ts';
import { attribute } from './events.ts';
import type { AccountKeeper, FeeAllowances, FeeKeeper } from './expected.ts';
import { OutOfGasError } from './gas.ts';
import type { Tx } from './tx.ts';

export type MinGasPrice = DecCoin;

export interface FeeDeps {
  readonly accounts: AccountKeeper;
  readonly fees: FeeKeeper;
  /** Without it nobody can pay for another who has not signed. */
  readonly allowances?: FeeAllowances;
  readonly addresses: AddressText;
  readonly minGasPrices: readonly MinGasPrice[];
}

/** Priority of one unit of the fee denomination per unit of gas. */
const PRIORITY_SCALE = 10n ** 18n;

/** The coins as they stand in the tx: amounts are integers, but order and sign are not yet checked. */
function writtenFee(tx: Tx): readonly Coin[] {
  return (tx.notes.fee ??= tx.fee.amount.map(readCoin));
}

function readCoin({ denom, amount }: CoinText): Coin {
  try {
    return { denom, amount: parseSigned(amount) };
  } catch (cause) {
    throw new BitscaleError(INVALID_COINS, `invalid amount ${amount.slice(0, 100)}`, { cause });
  }
}

/** Throws sdk/13 for a negative fee, sdk/10 for one that is no number. */
export function checkFeeText(tx: Tx): void {
  const fee = writtenFee(tx);
  for (const { amount } of fee) {
    if (amount >= 0n) continue;
    throw new BitscaleError(INSUFFICIENT_FEE, `invalid fee provided: ${formatCoins(fee)}`);
  }
}

/** Throws sdk/13 below this node's price, sdk/9 without a payer, sdk/5 when the payer has too little. */
export function payTxFee(context: Context, tx: Tx, deps: FeeDeps): void {
  const fee = writtenFee(tx);
  if (!context.isSimulate && tx.fee.gasLimit === 0n) {
    throw new BitscaleError(INVALID_GAS_LIMIT, 'must provide positive gas');
  }
  if (context.isCheckTx) checkMinGasPrice(fee, tx.fee.gasLimit, deps.minGasPrices);
  const payer = useGrant(context, tx, fee, deps);
  if (!deps.accounts.account(context, payer)) {
    const text = deps.addresses.write(payer);
    throw new BitscaleError(UNKNOWN_ADDRESS, `fee payer address: ${text} does not exist`);
  }
  if (!isZero(fee)) takeFee(context, payer, fee, deps);
  if (!context.events.isKept) return;
  const text = deps.addresses.write(payer);
  const attributes = [attribute('fee', formatCoins(fee)), attribute('fee_payer', text)];
  context.events.add({ type: 'tx', attributes });
}

function isZero(fee: readonly Coin[]): boolean {
  for (const { amount } of fee) if (amount !== 0n) return false;
  return true;
}

/** One of the prices must be paid, unless all of them are zero. */
function checkMinGasPrice(fee: readonly Coin[], gas: bigint, prices: readonly MinGasPrice[]): void {
  let isFree = true;
  for (const price of prices) {
    if (price.amount.isZero()) continue;
    isFree = false;
    if (pays(fee, requiredFee(price, gas))) return;
  }
  if (isFree) return;
  const required = prices
    .filter(({ amount }) => !amount.isZero())
    .map((price) => requiredFee(price, gas))
    .sort(byDenom);
  const detail = `insufficient fees; got: ${formatCoins(fee)} required: ${formatCoins(required)}`;
  throw new BitscaleError(INSUFFICIENT_FEE, detail);
}

function requiredFee({ denom, amount }: MinGasPrice, gas: bigint): Coin {
  return { denom, amount: amount.mul(Dec.fromInt(gas)).ceil().truncateInt() };
}

function pays(fee: readonly Coin[], { denom, amount }: Coin): boolean {
  for (const coin of fee) if (coin.denom === denom && coin.amount >= amount) return true;
  return false;
}

/** The account that the fee is taken from. */
function useGrant(context: Context, tx: Tx, fee: readonly Coin[], deps: FeeDeps): Bytes {
  const { addresses, allowances } = deps;
  if (tx.fee.granter === '') return tx.feePayer;
  if (!allowances) throw new BitscaleError(INVALID_REQUEST, 'fee grants are not enabled');
  const granter = addresses.read(tx.fee.granter);
  if (equal(granter, tx.feePayer)) return granter;
  try {
    allowances.use(context, { granter, grantee: tx.feePayer, fee, msgs: tx.messages });
  } catch (error) {
    if (!(error instanceof BitscaleError) || error instanceof OutOfGasError) throw error;
    const [from, to] = [granter, tx.feePayer].map((address) => addresses.write(address));
    throw error.within(`${from} does not allow to pay fees for ${to}`);
  }
  return granter;
}

function takeFee(context: Context, payer: Bytes, fee: readonly Coin[], deps: FeeDeps): void {
  if (!isOrdered(fee)) {
    throw new BitscaleError(INSUFFICIENT_FEE, `invalid fee amount: ${formatCoins(fee)}`);
  }
  try {
    deps.fees.payFee(context, payer, fee);
  } catch (error) {
    if (!(error instanceof BitscaleError) || error.kind !== INSUFFICIENT_FUNDS) throw error;
    throw new BitscaleError(INSUFFICIENT_FUNDS, error.message, { cause: error });
  }
}

function isOrdered(fee: readonly Coin[]): boolean {
  let last = '';
  for (const { denom, amount } of fee) {
    if (amount <= 0n || last >= denom) return false;
    last = denom;
  }
  return true;
}

/** Fee per gas in the chain's own denomination, scaled by 10^18: what orders the mempool. */
export function gasPrice(tx: Tx, feeDenom: string): bigint {
  if (tx.fee.gasLimit === 0n) return 0n;
  const coin = tx.fee.amount.find(({ denom }) => denom === feeDenom);
  const amount = coin ? readCoin(coin).amount : 0n;
  return amount > 0n ? (amount * PRIORITY_SCALE) / tx.fee.gasLimit : 0n;
}
