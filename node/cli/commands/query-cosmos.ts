/** bitscale query account, balances, supply, staking. */
import {
  QueryAccountInfoRequest,
  QueryAccountInfoResponse,
} from 'cosmjs-types/cosmos/auth/v1beta1/query';
import {
  QueryAllBalancesRequest,
  QueryAllBalancesResponse,
  QueryTotalSupplyRequest,
  QueryTotalSupplyResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import {
  QueryDelegatorDelegationsRequest,
  QueryDelegatorDelegationsResponse,
  QueryValidatorsRequest,
  QueryValidatorsResponse,
} from 'cosmjs-types/cosmos/staking/v1beta1/query';
import { parseAccount } from '../../base/address.ts';
import type { Call, Command } from '../command.ts';
import { moduleQuery } from './module-query.ts';

function address(call: Call): string {
  parseAccount(call.argument(0));
  return call.argument(0);
}

export const cosmosQueries: readonly Command[] = [
  moduleQuery({
    name: 'account',
    summary: 'Number, sequence and key of an account',
    arguments: ['<address>'],
    path: '/cosmos.auth.v1beta1.Query/AccountInfo',
    request: QueryAccountInfoRequest,
    response: QueryAccountInfoResponse,
    read: (call) => ({ address: address(call) }),
  }),
  moduleQuery({
    name: 'balances',
    summary: 'What an account holds',
    arguments: ['<address>'],
    path: '/cosmos.bank.v1beta1.Query/AllBalances',
    request: QueryAllBalancesRequest,
    response: QueryAllBalancesResponse,
    read: (call) => QueryAllBalancesRequest.fromPartial({ address: address(call) }),
  }),
  moduleQuery({
    name: 'supply',
    summary: 'How much there is of every coin',
    path: '/cosmos.bank.v1beta1.Query/TotalSupply',
    request: QueryTotalSupplyRequest,
    response: QueryTotalSupplyResponse,
    read: () => QueryTotalSupplyRequest.fromPartial({}),
  }),
  moduleQuery({
    name: 'staking validators',
    summary: 'Validators with their stake and terms',
    path: '/cosmos.staking.v1beta1.Query/Validators',
    request: QueryValidatorsRequest,
    response: QueryValidatorsResponse,
    read: () => QueryValidatorsRequest.fromPartial({}),
  }),
  moduleQuery({
    name: 'staking delegations',
    summary: 'Where an account has staked',
    arguments: ['<address>'],
    path: '/cosmos.staking.v1beta1.Query/DelegatorDelegations',
    request: QueryDelegatorDelegationsRequest,
    response: QueryDelegatorDelegationsResponse,
    read: (call) => QueryDelegatorDelegationsRequest.fromPartial({ delegatorAddr: address(call) }),
  }),
];
