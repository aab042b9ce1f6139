/** Read access to the ledger. */
import type { Context } from '../../node/app/context.ts';
import type { AnyQueryHandler, Codec, QueryHandler } from '../../node/app/module.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import * as wire from '../../proto/gen/bitscale/ledger/v1/query.ts';
import type { Account as WireAccount } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import { accountAt, accountsOf, leafStore, type Account } from './accounts.ts';
import { keyFromWire, keyToWire, quoteToWire } from './codec.ts';
import { ERR_UNKNOWN_ACCOUNT, ERR_UNKNOWN_INTENT } from './errors.ts';
import { fieldToBytes } from './field.ts';
import type { LedgerKeeper } from './keeper.ts';
import type { Tokens } from './tokens.ts';
import { checkQuote } from './transition.ts';

const SERVICE = '/bitscale.ledger.v1.Query';

function accountToWire(account: Account): WireAccount {
  const { index, token, nonce, balance } = account;
  return { index, owner: keyToWire(account), token: Number(token), nonce, balance };
}

export function ledgerQueries(keeper: LedgerKeeper, tokens: Tokens): AnyQueryHandler[] {
  const query = <Req, Res>(
    method: string,
    request: Codec<Req>,
    response: Codec<Res>,
    run: (context: Context, request: Req) => Res,
  ): QueryHandler<Req, Res> => ({ path: `${SERVICE}/${method}`, request, response, run });

  return [
    query('Params', wire.QueryParamsRequest, wire.QueryParamsResponse, (context) => {
      const { shape, domain } = keeper.params(context);
      return { params: { ...shape, domain: fieldToBytes(domain) } };
    }),
    query('Tokens', wire.QueryTokensRequest, wire.QueryTokensResponse, (context) => ({
      tokens: tokens.list(context),
    })),
    query('Account', wire.QueryAccountRequest, wire.QueryAccountResponse, (context, { index }) => {
      const account = accountAt(context, index);
      if (!account) throw new BitscaleError(ERR_UNKNOWN_ACCOUNT, `index ${index}`);
      return { account: accountToWire(account) };
    }),
    query(
      'AccountsByKey',
      wire.QueryAccountsByKeyRequest,
      wire.QueryAccountsByKeyResponse,
      (context, { owner }) => ({
        accounts: accountsOf(context, keyFromWire(owner)).map(accountToWire),
      }),
    ),
    query('Quotes', wire.QueryQuotesRequest, wire.QueryQuotesResponse, (context, request) => ({
      quotes: usableQuotes(context, keeper, request),
    })),
    query('Intent', wire.QueryIntentRequest, wire.QueryIntentResponse, (context, { id }) => {
      const batch = /^[0-9a-f]{64}$/.test(id) ? keeper.executedIn(context, id) : undefined;
      if (batch === undefined) throw new BitscaleError(ERR_UNKNOWN_INTENT, id);
      return { batch };
    }),
    query('Root', wire.QueryRootRequest, wire.QueryRootResponse, (context) => ({
      root: fieldToBytes(keeper.root(context)),
      batch: keeper.lastBatch(context),
    })),
  ];
}

function usableQuotes(
  context: Context,
  keeper: LedgerKeeper,
  pair: wire.QueryQuotesRequest,
): wire.QuoteStatus[] {
  const leaves = leafStore(context);
  const open = keeper.openBatch(context);
  const found: wire.QuoteStatus[] = [];
  for (const { id, quote } of keeper.quotes(context)) {
    if (pair.tokenIn !== 0 && BigInt(pair.tokenIn) !== quote.tokenIn) continue;
    if (pair.tokenOut !== 0 && BigInt(pair.tokenOut) !== quote.tokenOut) continue;
    try {
      checkQuote(leaves, quote, context.time.seconds);
    } catch (error) {
      if (error instanceof BitscaleError) continue;
      throw error;
    }
    const drawn = open?.quotes.find((row) => row.id === id)?.totalOut ?? 0n;
    const balance = leaves.get(Number(quote.outIdx))?.balance ?? 0n;
    const limit = quote.max < balance ? quote.max : balance;
    found.push({ id, quote: quoteToWire(quote), available: limit - drawn });
  }
  return found;
}
