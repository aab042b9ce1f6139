import assert from 'node:assert/strict';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { bigIntToBytes, type Bytes } from '../../../../node/base/bytes.ts';
import type { ErrorKind } from '../../../../node/base/errors.ts';
import { MAX_INTENTS_PER_MESSAGE, MAX_QUOTES_PER_MESSAGE } from '../../../../node/base/limits.ts';
import { DEFAULT_CONFIG } from '../../../../node/config.ts';
import { OUT_OF_GAS } from '../../../../node/base/sdk-errors.ts';
import { LEDGER_PARAMS } from '../../../../node/rollup/queries.ts';
import { intentToWire, keyToWire, quoteToWire } from '../../../../modules/ledger/codec.ts';
import * as errors from '../../../../modules/ledger/errors.ts';
import { FIELD } from '../../../../modules/ledger/field.ts';
import { OP_CONVERT, OP_WITHDRAW, type Intent } from '../../../../modules/ledger/intent.ts';
import { MsgPostQuotes, MsgRegisterAccount } from '../../../../proto/gen/bitscale/ledger/v1/tx.ts';
import { MsgSubmitIntents } from '../../../../proto/gen/bitscale/ledger/v1/tx.ts';
import * as wireQuery from '../../../../proto/gen/bitscale/ledger/v1/query.ts';
import type * as wire from '../../../../proto/gen/bitscale/ledger/v1/types.ts';
import { encoded, LATER, LedgerChain, SHAPE, type ChainOptions } from './chain.ts';
import { wallet } from './support.ts';

const alice = wallet(1);
const bob = wallet(2);
const provider = wallet(3);
const NOT_A_FIELD = bigIntToBytes(FIELD, 32);

/** Alice 1 (token 1: 1000), Bob 2 (token 1), Bob 3 (token 2), provider 4 (token 1), 5 (token 2: 500). */
async function funded(options: ChainOptions = {}): Promise<LedgerChain> {
  const chain = new LedgerChain(options);
  assert.equal(await chain.fund(alice, 1, 1_000n), 1n);
  assert.equal(await chain.open(bob, 1), 2n);
  assert.equal(await chain.open(bob, 2), 3n);
  assert.equal(await chain.open(provider, 1), 4n);
  assert.equal(await chain.fund(provider, 2, 500n), 5n);
  return chain;
}

async function account(chain: LedgerChain, index: number): Promise<wire.Account> {
  const method = {
    path: '/bitscale.ledger.v1.Query/Account',
    request: wireQuery.QueryAccountRequest,
    response: wireQuery.QueryAccountResponse,
  };
  const answer = await chain.ask.query(method, { index });
  return answer.account ?? assert.fail();
}

const pay = { sIdx: 1n, rIdx: 2n, amount: 10n };
const convert = { op: OP_CONVERT, sIdx: 1n, rIdx: 3n, tokenOut: 2n, amount: 10n, amountOut: 10n };
const withdraw = { op: OP_WITHDRAW, sIdx: 1n, amount: 10n, memo: 0xabcdn };

