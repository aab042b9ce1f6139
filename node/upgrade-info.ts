/**
 * What a program that is too old for the next block leaves for the one that follows it: cosmovisor and its like wait
 * for this file and start the program of that name. As the Cosmos SDK writes it.
 */
import { renameSync, writeFileSync } from 'node:fs';
import {
  QueryCurrentPlanRequest,
  QueryCurrentPlanResponse,
} from 'cosmjs-types/cosmos/upgrade/v1beta1/query';
import type { Application } from './app/application.ts';
import { formatTime, ZERO_TIME } from './base/time.ts';
import type { Home } from './home.ts';

const PATH = '/cosmos.upgrade.v1beta1.Query/CurrentPlan';

/** Writes nothing unless the next block is that of a plan, and for another program to execute. */
export function leaveUpgradeInfo({ upgradeInfoFile }: Home, app: Application): void {
  if (app.haltReason() === undefined) return;
  const data = QueryCurrentPlanRequest.encode({}).finish();
  const { value } = app.query({ path: PATH, data, height: 0, prove: false });
  const { plan } = QueryCurrentPlanResponse.decode(value);
  if (!plan || plan.height > BigInt(app.info().height) + 1n) return;
  const { name, height, info } = plan;
  const content = {
    name,
    time: formatTime(ZERO_TIME),
    // A number here, though heights are texts elsewhere.
    height: Number(height),
    ...(info !== '' && { info }),
  };
  const temporary = `${upgradeInfoFile}.tmp`;
  writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
  renameSync(temporary, upgradeInfoFile);
}
