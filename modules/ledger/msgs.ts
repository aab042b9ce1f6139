/** The messages of the ledger: intents carried by anyone, standing quotes, opening of accounts. */
import type { Context } from '../../node/app/context.ts';
import { OutOfGasError } from '../../node/app/gas.ts';
import type { AnyMessageHandler, Codec, MessageHandler } from '../../node/app/module.ts';
import { ACCOUNT_PREFIX } from '../../node/base/address.ts';
import { fromBech32 } from '../../node/base/bech32.ts';
import { toAmino } from '../../node/base/amino.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_INTENTS_PER_MESSAGE, MAX_QUOTES_PER_MESSAGE } from '../../node/base/limits.ts';
import * as wire from '../../proto/gen/bitscale/ledger/v1/tx.ts';
import * as amino from './amino.ts';
import type { AminoMessage } from './amino.ts';
import { checkAccountKey, checkIntent, checkQuoteFields, SignatureChecks } from './check.ts';
import { intentFromWire, keyFromWire, quoteFromWire } from './codec.ts';
import { ERR_LIMIT, ERR_TOKEN } from './errors.ts';
import { emitIntent, emitQuote } from './events.ts';
import { hashId, intentHash, quoteHash, type Intent } from './intent.ts';
import type { LedgerKeeper } from './keeper.ts';
import type { Tokens } from './tokens.ts';

export const MSG_SUBMIT_INTENTS = '/bitscale.ledger.v1.MsgSubmitIntents';
export const MSG_POST_QUOTES = '/bitscale.ledger.v1.MsgPostQuotes';
export const MSG_REGISTER_ACCOUNT = '/bitscale.ledger.v1.MsgRegisterAccount';

/** Gas of one signature check and its share of the batch; about what the same time costs elsewhere. */
const GAS_PER_INTENT = 20_000n;
/** Opening an account fills the tree for ever. */
const GAS_PER_ACCOUNT = 100_000n;

/** Gas that would take as long as finding out whether a key is on its curve, counted against trial runs. */
const ACCOUNT_STRAIN = 1_000_000n;

interface Parts {
  readonly keeper: LedgerKeeper;
  readonly tokens: Tokens;
}

function handler<M extends { submitter: string }, R>(h: {
  typeUrl: string;
  codec: Codec<M>;
  response: Codec<R>;
  amino: AminoMessage;
  validate: (message: M) => void;
  run: (context: Context, message: M) => R;
}): MessageHandler<M> {
  return {
    typeUrl: h.typeUrl,
    codec: h.codec,
    amino: { type: h.amino.type, toJson: (message) => toAmino(h.amino.shape, message) },
    signers: (message) => [fromBech32(ACCOUNT_PREFIX, message.submitter)],
    validate: h.validate,
    execute: (context, message) => ({
      typeUrl: `${h.typeUrl}Response`,
      value: h.response.encode(h.run(context, message)).finish(),
    }),
  };
}

function checkCount(name: string, count: number, limit: number): void {
  if (count === 0 || count > limit) {
    throw new BitscaleError(ERR_LIMIT, `1 to ${limit} ${name} a message, not ${count}`);
  }
}

export function ledgerMessages({ keeper, tokens }: Parts): AnyMessageHandler[] {
  const parts = { keeper, tokens, signatures: new SignatureChecks() };
  return [submitIntents(parts), postQuotes(parts), registerAccount(parts)];
}

interface CheckingParts extends Parts {
  readonly signatures: SignatureChecks;
}

function submitIntents(parts: CheckingParts): AnyMessageHandler {
  return handler({
    typeUrl: MSG_SUBMIT_INTENTS,
    codec: wire.MsgSubmitIntents,
    response: wire.MsgSubmitIntentsResponse,
    amino: amino.SUBMIT_INTENTS,
    validate: ({ intents }) => {
      checkCount('intents', intents.length, MAX_INTENTS_PER_MESSAGE);
      for (const intent of intents) checkIntent(intentFromWire(intent));
    },
    run: (context, message) => {
      const { domain } = parts.keeper.params(context);
      const intents = message.intents.map(intentFromWire);
      context.gas.consume(GAS_PER_INTENT * BigInt(intents.length), 'intent signatures');
      for (const intent of intents) parts.signatures.check(intentHash(domain, intent), intent);
      const results = intents.map((intent) => runIntent(context, parts, intent));
      // A message that did nothing fails, with the reason of its first intent.
      const [first] = results;
      if (first && results.every(({ code }) => code !== 0)) throw refusal(first);
      return { results };
    },
  });
}

/** One intent in a branch of its own: a refused one changes nothing and does not stop the others. */
function runIntent(context: Context, { keeper, tokens }: Parts, intent: Intent): wire.IntentResult {
  const id = hashId(intentHash(keeper.params(context).domain, intent));
  const branch = context.branch();
  try {
    tokens.require(branch, Number(intent.token));
    const done = keeper.execute(branch, intent);
    if (!done.duplicate) emitIntent(branch, intent, done);
    branch.write();
    return { code: 0, codespace: '', log: '', ...done };
  } catch (error) {
    // Without gas the whole transaction ends, not only this intent.
    if (!(error instanceof BitscaleError) || error instanceof OutOfGasError) throw error;
    const { code, codespace, message: log } = error;
    return { id, code, codespace, log, batch: 0n, duplicate: false };
  }
}

function refusal({ codespace, code, log }: wire.IntentResult): BitscaleError {
  return new BitscaleError({ codespace, code, text: log });
}

function postQuotes({ keeper, signatures }: CheckingParts): AnyMessageHandler {
  return handler({
    typeUrl: MSG_POST_QUOTES,
    codec: wire.MsgPostQuotes,
    response: wire.MsgPostQuotesResponse,
    amino: amino.POST_QUOTES,
    validate: ({ quotes }) => {
      checkCount('quotes', quotes.length, MAX_QUOTES_PER_MESSAGE);
      for (const quote of quotes) checkQuoteFields(quoteFromWire(quote));
    },
    run: (context, message) => {
      const { domain } = keeper.params(context);
      context.gas.consume(GAS_PER_INTENT * BigInt(message.quotes.length), 'quote signatures');
      const ids = message.quotes.map(quoteFromWire).map((quote) => {
        signatures.check(quoteHash(domain, quote), quote);
        const id = keeper.postQuote(context, quote);
        emitQuote(context, id, quote);
        return id;
      });
      return { ids };
    },
  });
}

function registerAccount({ keeper, tokens }: Parts): AnyMessageHandler {
  return handler({
    typeUrl: MSG_REGISTER_ACCOUNT,
    codec: wire.MsgRegisterAccount,
    response: wire.MsgRegisterAccountResponse,
    amino: amino.REGISTER_ACCOUNT,
    validate: ({ owner, token }) => {
      keyFromWire(owner);
      if (token > 0xffff) throw new BitscaleError(ERR_TOKEN, `token ${token}`);
    },
    run: (context, { owner, token }) => {
      context.gas.consume(GAS_PER_ACCOUNT, 'ledger account');
      context.gas.strain(ACCOUNT_STRAIN, 'ledger account');
      const key = keyFromWire(owner);
      // Takes milliseconds, and anybody may send thousands to CheckTx: not before it is paid for.
      checkAccountKey(key);
      tokens.require(context, token);
      return { index: keeper.register(context, key, token) };
    },
  });
}