describe('ledger/messages', () => {
  it('executes a payment and answers its id and batch', async () => {
    const chain = await funded();
    const [result] = await chain.intents(chain.sign(alice, { ...pay, fee: 2n }));
    assert.equal(result?.code, 0);
    assert.equal(result.duplicate, false);
    assert.equal((await account(chain, 1)).balance, 988n);
    assert.equal((await account(chain, 2)).balance, 10n);
  });

  const refusals: [string, Parameters<LedgerChain['sign']>[1], ErrorKind][] = [
    ['a used nonce', { ...pay, nonce: 7n }, errors.ERR_NONCE],
    ['more than the balance', { ...pay, amount: 1_001n }, errors.ERR_FUNDS],
    ['a fee beyond the balance', { ...pay, amount: 1_000n, fee: 1n }, errors.ERR_FUNDS],
    ['an expired intent', { ...pay, expiry: 1_000n }, errors.ERR_EXPIRED],
    ['a token that is not listed', { ...pay, token: 9n }, errors.ERR_TOKEN],
    ['a token that the account does not hold', { ...pay, token: 2n }, errors.ERR_TOKEN],
    ['a receiver of another token', { ...pay, rIdx: 3n }, errors.ERR_TOKEN],
    ['an unknown sender', { ...pay, sIdx: 50n }, errors.ERR_UNKNOWN_ACCOUNT],
    ['an unknown receiver', { ...pay, rIdx: 0xffffffffn }, errors.ERR_UNKNOWN_ACCOUNT],
    ["another owner's account", { ...pay, sIdx: 2n }, errors.ERR_WRONG_OWNER],
    ['a conversion without a quote', convert, errors.ERR_UNKNOWN_QUOTE],
    ['a conversion with no known quote', { ...convert, quoteId: 'zz' }, errors.ERR_UNKNOWN_QUOTE],
    ['an unknown operation', { ...pay, op: 3n }, errors.ERR_MALFORMED],
    ['an amount of 0', { ...pay, amount: 0n }, errors.ERR_MALFORMED],
    ['a payment with amount_out', { ...pay, amountOut: 1n }, errors.ERR_MALFORMED],
    ['a payment with a quote', { ...pay, quoteId: 'aa' }, errors.ERR_MALFORMED],
    ['a memo of 249 bits', { ...pay, memo: 1n << 248n }, errors.ERR_MALFORMED],
    ['a conversion to nothing', { ...convert, amountOut: 0n }, errors.ERR_MALFORMED],
    ['a withdrawal to no address', { ...withdraw, memo: 0n }, errors.ERR_MALFORMED],
    ['a withdrawal past 160 bits', { ...withdraw, memo: 1n << 160n }, errors.ERR_MALFORMED],
    ['a withdrawal to an account', { ...withdraw, rIdx: 2n }, errors.ERR_MALFORMED],
  ];
  it('refuses each bad intent with its own code and changes nothing but gas and sequence', async () => {
    const chain = await funded();
    const before = ['ledger', 'ledger_tree', 'settlement'].map((name) => chain.dump(name));
    for (const [name, part, kind] of refusals) {
      const { codespace, code, gasUsed } = await chain.send(chain.submit(chain.sign(alice, part)));
      assert.deepEqual([codespace, code], [kind.codespace, kind.code], name);
      assert.ok(gasUsed > 0n);
      const after = ['ledger', 'ledger_tree', 'settlement'].map((store) => chain.dump(store));
      assert.deepEqual(after, before, name);
    }
    // The sequences of all these were counted: the next one is in order.
    assert.equal((await chain.intents(chain.sign(alice, pay)))[0]?.code, 0);
  });

  it('refuses a wrong signature, whichever of its parts was changed', async () => {
    const chain = await funded();
    const good = chain.sign(alice, pay);
    const changed: Partial<Intent>[] = [
      { s: good.s + 1n },
      { amount: 11n },
      { rIdx: 4n },
      { memo: 1n },
      { nonce: 1n },
      { ...bob.key },
      { rx: 1n },
      { rx: 0n, ry: 1n },
    ];
    for (const change of changed) {
      await chain.refused(errors.ERR_SIGNATURE, chain.submit({ ...good, ...change }));
    }
  });

  it('refuses bytes that are no field elements and fields wider than the circuit packs', async () => {
    const chain = await funded();
    const good = intentToWire(chain.sign(alice, pay));
    const { owner, signature } = good;
    assert(owner && signature);
    const bad: wire.Intent[] = [
      { ...good, memo: NOT_A_FIELD },
      { ...good, memo: new Uint8Array(31) },
      { ...good, owner: { ...owner, ax: NOT_A_FIELD } },
      { ...good, owner: undefined },
      { ...good, signature: undefined },
      { ...good, signature: { ...signature, rx: NOT_A_FIELD } },
      { ...good, signature: { ...signature, s: new Uint8Array(33) } },
      { ...good, token: 0x10000 },
      { ...good, nonce: 1n << 40n },
      { ...good, expiry: 1n << 40n },
      { ...good, op: 16 },
    ];
    for (const intent of bad) {
      const message = { submitter: chain.relayer.text, intents: [intent] };
      const wrapped = encoded('ledger.v1.MsgSubmitIntents', MsgSubmitIntents, message);
      await chain.refused(errors.ERR_MALFORMED, wrapped);
    }
  });

  it('refuses messages with no and with too many items', async () => {
    const chain = await funded();
    const intent = chain.sign(alice, pay);
    await chain.refused(errors.ERR_LIMIT, chain.submit());
    const many = Array<Intent>(MAX_INTENTS_PER_MESSAGE + 1).fill(intent);
    await chain.refused(errors.ERR_LIMIT, chain.submit(...many));
    await chain.refused(errors.ERR_LIMIT, chain.post());
    const { quote } = chain.quote(provider, { inIdx: 4n, outIdx: 5n });
    const quotes = Array<typeof quote>(MAX_QUOTES_PER_MESSAGE + 1).fill(quote);
    await chain.refused(errors.ERR_LIMIT, chain.post(...quotes));
  });

  it('lets a refused intent stop neither those before nor those after it', async () => {
    const chain = await funded();
    const results = await chain.intents(
      chain.sign(alice, pay),
      chain.sign(alice, { ...pay, nonce: 9n }),
      chain.sign(alice, { ...pay, nonce: 1n }),
    );
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, errors.ERR_NONCE.code, 0],
    );
    assert.equal((await account(chain, 2)).balance, 20n);
  });

  it('fails a message of which every intent is refused, with the reason of the first', async () => {
    const chain = await funded();
    const poor = chain.sign(alice, { ...pay, amount: 5_000n });
    const late = chain.sign(alice, { ...pay, nonce: 3n });
    const log = await chain.refused(errors.ERR_FUNDS, chain.submit(poor, late));
    assert.match(log, /1000 is smaller than 5000: insufficient ledger balance/);
  });

  it('ends the whole transaction when the gas runs out in the last of its intents', async () => {
    const [chain, twin] = [await funded(), await funded()];
    const both = [0n, 1n].map((nonce) => chain.sign(alice, { ...pay, nonce }));
    const { code: fine, gasUsed } = await twin.send(twin.submit(...both));
    assert.equal(fine, 0);
    const before = chain.dump('ledger');
    const { codespace, code } = await chain.send(chain.submit(...both), undefined, gasUsed - 500n);
    assert.deepEqual([codespace, code], [OUT_OF_GAS.codespace, OUT_OF_GAS.code]);
    assert.equal(chain.dump('ledger'), before);
  });

  it('judges expiry by the time of the block, also in a batch that began before it', async () => {
    const chain = await funded();
    await chain.intents(chain.sign(alice, pay));
    const late = chain.sign(alice, { ...pay, nonce: 1n, expiry: chain.now + 10n });
    await chain.block([], 20n);
    assert.equal((await chain.status()).openOperations, 1);
    await chain.refused(errors.ERR_EXPIRED, chain.submit(late));
    const last = chain.sign(alice, { ...pay, nonce: 1n, expiry: chain.now + 1n });
    assert.equal((await chain.intents(last))[0]?.code, 0);
  });

  it('answers the same intent again with the same batch and no effect', async () => {
    const chain = await funded();
    const intent = chain.sign(alice, pay);
    const [first] = await chain.intents(intent);
    const before = chain.dump('ledger');
    const [again] = await chain.intents(intent);
    assert.deepEqual(again, { ...first, duplicate: true });
    assert.equal(chain.dump('ledger'), before);
    const both = await chain.intents(intent, intent);
    assert.deepEqual(
      both.map(({ code, duplicate }) => [code, duplicate]),
      [
        [0, true],
        [0, true],
      ],
    );
  });
});

