/**
 * A payment from start to end: two deposits on L1, a payment across two stablecoins, soft finality, the
 * proof on L1, and a withdrawal. Everything printed was read from the chain or from L1.
 */
import { parseArgs } from 'node:util';
import {
  intentId,
  intentToWire,
  keyToWire,
  memoWord,
  OP_CONVERT,
  OP_WITHDRAW,
  quoteToWire,
} from '../../modules/ledger/client.ts';
import type { Account, Params } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import { MsgPostQuotesResponse } from '../../proto/gen/bitscale/ledger/v1/tx.ts';
import { Chain, connect, hex, send } from './chain.ts';
import { L1, readDeployment } from './l1.ts';
import { amountText, seconds, Steps, until } from './steps.ts';
import { newPerson, personFrom, type Person } from './wallets.ts';

const TEST_MNEMONIC = 'test test test test test test test test test test test junk';
const ONE = 1_000_000n;
const VALID_SECONDS = 3_600n;

interface Stage {
  readonly chain: Chain;
  readonly l1: L1;
  readonly steps: Steps;
  readonly params: Params;
  readonly tokens: readonly [{ id: number; symbol: string }, { id: number; symbol: string }];
  readonly bank: Person;
  readonly customer: Person;
  readonly merchant: Person;
  readonly provider: Person;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      home: { type: 'string', default: '.localnet' },
      rpc: { type: 'string', default: 'http://127.0.0.1:26657' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log('usage: npm run demo -- [--home .localnet] [--rpc http://127.0.0.1:26657]');
    return;
  }
  const stage = await prepare(values.home, values.rpc);
  await fund(stage);
  await deposit(stage);
  const quoteId = await offer(stage);
  await pay(stage, quoteId);
  await withdraw(stage);
  stage.steps.end();
  stage.l1.provider.destroy();
}

async function prepare(home: string, rpc: string): Promise<Stage> {
  const steps = new Steps();
  const comet = await connect(rpc);
  const l1 = new L1(readDeployment(home));
  await l1.check();
  const chain = new Chain(comet);
  const networks = { comet, l1: l1.provider };
  const [first, second] = await chain.tokens();
  if (!first || !second) throw new Error('the ledger lists fewer than two tokens');
  const people = ['customer', 'merchant', 'provider'].map((name) => newPerson(name, networks));
  const [customer, merchant, provider] = (await Promise.all(people)) as [Person, Person, Person];
  const bank = await personFrom('bank', TEST_MNEMONIC, networks);
  const params = await chain.params();
  return { chain, l1, steps, params, tokens: [first, second], bank, customer, merchant, provider };
}

async function fund({ steps, l1, bank, customer, merchant, provider }: Stage): Promise<void> {
  steps.begin('Bank transfers with CosmJS: three new accounts get SCALE for gas');
  const people = [customer, merchant, provider];
  const messages = people.map((person) => ({
    typeUrl: '/cosmos.bank.v1beta1.MsgSend',
    value: {
      fromAddress: bank.address,
      toAddress: person.address,
      amount: [{ denom: 'uscale', amount: String(10n * ONE) }],
    },
  }));
  const sent = await send(bank, messages, 400_000);
  for (const person of people) {
    const { amount } = await person.client.getBalance(person.address, 'uscale');
    if (BigInt(amount) !== 10n * ONE) throw new Error(`${person.name} has ${amount} uscale`);
    await l1.fund(bank, person, 10n ** 17n);
  }
  steps.say('tx', sent.transactionHash);
  steps.say('soft finality', `height ${sent.height} after ${seconds(sent.softMs)}`);
}

async function deposit({ steps, l1, chain, tokens, customer, provider }: Stage): Promise<void> {
  const [usdA, usdB] = tokens;
  steps.begin(
    `Deposits on L1: 100 ${usdA.symbol} for the customer, 500 ${usdB.symbol} for the provider`,
  );
  const [a, b] = await Promise.all([
    l1.deposit(customer, usdA.symbol, 100n * ONE, customer.ledger.key),
    l1.deposit(provider, usdB.symbol, 500n * ONE, provider.ledger.key),
  ]);
  steps.say('L1 tx', a);
  steps.say('L1 tx', b);
  const credited = async (person: Person, token: number, micro: bigint): Promise<Account> =>
    until(`the deposit of the ${person.name}`, async () => {
      const account = await chain.account(person.ledger.key, token);
      return account && account.balance >= micro ? account : undefined;
    });
  const ca = await credited(customer, usdA.id, 100n * ONE);
  const cb = await credited(provider, usdB.id, 500n * ONE);
  steps.say('credited', `account ${ca.index}: ${amountText(ca.balance)} ${usdA.symbol}`);
  steps.say('credited', `account ${cb.index}: ${amountText(cb.balance)} ${usdB.symbol}`);
}

async function open(chain: Chain, person: Person, token: number): Promise<Account> {
  const value = { submitter: person.address, token, owner: keyToWire(person.ledger.key) };
  await send(person, [{ typeUrl: '/bitscale.ledger.v1.MsgRegisterAccount', value }], 600_000);
  const account = await chain.account(person.ledger.key, token);
  if (!account) throw new Error(`no account for the ${person.name}`);
  return account;
}

