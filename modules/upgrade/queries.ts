/** Queries of cosmos.upgrade.v1beta1. */
import {
  QueryAppliedPlanRequest,
  QueryAppliedPlanResponse,
  QueryAuthorityRequest,
  QueryAuthorityResponse,
  QueryCurrentPlanRequest,
  QueryCurrentPlanResponse,
  QueryModuleVersionsRequest,
  QueryModuleVersionsResponse,
} from 'cosmjs-types/cosmos/upgrade/v1beta1/query';
import { query, type AnyQueryHandler } from '../../node/app/module.ts';
import { notFound } from '../../node/app/query-error.ts';
import type { UpgradeKeeper } from './keeper.ts';

const SERVICE = '/cosmos.upgrade.v1beta1.Query';

export function upgradeQueries(keeper: UpgradeKeeper): readonly AnyQueryHandler[] {
  return [
    query(
      `${SERVICE}/CurrentPlan`,
      [QueryCurrentPlanRequest, QueryCurrentPlanResponse],
      (context) => {
        const plan = keeper.plan(context);
        return plan ? { plan } : {};
      },
    ),
    query(
      `${SERVICE}/AppliedPlan`,
      [QueryAppliedPlanRequest, QueryAppliedPlanResponse],
      (context, { name }) => ({ height: keeper.doneHeight(context, name) ?? 0n }),
    ),
    query(
      `${SERVICE}/ModuleVersions`,
      [QueryModuleVersionsRequest, QueryModuleVersionsResponse],
      (context, { moduleName }) => {
        const all = keeper.versions(context);
        const moduleVersions = all.filter(({ name }) => moduleName === '' || name === moduleName);
        if (moduleName !== '' && moduleVersions.length === 0) {
          throw notFound(`x/upgrade: QueryModuleVersions module ${moduleName} not found`);
        }
        return { moduleVersions };
      },
    ),
    query(`${SERVICE}/Authority`, [QueryAuthorityRequest, QueryAuthorityResponse], (context) => ({
      address: keeper.addresses.write(keeper.authority(context)),
    })),
  ];
}