describe('ledger/messages: accounts', () => {
  it('opens an account once and answers its index again', async () => {
    const chain = new LedgerChain();
    assert.equal(await chain.open(alice, 1), 1n);
    assert.equal(await chain.open(alice, 2), 2n);
    assert.equal(await chain.open(alice, 1), 1n);
  });

  it('refuses keys that are no account keys, unlisted tokens and a full tree', async () => {
    const chain = new LedgerChain({ shape: { ...SHAPE, depth: 1 } });
    const submitter = chain.relayer.text;
    const attempt = (owner: wire.LedgerKey | undefined, token: number) =>
      encoded('ledger.v1.MsgRegisterAccount', MsgRegisterAccount, { submitter, token, owner });
    const alien = keyToWire({ ax: 1n, ay: 2n });
    await chain.refused(errors.ERR_KEY, attempt(alien, 1));
    await chain.refused(errors.ERR_KEY, attempt(keyToWire({ ax: 0n, ay: 1n }), 1));
    await chain.refused(errors.ERR_KEY, attempt(keyToWire({ ax: 0n, ay: FIELD - 1n }), 1));
    await chain.refused(errors.ERR_MALFORMED, attempt({ ax: NOT_A_FIELD, ay: NOT_A_FIELD }, 1));
    await chain.refused(errors.ERR_MALFORMED, attempt(undefined, 1));
    await chain.refused(errors.ERR_TOKEN, attempt(keyToWire(alice.key), 9));
    await chain.refused(errors.ERR_TOKEN, attempt(keyToWire(alice.key), 0x10000));
    for (const token of [1, 2, 3]) await chain.open(alice, token);
    await chain.refused(errors.ERR_TREE_FULL, attempt(keyToWire(bob.key), 1));
  });
});