async function offer({ steps, chain, params, tokens, provider }: Stage): Promise<string> {
  const [usdA, usdB] = tokens;
  steps.begin(`A standing quote: the provider gives 0.999 ${usdB.symbol} for 1 ${usdA.symbol}`);
  const earning = await open(chain, provider, usdA.id);
  const paying = await chain.account(provider.ledger.key, usdB.id);
  if (!paying) throw new Error('the provider has no account to pay from');
  const quote = provider.ledger.signQuote(params.domain, {
    inIdx: BigInt(earning.index),
    outIdx: BigInt(paying.index),
    tokenIn: BigInt(usdA.id),
    tokenOut: BigInt(usdB.id),
    nonce: paying.nonce,
    uses: 1_000n,
    expiry: BigInt(Math.floor(await chain.now())) + VALID_SECONDS,
    num: 999n,
    den: 1_000n,
    max: 400n * ONE,
  });
  const value = { submitter: provider.address, quotes: [quoteToWire(quote)] };
  const sent = await send(
    provider,
    [{ typeUrl: '/bitscale.ledger.v1.MsgPostQuotes', value }],
    400_000,
  );
  const [response] = sent.msgResponses;
  const [id] = response ? MsgPostQuotesResponse.decode(response.value).ids : [];
  if (id === undefined) throw new Error('the quote got no id');
  steps.say('quote', id);
  return id;
}

async function pay(stage: Stage, quoteId: string): Promise<void> {
  const { steps, chain, params, tokens, customer, merchant } = stage;
  const [usdA, usdB] = tokens;
  steps.begin(`A payment: 25 ${usdA.symbol} from the customer, ${usdB.symbol} for the merchant`);
  const from = await chain.account(customer.ledger.key, usdA.id);
  const to = await open(chain, merchant, usdB.id);
  if (!from) throw new Error('the customer has no account');
  const amount = 25n * ONE;
  const amountOut = (amount * 999n) / 1_000n;
  const intent = customer.ledger.signIntent(params.domain, {
    op: OP_CONVERT,
    sIdx: BigInt(from.index),
    rIdx: BigInt(to.index),
    token: BigInt(usdA.id),
    tokenOut: BigInt(usdB.id),
    amount,
    amountOut,
    fee: 10_000n,
    nonce: from.nonce,
    expiry: BigInt(Math.floor(await chain.now())) + VALID_SECONDS,
    memo: memoWord('order 42'),
    quoteId,
  });
  await settle(stage, customer, intent);
  const paid = await chain.account(merchant.ledger.key, usdB.id);
  if (paid?.balance !== amountOut) throw new Error(`the merchant has ${paid?.balance}`);
  steps.say('merchant has', `${amountText(paid.balance)} ${usdB.symbol}`);
}

/** Submits an intent and follows it: soft, proven, final. */
async function settle(
  { steps, chain, l1, params }: Stage,
  owner: Person,
  intent: ReturnType<Person['ledger']['signIntent']>,
): Promise<void> {
  const id = intentId(params.domain, intent);
  const value = { submitter: owner.address, intents: [intentToWire(intent)] };
  const message = { typeUrl: '/bitscale.ledger.v1.MsgSubmitIntents', value };
  const sent = await send(owner, [message], 500_000);
  steps.say('intent', id);
  steps.say(
    'soft',
    `height ${sent.height} after ${seconds(sent.softMs)} (tx ${sent.transactionHash})`,
  );
  const proven = await until('the proof on L1', async () => {
    const state = await chain.finality(id);
    return state.finality === 'soft' ? undefined : state;
  });
  const { gas, time } = await l1.facts(hex(proven.l1TxHash));
  const waited = time - (await chain.blockTime(sent.height));
  const [batch] = proven.batches;
  steps.say('proven', `batch ${batch} in L1 tx ${hex(proven.l1TxHash)}, ${gas} gas`);
  steps.say('', `${waited.toFixed(1)} s from its block to the L1 block that accepted the proof`);
  const final = await until('L1 finality', async () => {
    const state = await chain.finality(id);
    return state.finality === 'final' ? state : undefined;
  });
  const stake = `${final.attestedPower} of ${final.totalPower} voting power attested`;
  steps.say('final', `L1 block ${final.l1Block}; ${stake}`);
}

async function withdraw(stage: Stage): Promise<void> {
  const { steps, chain, l1, params, tokens, merchant } = stage;
  const [, usdB] = tokens;
  steps.begin(`A withdrawal: the merchant takes its ${usdB.symbol} to L1`);
  const account = await chain.account(merchant.ledger.key, usdB.id);
  if (!account) throw new Error('the merchant has no account');
  const before = await l1.balance(usdB.symbol, merchant.l1Address);
  const intent = merchant.ledger.signIntent(params.domain, {
    op: OP_WITHDRAW,
    sIdx: BigInt(account.index),
    token: BigInt(usdB.id),
    amount: account.balance,
    nonce: account.nonce,
    expiry: BigInt(Math.floor(await chain.now())) + VALID_SECONDS,
    memo: BigInt(merchant.l1Address),
  });
  await settle(stage, merchant, intent);
  steps.say('claimed in', await l1.claim(merchant, usdB.id));
  const after = await l1.balance(usdB.symbol, merchant.l1Address);
  const gained = after - before;
  const expected = account.balance * 10n ** BigInt(l1.decimals(usdB.symbol) - 6);
  if (gained !== expected) throw new Error(`the merchant got ${gained} on L1, not ${expected}`);
  steps.say('ERC-20 balance', `${amountText(after, l1.decimals(usdB.symbol))} ${usdB.symbol}`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(
    `\nThe demonstration stopped: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exit(1);
}
