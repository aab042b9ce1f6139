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

/** Of transactions that are checked and then executed. */
const written = new WeakMap<Tx, readonly Coin[]>();

/** The coins as they stand in the tx: amounts are integers, but order and sign are not yet checked. */
function writtenFee(tx: Tx): readonly Coin[] {
  let fee = written.get(tx);
  if (!fee) {
    fee = tx.fee.amount.map(readCoin);
    written.set(tx, fee);
  }
  return fee;
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
  if (fee.some(({ amount }) => amount < 0n)) {
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
  const payerText = deps.addresses.write(payer);
  if (!deps.accounts.account(context, payer)) {
    throw new BitscaleError(UNKNOWN_ADDRESS, `fee payer address: ${payerText} does not exist`);
  }
  if (fee.some(({ amount }) => amount !== 0n)) takeFee(context, payer, fee, deps);
  context.events.emit('tx', ['fee', formatCoins(fee)], ['fee_payer', payerText]);
}

function checkMinGasPrice(fee: readonly Coin[], gas: bigint, prices: readonly MinGasPrice[]): void {
  const required = prices
    .filter(({ amount }) => !amount.isZero())
    .map(({ denom, amount }) => ({
      denom,
      amount: amount.mul(Dec.fromInt(gas)).ceil().truncateInt(),
    }))
    .sort(byDenom);
  if (required.length === 0) return;
  const enough = required.some(({ denom, amount }) =>
    fee.some((coin) => coin.denom === denom && coin.amount >= amount),
  );
  if (enough) return;
  const detail = `insufficient fees; got: ${formatCoins(fee)} required: ${formatCoins(required)}`;
  throw new BitscaleError(INSUFFICIENT_FEE, detail);
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
  const ordered = fee.every(
    (coin, i) => coin.amount > 0n && (fee[i - 1]?.denom ?? '') < coin.denom,
  );
  if (!ordered) {
    throw new BitscaleError(INSUFFICIENT_FEE, `invalid fee amount: ${formatCoins(fee)}`);
  }
  try {
    deps.fees.payFee(context, payer, fee);
  } catch (error) {
    if (!(error instanceof BitscaleError) || error.kind !== INSUFFICIENT_FUNDS) throw error;
    throw new BitscaleError(INSUFFICIENT_FUNDS, error.message, { cause: error });
  }
}

/** Fee per gas in the chain's own denomination, scaled by 10^18: what orders the mempool. */
export function gasPrice(tx: Tx, feeDenom: string): bigint {
  if (tx.fee.gasLimit === 0n) return 0n;
  const coin = tx.fee.amount.find(({ denom }) => denom === feeDenom);
  const amount = coin ? readCoin(coin).amount : 0n;
  return amount > 0n ? (amount * PRIORITY_SCALE) / tx.fee.gasLimit : 0n;
}