describe('ledger/messages: what a key costs', () => {
  it('CheckTx does not look for a key on the curve, which takes milliseconds; a block does, and is paid', async () => {
    const chain = new LedgerChain();
    const owner = keyToWire({ ax: 1n, ay: 2n });
    const fields = { submitter: chain.relayer.text, token: 1, owner };
    const message = encoded('ledger.v1.MsgRegisterAccount', MsgRegisterAccount, fields);
    await chain.block();
    const tx = chain.tx([message]);
    const checked = chain.app.checkTx(tx, 'new');
    assert.equal(checked.code, 0, checked.log);
    const [result] = (await chain.block([tx])).txResults;
    assert.equal(result?.code, errors.ERR_KEY.code, result?.log);
    assert.ok(result.gasUsed > 100_000n, `${result.gasUsed}`);
  });
});

describe('ledger/messages: trial runs', () => {
  const simulate = (chain: LedgerChain, tx: Bytes): { code: number; log: string; gas: bigint } => {
    const path = '/cosmos.tx.v1beta1.Service/Simulate';
    const data = SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes: tx })).finish();
    const { code, log, value } = chain.app.query({ path, data, height: 0, prove: false });
    const { gasInfo } = SimulateResponse.decode(value);
    return { code, log, gas: gasInfo?.gasUsed ?? 0n };
  };

  it('end when they would take long, though a block runs the same for the gas it says', async () => {
    const keysOf = (chain: LedgerChain) => {
      const open = (token: number) => {
        const fields = { submitter: chain.relayer.text, token, owner: keyToWire(alice.key) };
        return encoded('ledger.v1.MsgRegisterAccount', MsgRegisterAccount, fields);
      };
      return chain.tx([open(2), open(3)]);
    };
    const free = await funded();
    const needed = simulate(free, keysOf(free)).gas + 2n * 1_000_000n;
    const within = await funded({ simulationGasLimit: needed });
    const tx = keysOf(within);
    assert.equal(simulate(within, tx).code, 0);
    assert.equal((await within.block([tx])).txResults[0]?.code, 0);
    const beyond = await funded({ simulationGasLimit: needed - 1n });
    const more = keysOf(beyond);
    assert.match(simulate(beyond, more).log, /\(simulationGasLimit of this node\)/);
    assert.equal((await beyond.block([more])).txResults[0]?.code, 0);
  });

  it('reach the end of a full message of intents on a node as it comes', async () => {
    const { simulationGasLimit } = DEFAULT_CONFIG.app;
    const chain = await funded({ simulationGasLimit: BigInt(simulationGasLimit) });
    const intents = Array.from({ length: MAX_INTENTS_PER_MESSAGE }, (_, nonce) =>
      chain.sign(alice, { ...pay, amount: 1n, nonce: BigInt(nonce) }),
    );
    const answer = simulate(chain, chain.tx([chain.submit(...intents)]));
    assert.equal(answer.code, 0, answer.log);
  });
});

