/**
 * abci_query of the application, and beside it trial runs as the SDK's path /app/simulate answers them: as JSON,
 * which takes types of other programs than the application.
 */
import { SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import type { QueryRequest, QueryResponse } from './app/abci.ts';
import type { Application } from './app/application.ts';
import { simulated } from './app/services.ts';
import { EMPTY, utf8 } from './base/bytes.ts';
import type { JsonCodec } from './gateway/expected.ts';
import { ANY_TYPES } from './gateway/json/any-types.ts';
import { toJson } from './gateway/json/to-json.ts';

const SIMULATE = /^\/?app\/simulate$/;

/** The codecs of what may stand in an Any. */
export function typesOf({ registry }: Application): (typeUrl: string) => JsonCodec | undefined {
  return (typeUrl) =>
    ANY_TYPES.get(typeUrl) ?? (registry.message(typeUrl)?.codec as JsonCodec | undefined);
}

export function askApplication(app: Application, request: QueryRequest): QueryResponse {
  return SIMULATE.test(request.path) ? simulation(app, request) : app.query(request);
}

/** In the newest state, whatever height was asked for: the answer names its own. */
function simulation(app: Application, { data }: QueryRequest): QueryResponse {
  const outcome = app.simulate(data);
  const { code, codespace, log } = outcome.result;
  const rest = { info: '', index: 0n, key: EMPTY, proofOps: [], height: app.info().height };
  if (code !== 0) {
    return { code, codespace, log: `failed to simulate tx: ${log}`, value: EMPTY, ...rest };
  }
  const codec = SimulateResponse as unknown as JsonCodec;
  const json = toJson(codec, simulated(outcome), typesOf(app));
  return { code, codespace: 'sdk', log: '', value: utf8(JSON.stringify(json)), ...rest };
}
