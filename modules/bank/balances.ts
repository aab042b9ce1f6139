/** Balances, supply and settings of the bank in its store. No rules beyond "never below zero". */
import { Metadata, Params } from 'cosmjs-types/cosmos/bank/v1beta1/bank';
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import type { Coin } from '../../node/base/coin.ts';
import { assert } from '../../node/base/errors.ts';
import { parseUnsigned } from '../../node/base/int.ts';
import type { Context } from '../../node/app/context.ts';
import { paginate, type Page } from '../../node/app/pagination.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import * as keys from './keys.ts';

/** What the SDK charges for writing an index entry that is there already, besides its key. */
const INDEX_WRITE_GAS = 2000n;
const INDEX_BYTE_GAS = 30n;

const writeAmount = (amount: bigint): Bytes => utf8(amount.toString());
const readAmount = (bytes: Bytes): bigint => parseUnsigned(fromUtf8(bytes));

export function balanceOf(context: Context, address: Bytes, denom: string): bigint {
  const bytes = context.store(keys.STORE).get(keys.balanceKey(address, denom));
  return bytes ? readAmount(bytes) : 0n;
}

export interface BalanceChange {
  readonly denom: string;
  readonly before: bigint;
  readonly after: bigint;
}

export function setBalance(context: Context, address: Bytes, change: BalanceChange): void {
  const { denom, before, after } = change;
  assert(after >= 0n, 'a balance below zero');
  const store = context.store(keys.STORE);
  const holder = keys.holderKey(denom, address);
  if (after === 0n) {
    store.delete(holder);
    store.delete(keys.balanceKey(address, denom));
    return;
  }
  if (before === 0n) store.set(holder, keys.PRESENT);
  else payForIndex(context, holder);
  store.set(keys.balanceKey(address, denom), writeAmount(after));
}

/** The entry is there; writing it again would only cost time. */
function payForIndex(context: Context, holder: Bytes): void {
  context.gas.consume(INDEX_WRITE_GAS, 'WriteFlat');
  context.gas.consume(INDEX_BYTE_GAS * BigInt(holder.length), 'WritePerByte');
}

export function balancesPage(
  context: Context,
  address: Bytes,
  request: PageRequest | undefined,
): Page<Coin> {
  const prefix = keys.balancesOf(address);
  const take = (rest: Bytes, value: Bytes): Coin => ({
    denom: fromUtf8(rest),
    amount: readAmount(value),
  });
  return paginate({ store: context.store(keys.STORE), prefix, take }, request);
}

export interface Holding {
  readonly address: Bytes;
  readonly coin: Coin;
}

export function* allBalances(context: Context): IterableIterator<Holding> {
  for (const [key, value] of iteratePrefix(context.store(keys.STORE), keys.BALANCE_PREFIX)) {
    const { address, denom } = keys.splitBalanceKey(key.slice(1));
    yield { address, coin: { denom, amount: readAmount(value) } };
  }
}

export function holdersPage(
  context: Context,
  denom: string,
  request: PageRequest | undefined,
): Page<Holding> {
  const store = context.store(keys.STORE);
  const take = (rest: Bytes): Holding => {
    const address = keys.holderAddress(rest);
    return { address, coin: { denom, amount: balanceOf(context, address, denom) } };
  };
  return paginate({ store, prefix: keys.holdersOf(denom), take }, request);
}

export function supplyOf(context: Context, denom: string): bigint {
  const bytes = context.store(keys.STORE).get(keys.supplyKey(denom));
  return bytes ? readAmount(bytes) : 0n;
}

export function setSupply(context: Context, denom: string, amount: bigint): void {
  assert(amount >= 0n, 'a supply below zero');
  const store = context.store(keys.STORE);
  if (amount === 0n) store.delete(keys.supplyKey(denom));
  else store.set(keys.supplyKey(denom), writeAmount(amount));
}

export function supplyPage(context: Context, request: PageRequest | undefined): Page<Coin> {
  const take = (rest: Bytes, value: Bytes): Coin => ({
    denom: fromUtf8(rest),
    amount: readAmount(value),
  });
  return paginate({ store: context.store(keys.STORE), prefix: keys.SUPPLY_PREFIX, take }, request);
}

export function* allSupply(context: Context): IterableIterator<Coin> {
  for (const [key, value] of iteratePrefix(context.store(keys.STORE), keys.SUPPLY_PREFIX)) {
    yield { denom: fromUtf8(key.slice(1)), amount: readAmount(value) };
  }
}

export function readParams(context: Context): Params {
  const bytes = context.store(keys.STORE).get(keys.PARAMS_KEY);
  assert(bytes, 'bank parameters are missing');
  return Params.decode(bytes);
}

export function writeParams(context: Context, defaultSendEnabled: boolean): void {
  // Written out even when false: a store keeps no empty value.
  const value = Uint8Array.of(0x10, defaultSendEnabled ? 1 : 0);
  context.store(keys.STORE).set(keys.PARAMS_KEY, value);
}

export interface SendEnabled {
  readonly denom: string;
  readonly enabled: boolean;
}

/** Undefined when the denomination follows the default. */
export function sendEnabledEntry(context: Context, denom: string): boolean | undefined {
  const store = context.store(keys.STORE);
  const key = keys.sendEnabledKey(denom);
  return store.has(key) ? store.get(key)?.[0] === 1 : undefined;
}

export function setSendEnabled(context: Context, { denom, enabled }: SendEnabled): void {
  const value = Uint8Array.of(enabled ? 1 : 0);
  context.store(keys.STORE).set(keys.sendEnabledKey(denom), value);
}

export function clearSendEnabled(context: Context, denom: string): void {
  context.store(keys.STORE).delete(keys.sendEnabledKey(denom));
}

export function sendEnabledPage(
  context: Context,
  request: PageRequest | undefined,
): Page<SendEnabled> {
  const take = (rest: Bytes, value: Bytes) => ({ denom: fromUtf8(rest), enabled: value[0] === 1 });
  const store = context.store(keys.STORE);
  return paginate({ store, prefix: keys.SEND_ENABLED_PREFIX, take }, request);
}

export function* allSendEnabled(context: Context): IterableIterator<SendEnabled> {
  for (const [key, value] of iteratePrefix(context.store(keys.STORE), keys.SEND_ENABLED_PREFIX)) {
    yield { denom: fromUtf8(key.slice(1)), enabled: value[0] === 1 };
  }
}

export function metadataOf(context: Context, denom: string): Metadata | undefined {
  const bytes = context.store(keys.STORE).get(keys.metadataKey(denom));
  return bytes && Metadata.decode(bytes);
}

export function setMetadata(context: Context, metadata: Metadata): void {
  const value = Metadata.encode(metadata).finish();
  context.store(keys.STORE).set(keys.metadataKey(metadata.base), value);
}

export function metadataPage(context: Context, request: PageRequest | undefined): Page<Metadata> {
  const take = (_: Bytes, value: Bytes): Metadata => Metadata.decode(value);
  return paginate(
    { store: context.store(keys.STORE), prefix: keys.METADATA_PREFIX, take },
    request,
  );
}

export function* allMetadata(context: Context): IterableIterator<Metadata> {
  for (const [, value] of iteratePrefix(context.store(keys.STORE), keys.METADATA_PREFIX)) {
    yield Metadata.decode(value);
  }
}
