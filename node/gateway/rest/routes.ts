/**
 * Where each method stands in REST. It lists what clients of Cosmos chains call, whether this chain has the
 * module or not: a method that nobody answers is 501, as at a gateway whose chain lacks it.
 */
import { COSMOS_ROUTES } from './routes-cosmos.ts';
import { IBC_ROUTES } from './routes-ibc.ts';
import type { Route, ServiceRoutes } from './router.ts';

const OWN_ROUTES: readonly ServiceRoutes[] = [
  {
    service: 'bitscale.ledger.v1.Query',
    base: '/bitscale/ledger/v1',
    methods: {
      Params: 'params',
      Tokens: 'tokens',
      Account: 'accounts/{index}',
      AccountsByKey: 'accounts',
      Quotes: 'quotes',
      Intent: 'intents/{id}',
      Root: 'root',
    },
  },
  {
    service: 'bitscale.settlement.v1.Query',
    base: '/bitscale/settlement/v1',
    methods: {
      Params: 'params',
      Status: 'status',
      Batch: 'batches/{number}',
      BatchData: 'batches/{number}/data',
      Attestations: 'batches/{batch}/attestations',
      BatchFinality: 'batches/{batch}/finality',
      Finality: 'finality',
    },
  },
];

export const ROUTES: readonly Route[] = [...COSMOS_ROUTES, ...IBC_ROUTES, ...OWN_ROUTES].flatMap(
  ({ service, base, methods }) =>
    Object.entries(methods).flatMap(([name, templates]) =>
      [templates].flat().map((text) => route(`/${service}/${name}`, base, text)),
    ),
);

function route(method: string, base: string, text: string): Route {
  const [, verb, rest = ''] = /^(POST )?(.*)$/.exec(text) ?? [];
  return { verb: verb === undefined ? 'GET' : 'POST', template: `${base}/${rest}`, method };
}
