/** Accounts: who may sign, with which key and which sequence next. Only this file touches the store. */
import { moduleAddress } from '../../node/base/address.ts';
import { bytesToUint64, uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { assert } from '../../node/base/errors.ts';
import { RecentMap } from '../../node/base/recent-map.ts';
import { MAX_CACHED_ACCOUNTS } from '../../node/base/limits.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Context } from '../../node/app/context.ts';
import { payForLook, payForRead } from '../../node/app/gas.ts';
import type { AccountKeeper, TxParams, UnorderedNonces } from '../../node/app/expected.ts';
import type { PublicKey } from '../../node/app/public-key.ts';
import { paginate, type Page } from '../../node/app/pagination.ts';
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { iteratePrefix, type TextKey } from '../../node/store/kv.ts';
import { AccountCodec, type StoredAccount } from './accounts.ts';
import type { AccountForms } from './expected.ts';
import {
  ACCOUNT_PREFIX,
  NEXT_NUMBER_KEY,
  PARAMS_KEY,
  STORE,
  accountKey,
  numberKey,
} from './keys.ts';
import { decodeParams, encodeParams } from './params.ts';
import { RecentReads, isSame } from './recent-reads.ts';

/** Names of module accounts and what each may do: "minter", "burner", "staking". */
export type ModuleAccounts = ReadonlyMap<string, readonly string[]>;

/** What the SDK charges for rewriting the unchanged entry of an account in its index of numbers. */
const UNCHANGED_INDEX_GAS = 5230;

/** What makes an account more than that of an owner. */
export type AccountParts = Pick<StoredAccount, 'module' | 'part'>;

export interface AuthOptions {
  readonly addresses: AddressText;
  readonly moduleAccounts: ModuleAccounts;
  /** Accounts that other modules have added something to. */
  readonly forms: AccountForms;
  /** Undefined: every transaction has a sequence. */
  readonly nonces: UnorderedNonces | undefined;
}

interface Decoded {
  /** In the store. */
  readonly key: TextKey;
  readonly bytes: Bytes;
  readonly account: StoredAccount;
}

/** Two of each account: before and after the transaction at hand. */
interface TwoDecoded {
  readonly last: Decoded;
  readonly before: Decoded | undefined;
}

interface DecodedParams {
  readonly bytes: Bytes;
  readonly params: TxParams;
}

export class AuthKeeper implements AccountKeeper {
  readonly addresses: AddressText;
  readonly moduleAccounts: ModuleAccounts;
  readonly forms: AccountForms;
  readonly codec: AccountCodec;
  readonly #recent = new RecentReads<Decoded, DecodedParams>();
  /** By key, what was decoded last. */
  readonly #decoded = new RecentMap<TwoDecoded>(MAX_CACHED_ACCOUNTS);
  #params: DecodedParams | undefined;
  /** Of listed modules only. */
  readonly #moduleAddresses = new Map<string, Bytes>();

  readonly nonces: UnorderedNonces | undefined;

  constructor({ addresses, moduleAccounts, forms, nonces }: AuthOptions) {
    this.addresses = addresses;
    this.moduleAccounts = moduleAccounts;
    this.forms = forms;
    this.codec = new AccountCodec(addresses, forms);
    this.nonces = nonces;
  }

  txParams(context: Context): TxParams {
    const recent = this.#recent.of(context);
    if (recent.params) {
      payForRead(context.gas, PARAMS_KEY.length, recent.params.bytes.length);
      return recent.params.params;
    }
    const bytes = context.store(STORE).get(PARAMS_KEY);
    assert(bytes, 'auth parameters are missing');
    if (!this.#params || !isSame(this.#params.bytes, bytes)) {
      this.#params = { bytes, params: decodeParams(bytes) };
    }
    recent.params = this.#params;
    return this.#params.params;
  }

  setParams(context: Context, params: TxParams): void {
    this.#recent.of(context).params = undefined;
    context.store(STORE).set(PARAMS_KEY, encodeParams(params));
  }

  account(context: Context, address: Bytes): StoredAccount | undefined {
    return this.#read(context, address)?.account;
  }

  #read(context: Context, address: Bytes): Decoded | undefined {
    const recent = this.#recent.of(context);
    const seen = recent.find(address);
    if (seen) {
      const keyBytes = ACCOUNT_PREFIX.length + address.length;
      payForRead(context.gas, keyBytes, seen.found?.bytes.length ?? 0);
      return seen.found;
    }
    const key = accountKey(address);
    const bytes = context.store(STORE).get(key);
    const found = bytes && this.#decode(bytes, key, address);
    recent.see(address, found);
    return found;
  }

  #decode(bytes: Bytes, key: TextKey, address: Bytes): Decoded {
    const known = this.#decoded.get(key);
    if (known && isSame(known.last.bytes, bytes)) return known.last;
    if (known?.before && isSame(known.before.bytes, bytes)) return known.before;
    const decoded = { key, bytes, account: this.codec.decode(bytes, address) };
    this.#remember(decoded);
    return decoded;
  }

  has(context: Context, address: Bytes): boolean {
    const seen = this.#recent.of(context).find(address);
    if (!seen) return context.store(STORE).has(accountKey(address));
    payForLook(context.gas);
    return seen.found !== undefined;
  }

  /** Opens an account that does not exist yet, under the next free number. */
  create(context: Context, address: Bytes, more: AccountParts = {}): StoredAccount {
    const accountNumber = this.#nextNumber(context);
    const account = { address, accountNumber, sequence: 0n, ...more };
    this.#insert(context, account);
    return account;
  }

  setPubKey(context: Context, account: StoredAccount, pubKey: PublicKey): void {
    assert(!account.pubKey && !account.module, 'the account has a key or belongs to a module');
    const next = { ...account, pubKey };
    this.#update(context, next, this.codec.encode(next));
  }

  incrementSequence(context: Context, address: Bytes): void {
    const { bytes, account } = this.#existing(context, address);
    const next = { ...account, sequence: account.sequence + 1n };
    this.#update(context, next, this.codec.encodeNext(bytes, next));
  }

  /** The account of a module, opened when it is needed for the first time. */
  moduleAccount(context: Context, name: string): StoredAccount {
    const permissions = this.moduleAccounts.get(name);
    assert(permissions, `module account ${name} is not listed`);
    let address = this.#moduleAddresses.get(name);
    if (!address) {
      address = moduleAddress(name);
      this.#moduleAddresses.set(name, address);
    }
    const known = this.account(context, address);
    return known ?? this.create(context, address, { module: { name, permissions } });
  }

  hasPermission(name: string, permission: string): boolean {
    return this.moduleAccounts.get(name)?.includes(permission) ?? false;
  }

  addressByNumber(context: Context, number: bigint): Bytes | undefined {
    return context.store(STORE).get(numberKey(number));
  }

  page(context: Context, request: PageRequest | undefined): Page<StoredAccount> {
    const take = (address: Bytes, value: Bytes) => this.codec.decode(value, address);
    return paginate({ store: context.store(STORE), prefix: ACCOUNT_PREFIX, take }, request);
  }

  *all(context: Context): IterableIterator<StoredAccount> {
    for (const [key, value] of iteratePrefix(context.store(STORE), ACCOUNT_PREFIX)) {
      yield this.codec.decode(value, key.slice(ACCOUNT_PREFIX.length));
    }
  }

  /** Genesis only: stores the account as it is and makes later numbers larger than its own. */
  restore(context: Context, account: StoredAccount): void {
    assert(!this.has(context, account.address), 'account given twice');
    assert(!this.addressByNumber(context, account.accountNumber), 'account number given twice');
    this.#insert(context, account);
    const next = this.#peekNumber(context);
    if (account.accountNumber >= next) this.#setNumber(context, account.accountNumber + 1n);
  }

  #existing(context: Context, address: Bytes): Decoded {
    const found = this.#read(context, address);
    assert(found, 'the account does not exist');
    return found;
  }

  #insert(context: Context, account: StoredAccount): void {
    const store = context.store(STORE);
    const key = accountKey(account.address);
    assert(store.get(key) === undefined, 'the account exists');
    assert(!store.has(numberKey(account.accountNumber)), 'the account number is taken');
    store.set(numberKey(account.accountNumber), account.address);
    const bytes = this.codec.encode(account);
    store.set(key, bytes);
    this.#recent.of(context).see(account.address, { key, bytes, account });
  }

  /** Number and address never change, so the index of numbers stays as it is. */
  #update(context: Context, account: StoredAccount, bytes: Bytes): void {
    const { key } = this.#existing(context, account.address);
    context.gas.consume(UNCHANGED_INDEX_GAS, 'WriteFlat');
    context.store(STORE).set(key, bytes);
    const decoded = { key, bytes, account };
    this.#remember(decoded);
    this.#recent.of(context).see(account.address, decoded);
  }

  #remember(last: Decoded): void {
    this.#decoded.set(last.key, { last, before: this.#decoded.get(last.key)?.last });
  }

  #peekNumber(context: Context): bigint {
    const bytes = context.store(STORE).get(NEXT_NUMBER_KEY);
    return bytes ? bytesToUint64(bytes) : 0n;
  }

  #nextNumber(context: Context): bigint {
    const number = this.#peekNumber(context);
    this.#setNumber(context, number + 1n);
    return number;
  }

  #setNumber(context: Context, number: bigint): void {
    context.store(STORE).set(NEXT_NUMBER_KEY, uint64ToBytes(number));
  }
}
