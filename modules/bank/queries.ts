/** Queries of cosmos.bank.v1beta1. */
import {
  QueryAllBalancesRequest,
  QueryAllBalancesResponse,
  QueryBalanceRequest,
  QueryBalanceResponse,
  QueryDenomMetadataByQueryStringRequest,
  QueryDenomMetadataByQueryStringResponse,
  QueryDenomMetadataRequest,
  QueryDenomMetadataResponse,
  QueryDenomOwnersByQueryRequest,
  QueryDenomOwnersByQueryResponse,
  QueryDenomOwnersRequest,
  QueryDenomOwnersResponse,
  QueryDenomsMetadataRequest,
  QueryDenomsMetadataResponse,
  QueryParamsRequest,
  QueryParamsResponse,
  QuerySendEnabledRequest,
  QuerySendEnabledResponse,
  QuerySpendableBalanceByDenomRequest,
  QuerySpendableBalanceByDenomResponse,
  QuerySpendableBalancesRequest,
  QuerySpendableBalancesResponse,
  QuerySupplyOfRequest,
  QuerySupplyOfResponse,
  QueryTotalSupplyRequest,
  QueryTotalSupplyResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { amountOf, checkDenom, coinToText, type CoinText } from '../../node/base/coin.ts';
import type { Context } from '../../node/app/context.ts';
import { query, type AnyQueryHandler } from '../../node/app/module.ts';
import { notFound } from '../../node/app/query-error.ts';
import * as balances from './balances.ts';
import type { BankKeeper } from './keeper.ts';

const SERVICE = '/cosmos.bank.v1beta1.Query';

export function bankQueries(keeper: BankKeeper): readonly AnyQueryHandler[] {
  return [
    ...balanceQueries(keeper),
    ...spendableQueries(keeper),
    ...supplyQueries(),
    ...settingsQueries(),
    ...metadataQueries(),
  ];
}

interface OneBalance {
  readonly address: string;
  readonly denom: string;
}

function balance(context: Context, { address, denom }: OneBalance, keeper: BankKeeper): CoinText {
  checkDenom(denom);
  const amount = keeper.balance(context, keeper.accounts.addresses.read(address), denom);
  return coinToText({ denom, amount });
}

function balanceQueries(keeper: BankKeeper): readonly AnyQueryHandler[] {
  const { addresses } = keeper.accounts;
  const owners = (context: Context, { denom, pagination }: QueryDenomOwnersRequest) => {
    checkDenom(denom);
    const page = balances.holdersPage(context, denom, pagination);
    const denomOwners = page.entries.map(({ address, coin }) => ({
      address: addresses.write(address),
      balance: coinToText(coin),
    }));
    return { denomOwners, pagination: page.pagination };
  };
  return [
    query(
      `${SERVICE}/Balance`,
      [QueryBalanceRequest, QueryBalanceResponse],
      (context, request) => ({
        balance: balance(context, request, keeper),
      }),
    ),
    query(
      `${SERVICE}/AllBalances`,
      [QueryAllBalancesRequest, QueryAllBalancesResponse],
      (context, { address, pagination }) => {
        const page = balances.balancesPage(context, addresses.read(address), pagination);
        return { balances: page.entries.map(coinToText), pagination: page.pagination };
      },
    ),
    query(`${SERVICE}/DenomOwners`, [QueryDenomOwnersRequest, QueryDenomOwnersResponse], owners),
    query(
      `${SERVICE}/DenomOwnersByQuery`,
      [QueryDenomOwnersByQueryRequest, QueryDenomOwnersByQueryResponse],
      owners,
    ),
  ];
}

/** As the SDK: what is wholly locked is listed too, as zero. */
function spendableQueries(keeper: BankKeeper): readonly AnyQueryHandler[] {
  const { addresses } = keeper.accounts;
  return [
    query(
      `${SERVICE}/SpendableBalances`,
      [QuerySpendableBalancesRequest, QuerySpendableBalancesResponse],
      (context, request) => {
        const address = addresses.read(request.address);
        const page = balances.balancesPage(context, address, request.pagination);
        const locked = keeper.lockedCoins(context, address);
        const left = page.entries.map(({ denom, amount }) => {
          const rest = amount - amountOf(locked, denom);
          return coinToText({ denom, amount: rest > 0n ? rest : 0n });
        });
        return { balances: left, pagination: page.pagination };
      },
    ),
    query(
      `${SERVICE}/SpendableBalanceByDenom`,
      [QuerySpendableBalanceByDenomRequest, QuerySpendableBalanceByDenomResponse],
      (context, { address, denom }) => {
        checkDenom(denom);
        const amount = keeper.spendable(context, addresses.read(address), denom);
        return { balance: coinToText({ denom, amount }) };
      },
    ),
  ];
}

function supplyQueries(): readonly AnyQueryHandler[] {
  return [
    query(
      `${SERVICE}/TotalSupply`,
      [QueryTotalSupplyRequest, QueryTotalSupplyResponse],
      (context, request) => {
        const { entries, pagination } = balances.supplyPage(context, request.pagination);
        return { supply: entries.map(coinToText), pagination };
      },
    ),
    query(
      `${SERVICE}/SupplyOf`,
      [QuerySupplyOfRequest, QuerySupplyOfResponse],
      (context, { denom }) => {
        checkDenom(denom);
        return { amount: coinToText({ denom, amount: balances.supplyOf(context, denom) }) };
      },
    ),
  ];
}

function settingsQueries(): readonly AnyQueryHandler[] {
  return [
    query(`${SERVICE}/Params`, [QueryParamsRequest, QueryParamsResponse], (context) => ({
      params: balances.readParams(context),
    })),
    query(
      `${SERVICE}/SendEnabled`,
      [QuerySendEnabledRequest, QuerySendEnabledResponse],
      (context, { denoms, pagination }) => {
        if (denoms.length === 0) {
          const page = balances.sendEnabledPage(context, pagination);
          return { sendEnabled: [...page.entries], pagination: page.pagination };
        }
        const sendEnabled = denoms.flatMap((denom) => {
          const enabled = balances.sendEnabledEntry(context, denom);
          return enabled === undefined ? [] : [{ denom, enabled }];
        });
        return { sendEnabled };
      },
    ),
  ];
}

/** The SDK has two methods for one question because of the slashes in denominations. */
function metadata(context: Context, { denom }: QueryDenomMetadataRequest) {
  checkDenom(denom);
  const known = balances.metadataOf(context, denom);
  if (!known) throw notFound(`client metadata for denom ${denom}`);
  return { metadata: known };
}

function metadataQueries(): readonly AnyQueryHandler[] {
  return [
    query(
      `${SERVICE}/DenomMetadata`,
      [QueryDenomMetadataRequest, QueryDenomMetadataResponse],
      metadata,
    ),
    query(
      `${SERVICE}/DenomMetadataByQueryString`,
      [QueryDenomMetadataByQueryStringRequest, QueryDenomMetadataByQueryStringResponse],
      metadata,
    ),
    query(
      `${SERVICE}/DenomsMetadata`,
      [QueryDenomsMetadataRequest, QueryDenomsMetadataResponse],
      (context, request) => {
        const { entries, pagination } = balances.metadataPage(context, request.pagination);
        return { metadatas: [...entries], pagination };
      },
    ),
  ];
}
