/** Queries of cosmos.staking.v1beta1. */
import {
  QueryParamsRequest,
  QueryParamsResponse,
  QueryPoolRequest,
  QueryPoolResponse,
  QueryValidatorRequest,
  QueryValidatorResponse,
  QueryValidatorsRequest,
  QueryValidatorsResponse,
} from 'cosmjs-types/cosmos/staking/v1beta1/query';
import { query, type AnyQueryHandler } from '../../node/app/module.ts';
import { invalidArgument, notFound } from '../../node/app/query-error.ts';
import type { StakingKeeper } from './keeper.ts';
import { toProto, toProtoParams, type BondStatus } from './validators.ts';

const SERVICE = '/cosmos.staking.v1beta1.Query';

const STATUS: ReadonlyMap<string, BondStatus | undefined> = new Map([
  ['', undefined],
  ['BOND_STATUS_UNBONDED', 'unbonded'],
  ['BOND_STATUS_UNBONDING', 'unbonding'],
  ['BOND_STATUS_BONDED', 'bonded'],
]);

export function stakingQueries(keeper: StakingKeeper): readonly AnyQueryHandler[] {
  return [
    query(
      `${SERVICE}/Validators`,
      [QueryValidatorsRequest, QueryValidatorsResponse],
      (context, { status, pagination }) => {
        if (!STATUS.has(status)) throw invalidArgument(`invalid validator status ${status}`);
        const page = keeper.page(context, STATUS.get(status), pagination);
        const validators = page.entries.map((validator) => toProto(validator, keeper.operators));
        return { validators, pagination: page.pagination };
      },
    ),
    query(
      `${SERVICE}/Validator`,
      [QueryValidatorRequest, QueryValidatorResponse],
      (context, { validatorAddr }) => {
        if (validatorAddr === '') throw invalidArgument('validator address cannot be empty');
        const validator = keeper.validator(context, keeper.operators.read(validatorAddr));
        if (!validator) throw notFound(`validator ${validatorAddr} not found`);
        return { validator: toProto(validator, keeper.operators) };
      },
    ),
    query(`${SERVICE}/Params`, [QueryParamsRequest, QueryParamsResponse], (context) => ({
      params: toProtoParams(keeper.params(context)),
    })),
    query(`${SERVICE}/Pool`, [QueryPoolRequest, QueryPoolResponse], (context) => ({
      pool: {
        bondedTokens: keeper.totalStake(context).toString(),
        notBondedTokens: keeper.tokensIn(context, (status) => status !== 'bonded').toString(),
      },
    })),
  ];
}
