/** Balances, supply and settings of the bank in its store. No rules beyond "never below zero". */
import { Metadata, Params } from 'cosmjs-types/cosmos/bank/v1beta1/bank';
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import type { Coin } from '../../node/base/coin.ts';
import { assert } from '../../node/base/errors.ts';
import { parseUnsignedBytes } from '../../node/base/int.ts';
import type { Context } from '../../node/app/context.ts';
import { paginate, type Page } from '../../node/app/pagination.ts';
import { iteratePrefix, type TextKey } from '../../node/store/kv.ts';
import * as keys from './keys.ts';

/** What the SDK charges for writing an index entry that is there already, besides its key. */
const INDEX_WRITE_GAS = 2000;
const INDEX_BYTE_GAS = 30;

const writeAmount = (amount: bigint): Bytes => utf8(amount.toString());
const readAmount = parseUnsignedBytes;

export function balanceOf(context: Context, address: Bytes, denom: string): bigint {
  return amountAt(context, keys.balanceText(address, denom));
}

function amountAt(context: Context, key: TextKey): bigint {
  const bytes = context.store(keys.STORE).get(key);
  return bytes ? readAmount(bytes) : 0n;
}

/** A balance that is read to be changed. */
export class Balance {
  readonly amount: bigint;
  readonly #context: Context;
  readonly #address: Bytes;
  readonly #denom: string;
  readonly #key: TextKey;

  constructor(context: Context, address: Bytes, denom: string) {
    this.#context = context;
    this.#address = address;
    this.#denom = denom;
    this.#key = keys.balanceText(address, denom);
    this.amount = amountAt(context, this.#key);
  }

  /** Call at most once. */
  set(after: bigint): void {
    assert(after >= 0n, 'a balance below zero');
    const store = this.#context.store(keys.STORE);
    if (after === 0n) {
      store.delete(this.#holder());
      store.delete(this.#key);
      return;
    }
    if (this.amount === 0n) store.set(this.#holder(), keys.PRESENT);
    else payForIndex(this.#context, keys.holderKeyBytes(this.#key));
    store.set(this.#key, writeAmount(after));
  }

  #holder(): Bytes {
    return keys.holderKey(this.#denom, this.#address);
  }
}

/** The entry is there; writing it again would only cost time. */
function payForIndex({ gas }: Context, keyBytes: number): void {
  gas.consume(INDEX_WRITE_GAS, 'WriteFlat');
  gas.consume(INDEX_BYTE_GAS * keyBytes, 'WritePerByte');
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
  return Params.decode(storedParams(context));
}

function storedParams(context: Context): Bytes {
  const bytes = context.store(keys.STORE).get(keys.PARAMS_KEY);
  assert(bytes, 'bank parameters are missing');
  return bytes;
}

/** Parameters as every send asks for them: decoded again only when other bytes are stored. */
export class Settings {
  #bytes: Bytes | undefined;
  #defaultSendEnabled = false;

  defaultSendEnabled(context: Context): boolean {
    const bytes = storedParams(context);
    if (bytes !== this.#bytes) {
      this.#defaultSendEnabled = Params.decode(bytes).defaultSendEnabled;
      this.#bytes = bytes;
    }
    return this.#defaultSendEnabled;
  }
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
