/** Queries of cosmos.authz.v1beta1. */
import type { Grant, GrantAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import {
  QueryGranteeGrantsRequest,
  QueryGranteeGrantsResponse,
  QueryGranterGrantsRequest,
  QueryGranterGrantsResponse,
  QueryGrantsRequest,
  QueryGrantsResponse,
} from 'cosmjs-types/cosmos/authz/v1beta1/query';
import { BitscaleError } from '../../node/base/errors.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Context } from '../../node/app/context.ts';
import { query, type AnyQueryHandler } from '../../node/app/module.ts';
import { encodeAuthorization } from './authorization.ts';
import { NO_AUTHORIZATION } from './errors.ts';
import type { AuthzKeeper, NamedGrant, StoredGrant } from './keeper.ts';

const SERVICE = '/cosmos.authz.v1beta1.Query';

function toGrant({ authorization, expiration }: StoredGrant): Grant {
  return {
    authorization: encodeAuthorization(authorization),
    ...(expiration && { expiration }),
  };
}

function toGrantAuthorization(grant: NamedGrant, addresses: AddressText): GrantAuthorization {
  return {
    granter: addresses.write(grant.granter),
    grantee: addresses.write(grant.grantee),
    ...toGrant(grant),
  };
}

function grants(
  context: Context,
  { granter, grantee, msgTypeUrl, pagination }: QueryGrantsRequest,
  keeper: AuthzKeeper,
): QueryGrantsResponse {
  const { addresses } = keeper.accounts;
  const pair = { granter: addresses.read(granter), grantee: addresses.read(grantee) };
  if (msgTypeUrl === '') {
    const page = keeper.grantsOf(context, pair, pagination);
    return { grants: page.entries.map(toGrant), pagination: page.pagination };
  }
  const grant = keeper.grantOf(context, pair, msgTypeUrl);
  if (!grant) {
    const detail = `authorization not found for ${msgTypeUrl} type`;
    throw new BitscaleError(NO_AUTHORIZATION, detail);
  }
  return { grants: [toGrant(grant)] };
}

export function authzQueries(keeper: AuthzKeeper): readonly AnyQueryHandler[] {
  const { addresses } = keeper.accounts;
  return [
    query(`${SERVICE}/Grants`, [QueryGrantsRequest, QueryGrantsResponse], (context, request) =>
      grants(context, request, keeper),
    ),
    query(
      `${SERVICE}/GranterGrants`,
      [QueryGranterGrantsRequest, QueryGranterGrantsResponse],
      (context, { granter, pagination }) => {
        const page = keeper.grantsBy(context, addresses.read(granter), pagination);
        const entries = page.entries.map((grant) => toGrantAuthorization(grant, addresses));
        return { grants: entries, pagination: page.pagination };
      },
    ),
    query(
      `${SERVICE}/GranteeGrants`,
      [QueryGranteeGrantsRequest, QueryGranteeGrantsResponse],
      (context, { grantee, pagination }) => {
        const page = keeper.grantsTo(context, addresses.read(grantee), pagination);
        const entries = page.entries.map((grant) => toGrantAuthorization(grant, addresses));
        return { grants: entries, pagination: page.pagination };
      },
    ),
  ];
}
