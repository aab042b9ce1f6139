/** Queries of cosmos.feegrant.v1beta1. */
import {
  QueryAllowanceRequest,
  QueryAllowanceResponse,
  QueryAllowancesByGranterRequest,
  QueryAllowancesByGranterResponse,
  QueryAllowancesRequest,
  QueryAllowancesResponse,
} from 'cosmjs-types/cosmos/feegrant/v1beta1/query';
import { query, type AnyQueryHandler } from '../../node/app/module.ts';
import { QueryError } from '../../node/app/query-error.ts';
import { encodeAllowance } from './allowance-codec.ts';
import type { FeegrantKeeper } from './keeper.ts';

const SERVICE = '/cosmos.feegrant.v1beta1.Query';

export function feegrantQueries(keeper: FeegrantKeeper): readonly AnyQueryHandler[] {
  const { addresses } = keeper.accounts;
  return [
    query(
      `${SERVICE}/Allowance`,
      [QueryAllowanceRequest, QueryAllowanceResponse],
      (context, { granter, grantee }) => {
        const pair = { granter: addresses.read(granter), grantee: addresses.read(grantee) };
        const allowance = keeper.allowance(context, pair);
        if (!allowance) throw new QueryError('Internal', 'fee-grant not found: not found');
        return { allowance: { granter, grantee, allowance: encodeAllowance(allowance) } };
      },
    ),
    query(
      `${SERVICE}/Allowances`,
      [QueryAllowancesRequest, QueryAllowancesResponse],
      (context, request) => {
        const grantee = addresses.read(request.grantee);
        const { entries, pagination } = keeper.grantsTo(context, grantee, request.pagination);
        return { allowances: [...entries], pagination };
      },
    ),
    query(
      `${SERVICE}/AllowancesByGranter`,
      [QueryAllowancesByGranterRequest, QueryAllowancesByGranterResponse],
      (context, request) => {
        const granter = addresses.read(request.granter);
        const { entries, pagination } = keeper.grantsOf(context, granter, request.pagination);
        return { allowances: [...entries], pagination };
      },
    ),
  ];
}
