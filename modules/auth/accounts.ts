/** Accounts as bytes in the store: a BaseAccount or ModuleAccount of the Cosmos SDK inside an Any. */
import { BaseAccount, ModuleAccount, Params } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { Any } from 'cosmjs-types/google/protobuf/any';
import type { Bytes } from '../../node/base/bytes.ts';
import { assert } from '../../node/base/errors.ts';
import { ProtoWriter } from '../../node/base/proto-writer.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Account, TxParams } from '../../node/app/expected.ts';
import { readPublicKey } from '../../node/app/public-key.ts';

export interface StoredAccount extends Account {
  /** Set for an account that belongs to a module and has no key. */
  readonly module?: { readonly name: string; readonly permissions: readonly string[] };
}

const BASE_URL = '/cosmos.auth.v1beta1.BaseAccount';
const MODULE_URL = '/cosmos.auth.v1beta1.ModuleAccount';

function toBase(account: StoredAccount, addresses: AddressText): BaseAccount {
  const { pubKey, accountNumber, sequence } = account;
  const address = addresses.write(account.address);
  if (!pubKey) return BaseAccount.fromPartial({ address, accountNumber, sequence });
  return BaseAccount.fromPartial({ address, pubKey: pubKey.any, accountNumber, sequence });
}

function fromBase(base: BaseAccount, address: Bytes): Account {
  const { accountNumber, sequence } = base;
  if (!base.pubKey) return { address, accountNumber, sequence };
  const pubKey = readPublicKey(base.pubKey, 0);
  assert('members' in pubKey, 'stored account with a bad key');
  return { address, accountNumber, sequence, pubKey };
}

/** The form that clients get, too. */
export function accountToAny(account: StoredAccount, addresses: AddressText): Any {
  const baseAccount = toBase(account, addresses);
  if (!account.module) {
    return { typeUrl: BASE_URL, value: BaseAccount.encode(baseAccount).finish() };
  }
  const { name, permissions } = account.module;
  const value = ModuleAccount.encode({ baseAccount, name, permissions: [...permissions] }).finish();
  return { typeUrl: MODULE_URL, value };
}

export function encodeAccount(account: StoredAccount, addresses: AddressText): Bytes {
  if (account.module) return Any.encode(accountToAny(account, addresses)).finish();
  // The same bytes as the line above would give; every transaction writes an account or two.
  const { address, pubKey, accountNumber, sequence } = account;
  const writeBase = (base: ProtoWriter): void => {
    base.string(1, addresses.write(address));
    if (pubKey) {
      base.nested(2, (any) => any.string(1, pubKey.any.typeUrl).bytes(2, pubKey.any.value));
    }
    base.uint64(3, accountNumber).uint64(4, sequence);
  };
  return new ProtoWriter().string(1, BASE_URL).nested(2, writeBase).finish();
}

/** `address` is the one the account is stored under; reading it back from text would take longest. */
export function decodeAccount(bytes: Bytes, address: Bytes): StoredAccount {
  const { typeUrl, value } = Any.decode(bytes);
  if (typeUrl === BASE_URL) return fromBase(BaseAccount.decode(value), address);
  assert(typeUrl === MODULE_URL, `stored account of type ${typeUrl}`);
  const { baseAccount, name, permissions } = ModuleAccount.decode(value);
  assert(baseAccount, 'stored module account without base account');
  return { ...fromBase(baseAccount, address), module: { name, permissions } };
}

export function encodeParams(params: TxParams): Bytes {
  return Params.encode(toParams(params)).finish();
}

export function toParams(params: TxParams): Params {
  return Params.fromPartial({
    maxMemoCharacters: params.maxMemoCharacters,
    txSigLimit: params.txSigLimit,
    txSizeCostPerByte: params.txSizeCostPerByte,
    sigVerifyCostEd25519: params.sigVerifyCostEd25519,
    sigVerifyCostSecp256k1: params.sigVerifyCostSecp256k1,
  });
}

export function decodeParams(bytes: Bytes): TxParams {
  return Params.decode(bytes);
}

export const DEFAULT_PARAMS: TxParams = {
  maxMemoCharacters: 256n,
  txSigLimit: 7n,
  txSizeCostPerByte: 10n,
  sigVerifyCostEd25519: 590n,
  sigVerifyCostSecp256k1: 1000n,
};
