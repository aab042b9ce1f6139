/** Queries of cosmos.auth.v1beta1. */
import {
  AddressBytesToStringRequest,
  AddressBytesToStringResponse,
  AddressStringToBytesRequest,
  AddressStringToBytesResponse,
  Bech32PrefixRequest,
  Bech32PrefixResponse,
  QueryAccountAddressByIDRequest,
  QueryAccountAddressByIDResponse,
  QueryAccountInfoRequest,
  QueryAccountInfoResponse,
  QueryAccountRequest,
  QueryAccountResponse,
  QueryAccountsRequest,
  QueryAccountsResponse,
  QueryModuleAccountByNameRequest,
  QueryModuleAccountByNameResponse,
  QueryModuleAccountsRequest,
  QueryModuleAccountsResponse,
  QueryParamsRequest,
  QueryParamsResponse,
} from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { moduleAddress } from '../../node/base/address.ts';
import type { Context } from '../../node/app/context.ts';
import { query, type AnyQueryHandler } from '../../node/app/module.ts';
import { invalidArgument, notFound } from '../../node/app/query-error.ts';
import type { StoredAccount } from './accounts.ts';
import type { AuthKeeper } from './keeper.ts';
import { toParams } from './params.ts';

const SERVICE = '/cosmos.auth.v1beta1.Query';
/** The SDK's bound. */
const MAX_ADDRESS_BYTES = 255;

export function authQueries(keeper: AuthKeeper): readonly AnyQueryHandler[] {
  return [...accountQueries(keeper), ...moduleAccountQueries(keeper), ...textQueries(keeper)];
}

function find(context: Context, text: string, keeper: AuthKeeper): StoredAccount {
  if (text === '') throw invalidArgument('Address cannot be empty');
  const account = keeper.account(context, keeper.addresses.read(text));
  if (!account) throw notFound(`account ${text} not found`);
  return account;
}

function accountQueries(keeper: AuthKeeper): readonly AnyQueryHandler[] {
  const { addresses, codec } = keeper;
  return [
    query(
      `${SERVICE}/Account`,
      [QueryAccountRequest, QueryAccountResponse],
      (context, request) => ({
        account: codec.toAny(find(context, request.address, keeper)),
      }),
    ),
    query(
      `${SERVICE}/AccountInfo`,
      [QueryAccountInfoRequest, QueryAccountInfoResponse],
      (context, request) => ({ info: codec.toBase(find(context, request.address, keeper)) }),
    ),
    query(
      `${SERVICE}/Accounts`,
      [QueryAccountsRequest, QueryAccountsResponse],
      (context, request) => {
        const { entries, pagination } = keeper.page(context, request.pagination);
        return { accounts: entries.map((account) => codec.toAny(account)), pagination };
      },
    ),
    query(
      `${SERVICE}/AccountAddressByID`,
      [QueryAccountAddressByIDRequest, QueryAccountAddressByIDResponse],
      (context, request) => {
        const number = request.accountId === 0n ? request.id : request.accountId;
        const address = keeper.addressByNumber(context, number);
        if (!address) throw notFound(`account address not found with account number ${number}`);
        return { accountAddress: addresses.write(address) };
      },
    ),
    query(`${SERVICE}/Params`, [QueryParamsRequest, QueryParamsResponse], (context) => ({
      params: toParams(keeper.txParams(context)),
    })),
  ];
}

function moduleAccountQueries(keeper: AuthKeeper): readonly AnyQueryHandler[] {
  const read = (context: Context, name: string) => {
    const account = keeper.account(context, moduleAddress(name));
    return account && keeper.codec.toAny(account);
  };
  return [
    query(
      `${SERVICE}/ModuleAccounts`,
      [QueryModuleAccountsRequest, QueryModuleAccountsResponse],
      (context) => {
        const names = [...keeper.moduleAccounts.keys()].sort();
        return { accounts: names.flatMap((name) => read(context, name) ?? []) };
      },
    ),
    query(
      `${SERVICE}/ModuleAccountByName`,
      [QueryModuleAccountByNameRequest, QueryModuleAccountByNameResponse],
      (context, request) => {
        const known = keeper.moduleAccounts.has(request.name) && read(context, request.name);
        if (!known) throw notFound(`account ${request.name} not found`);
        return { account: known };
      },
    ),
  ];
}

function textQueries({ addresses }: AuthKeeper): readonly AnyQueryHandler[] {
  return [
    query(`${SERVICE}/Bech32Prefix`, [Bech32PrefixRequest, Bech32PrefixResponse], () => ({
      bech32Prefix: addresses.prefix,
    })),
    query(
      `${SERVICE}/AddressBytesToString`,
      [AddressBytesToStringRequest, AddressBytesToStringResponse],
      (_, request) => {
        if (request.addressBytes.length === 0)
          throw invalidArgument('empty address bytes is not allowed');
        if (request.addressBytes.length > MAX_ADDRESS_BYTES)
          throw invalidArgument(`address max length is ${MAX_ADDRESS_BYTES}`);
        return { addressString: addresses.write(request.addressBytes) };
      },
    ),
    query(
      `${SERVICE}/AddressStringToBytes`,
      [AddressStringToBytesRequest, AddressStringToBytesResponse],
      (_, request) => ({ addressBytes: addresses.read(request.addressString) }),
    ),
  ];
}
