/** bitscale query ledger: accounts, tokens and standing quotes of the payment ledger. */
import * as query from '../../../proto/gen/bitscale/ledger/v1/query.ts';
import { fromHex } from '../../base/bytes.ts';
import { usageError, wholeNumber, type Command } from '../command.ts';
import { moduleQuery } from './module-query.ts';

const path = (method: string): string => `/bitscale.ledger.v1.Query/${method}`;

function coordinate(text: string): Uint8Array {
  const digits = text.replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    throw usageError('a coordinate of a key has 64 hexadecimal digits');
  }
  return fromHex(digits);
}

export const ledgerQueries: readonly Command[] = [
  moduleQuery({
    name: 'ledger params',
    summary: 'Shape of the batches and domain of the signatures',
    path: path('Params'),
    request: query.QueryParamsRequest,
    response: query.QueryParamsResponse,
    read: () => ({}),
  }),
  moduleQuery({
    name: 'ledger tokens',
    summary: 'Tokens that can be paid with',
    path: path('Tokens'),
    request: query.QueryTokensRequest,
    response: query.QueryTokensResponse,
    read: () => ({}),
  }),
  moduleQuery({
    name: 'ledger account',
    summary: 'An account of the ledger by its number',
    arguments: ['<index>'],
    path: path('Account'),
    request: query.QueryAccountRequest,
    response: query.QueryAccountResponse,
    read: (call) => ({ index: wholeNumber(call.argument(0), 'the index') }),
  }),
  moduleQuery({
    name: 'ledger accounts',
    summary: 'All accounts of a ledger key, one per token',
    arguments: ['<ax>', '<ay>'],
    path: path('AccountsByKey'),
    request: query.QueryAccountsByKeyRequest,
    response: query.QueryAccountsByKeyResponse,
    read: (call) => ({
      owner: { ax: coordinate(call.argument(0)), ay: coordinate(call.argument(1)) },
    }),
  }),
  moduleQuery({
    name: 'ledger quotes',
    summary: 'Standing quotes for a pair of tokens; 0 means any',
    arguments: ['[token-in]', '[token-out]'],
    path: path('Quotes'),
    request: query.QueryQuotesRequest,
    response: query.QueryQuotesResponse,
    read: (call) => ({
      tokenIn: wholeNumber(call.optionalArgument(0) ?? '0', 'the token'),
      tokenOut: wholeNumber(call.optionalArgument(1) ?? '0', 'the token'),
    }),
  }),
  moduleQuery({
    name: 'ledger intent',
    summary: 'The batch that holds an executed intent',
    arguments: ['<id>'],
    path: path('Intent'),
    request: query.QueryIntentRequest,
    response: query.QueryIntentResponse,
    read: (call) => ({ id: call.argument(0) }),
  }),
  moduleQuery({
    name: 'ledger root',
    summary: 'State root after the newest sealed batch',
    path: path('Root'),
    request: query.QueryRootRequest,
    response: query.QueryRootResponse,
    read: () => ({}),
  }),
];