describe('ledger/messages: quotes', () => {
  const terms = { inIdx: 4n, outIdx: 5n, num: 1n, den: 1n };

  it('refuses quotes that could never be filled, and a foreign signature', async () => {
    const chain = await funded();
    const { quote } = chain.quote(provider, terms);
    await chain.refused(errors.ERR_SIGNATURE, chain.post({ ...quote, num: 2n }));
    const cases: [Parameters<LedgerChain['quote']>[1], ErrorKind][] = [
      [{ expiry: 5n }, errors.ERR_EXPIRED],
      [{ outIdx: 60n }, errors.ERR_UNKNOWN_ACCOUNT],
      [{ outIdx: 3n }, errors.ERR_WRONG_OWNER],
      [{ tokenIn: 3n }, errors.ERR_TOKEN],
      [{ nonce: 1n }, errors.ERR_QUOTE_EXHAUSTED],
      [{ den: 0n }, errors.ERR_MALFORMED],
      [{ uses: 0n }, errors.ERR_MALFORMED],
      [{ max: 0n }, errors.ERR_MALFORMED],
      [{ tokenOut: 1n }, errors.ERR_MALFORMED],
      [{ inIdx: 5n }, errors.ERR_MALFORMED],
    ];
    for (const [part, kind] of cases) {
      const bad = chain.quote(provider, { ...terms, ...part });
      await chain.refused(kind, chain.post(bad.quote));
    }
  });

  it('refuses a token number that no word can hold instead of stopping the chain', async () => {
    const chain = await funded();
    const { quote } = chain.quote(provider, terms);
    for (const part of [{ tokenIn: 70_000 }, { tokenOut: 70_000 }, { uses: 70_000 }]) {
      const message = {
        submitter: chain.relayer.text,
        quotes: [{ ...quoteToWire(quote), ...part }],
      };
      const wrapped = encoded('ledger.v1.MsgPostQuotes', MsgPostQuotes, message);
      await chain.refused(errors.ERR_MALFORMED, wrapped);
    }
  });

  it('fills conversions until the quote is exhausted, and never after it has expired', async () => {
    const chain = await funded();
    const { id, quote } = chain.quote(provider, { ...terms, max: 15n, expiry: chain.now + 60n });
    assert.equal((await chain.send(chain.post(quote))).code, 0);
    const use = { ...convert, quoteId: id };
    const [filled] = await chain.intents(chain.sign(alice, use));
    assert.equal(filled?.code, 0);
    const next = { ...use, nonce: 1n };
    await chain.refused(errors.ERR_RATE, chain.submit(chain.sign(alice, { ...next, amount: 11n })));
    await chain.refused(errors.ERR_QUOTE_EXHAUSTED, chain.submit(chain.sign(alice, next)));
    await chain.block([], 100n);
    await chain.refused(errors.ERR_EXPIRED, chain.submit(chain.sign(alice, next)));
  });

  it('keeps one quote for a pair and never takes a replaced one back', async () => {
    const chain = await funded();
    const old = chain.quote(provider, terms);
    const fresh = chain.quote(provider, { ...terms, num: 9n, den: 10n });
    for (const { quote } of [old, old, fresh]) {
      assert.equal((await chain.send(chain.post(quote))).code, 0);
    }
    const use = chain.sign(alice, { ...convert, quoteId: old.id });
    await chain.refused(errors.ERR_UNKNOWN_QUOTE, chain.submit(use));
    await chain.refused(errors.ERR_QUOTE_REPLACED, chain.post(old.quote));
  });

  it('shows quotes that can be drawn on and how much of them is left', async () => {
    const chain = await funded();
    const { id, quote } = chain.quote(provider, { ...terms, max: 15n });
    await chain.send(chain.post(quote));
    await chain.intents(chain.sign(alice, { ...convert, quoteId: id }));
    const method = {
      path: '/bitscale.ledger.v1.Query/Quotes',
      request: wireQuery.QueryQuotesRequest,
      response: wireQuery.QueryQuotesResponse,
    };
    const shown = await chain.ask.query(method, { tokenIn: 1, tokenOut: 2 });
    assert.deepEqual(
      shown.quotes.map((one) => [one.id, one.available]),
      [[id, 5n]],
    );
    assert.deepEqual((await chain.ask.query(method, { tokenIn: 2, tokenOut: 1 })).quotes, []);
    assert.equal((await chain.ask.query(LEDGER_PARAMS, {})).params?.depth, SHAPE.depth);
    assert.ok(chain.now < LATER);
  });
});
