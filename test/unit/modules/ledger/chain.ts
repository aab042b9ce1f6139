/** Ledger and settlement in a real application in memory, with validators whose power a test chooses. */
import assert from 'node:assert/strict';
import { TxMsgData } from 'cosmjs-types/cosmos/base/abci/v1beta1/abci';
import { handOver } from '../../../../modules/ledger/handover.ts';
import * as intents from '../../../../modules/ledger/intent.ts';
import { intentToWire, quoteToWire } from '../../../../modules/ledger/codec.ts';
import { keyToWire } from '../../../../modules/ledger/client.ts';
import { ledgerModule } from '../../../../modules/ledger/module.ts';
import type { BatchShape } from '../../../../modules/ledger/transition.ts';
import {
  attestationAddress,
  attestationDigest,
  signAttestation,
} from '../../../../modules/settlement/attestation.ts';
import { settlementKeeper, settlementModule } from '../../../../modules/settlement/module.ts';
import type { StakeSource } from '../../../../modules/settlement/expected.ts';
import type { Event, FinalizeBlockResponse, TxResult } from '../../../../node/app/abci.ts';
import type { Application } from '../../../../node/app/application.ts';
import type { SnapshotOptions } from '../../../../node/app/state-sync.ts';
import { valoperText } from '../../../../node/base/address.ts';
import { bigIntToBytes, toHex, utf8, type Bytes } from '../../../../node/base/bytes.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { timeFromNanos, timeToNanos } from '../../../../node/base/time.ts';
import { localChain, type ChainQuery } from '../../../../node/rollup/chain.ts';
import * as queries from '../../../../node/rollup/queries.ts';
import type { MultiStore } from '../../../../node/store/multi-store.ts';
import * as ledgerTx from '../../../../proto/gen/bitscale/ledger/v1/tx.ts';
import * as settlementTx from '../../../../proto/gen/bitscale/settlement/v1/tx.ts';
import type { L1Deposit, L1Proven } from '../../../../proto/gen/bitscale/settlement/v1/types.ts';
import {
  blockAt,
  genesisFor,
  GENESIS_TIME,
  initRequest,
  signTx,
  testApplication,
  testKey,
  type TestKey,
} from '../../../support/application.ts';
import { DOMAIN, intentFields, offer, type Wallet } from './support.ts';

export const SHAPE: BatchShape = { depth: 3, slots: 7, quotes: 1, feeTokens: 2 };
export const L1 = { chainId: 31337n, rollup: sha256(utf8('rollup')).slice(12) };
const GENESIS_SECONDS = timeToNanos(GENESIS_TIME) / 1_000_000_000n;
/** Far in the future of every test. */
export const LATER = GENESIS_SECONDS + 1_000_000n;

export interface Message {
  readonly typeUrl: string;
  readonly value: Bytes;
}
type Part = Partial<intents.IntentFields> & { quoteId?: string };

export interface ChainOptions {
  readonly shape?: BatchShape;
  /** Power of each validator. */
  readonly powers?: readonly bigint[];
  readonly maxAgeSeconds?: bigint;
  readonly domain?: bigint;
  readonly l1?: { readonly chainId: bigint; readonly rollup: Bytes };
  /** L1 keys of the validators. */
  readonly secrets?: readonly Bytes[];
  readonly snapshots?: SnapshotOptions;
  readonly simulationGasLimit?: bigint;
  /** In place of a genesis of its own: what a chain exported after the block before `height`. */
  readonly from?: { readonly state: Record<string, unknown>; readonly height: number };
}

export interface TestValidator {
  readonly key: TestKey;
  readonly secret: Bytes;
}

export class LedgerChain {
  readonly app: Application;
  readonly stores: MultiStore;
  readonly relayer = testKey('relayer');
  readonly validators: readonly TestValidator[];
  readonly domain: bigint;
  readonly l1: { readonly chainId: bigint; readonly rollup: Bytes };
  readonly ask: ChainQuery;
  /** May be changed while the chain runs. */
  readonly powers = new Map<string, bigint>();
  /** Seconds of the newest block. */
  now = GENESIS_SECONDS;
  #deposits = 0n;
  readonly #first: number;
  readonly #numbers = new Map<TestKey, { accountNumber: bigint; sequence: bigint }>();

  constructor(options: ChainOptions = {}) {
    const powers = options.powers ?? [10n, 10n, 10n, 10n];
    this.domain = options.domain ?? DOMAIN;
    this.l1 = options.l1 ?? L1;
    this.validators = powers.map((power, i) => {
      const key = testKey(`validator ${i}`);
      this.powers.set(toHex(key.address), power);
      return { key, secret: options.secrets?.[i] ?? sha256(utf8(`attestation ${i}`)) };
    });
    const settlement = settlementKeeper(this.#stake());
    const ledger = ledgerModule({
      batches: { sealed: (context, batch) => settlement.sealed(context, handOver(batch)) },
    });
    const modules = [ledger, settlementModule({ keeper: settlement, ledger: ledger.keeper })];
    const { snapshots, from, simulationGasLimit = 0n } = options;
    this.#first = from?.height ?? 1;
    const initialHeight = this.#first;
    const { app, stores } = testApplication({
      modules,
      initialHeight,
      simulationGasLimit,
      ...(snapshots && { snapshots }),
    });
    this.app = app;
    this.stores = stores;
    this.ask = localChain(app);
    const keys = [this.relayer, ...this.validators.map(({ key }) => key)];
    keys.forEach((key, i) => this.#numbers.set(key, { accountNumber: BigInt(i), sequence: 0n }));
    const state = from?.state ?? { ...genesisFor(keys), ...this.#genesis(options) };
    app.initChain({ ...initRequest(state), initialHeight });
  }

  #stake(): StakeSource {
    const total = (): bigint => [...this.powers.values()].reduce((sum, power) => sum + power, 0n);
    return {
      powerOf: (_, operator) => this.powers.get(toHex(operator)) ?? 0n,
      totalPower: total,
      totalStake: () => total() * 1_000_000n,
    };
  }

  #genesis({ shape = SHAPE, maxAgeSeconds = 1000n }: ChainOptions): Record<string, unknown> {
    const { feeTokens, ...rest } = shape;
    const params = {
      max_batch_age_seconds: String(maxAgeSeconds),
      l1_chain_id: String(this.l1.chainId),
      rollup: `0x${toHex(this.l1.rollup)}`,
      proving_interval_seconds: '60',
      stake_price: '2',
    };
    const validators = this.validators.map(({ key, secret }) => ({
      operator: valoperText(key.address),
      address: `0x${toHex(attestationAddress(secret))}`,
    }));
    const token = (id: number) => ({ id, symbol: `USD${id}`, decimals: 6 });
    const ledger = {
      shape: { ...rest, fee_tokens: feeTokens },
      domain: toHex(bigIntToBytes(this.domain, 32)),
      tokens: [1, 2, 3].map(token),
    };
    return { ledger, settlement: { params, validators } };
  }

  /** Executes and commits a block; no block may break an invariant. */
  async block(txs: readonly Bytes[] = [], seconds = 1n): Promise<FinalizeBlockResponse> {
    this.now += seconds;
    const time = timeFromNanos(this.now * 1_000_000_000n);
    const height = Math.max(this.app.info().height + 1, this.#first);
    const response = this.app.finalizeBlock(blockAt(height, txs, time));
    await this.app.commit();
    assert.deepEqual(this.app.brokenInvariants(), []);
    return response;
  }

  /** A signed transaction with the sender's next sequence. */
  tx(messages: readonly Message[], from: TestKey = this.relayer, gas = 5_000_000n): Bytes {
    const numbers = this.#numbers.get(from);
    assert(numbers);
    this.#numbers.set(from, { ...numbers, sequence: numbers.sequence + 1n });
    return signTx({ messages, key: from, gas, ...numbers });
  }

  /** The sender's next transaction has this sequence. */
  sequence(from: TestKey = this.relayer): bigint {
    return this.#numbers.get(from)?.sequence ?? 0n;
  }

  async send(message: Message, from?: TestKey, gas?: bigint): Promise<TxResult> {
    const { txResults } = await this.block([this.tx([message], from, gas)]);
    return txResults[0] ?? assert.fail('no result');
  }

  async refused(kind: { codespace: string; code: number }, message: Message, from?: TestKey) {
    const { codespace, code, log } = await this.send(message, from);
    assert.deepEqual({ codespace, code }, { codespace: kind.codespace, code: kind.code }, log);
    return log;
  }

  async intents(...signed: readonly intents.Intent[]): Promise<ledgerTx.IntentResult[]> {
    const result = await this.send(this.submit(...signed));
    assert.equal(result.code, 0, result.log);
    return ledgerTx.MsgSubmitIntentsResponse.decode(responseOf(result)).results;
  }

  submit(...signed: readonly intents.Intent[]): Message {
    const message = { submitter: this.relayer.text, intents: signed.map(intentToWire) };
    return encoded('ledger.v1.MsgSubmitIntents', ledgerTx.MsgSubmitIntents, message);
  }

  post(...quotes: readonly intents.Quote[]): Message {
    const message = { submitter: this.relayer.text, quotes: quotes.map(quoteToWire) };
    return encoded('ledger.v1.MsgPostQuotes', ledgerTx.MsgPostQuotes, message);
  }

  register(owner: Wallet, token: number): Message {
    const message = { submitter: this.relayer.text, token, owner: keyToWire(owner.key) };
    return encoded('ledger.v1.MsgRegisterAccount', ledgerTx.MsgRegisterAccount, message);
  }

  async open(owner: Wallet, token: number): Promise<bigint> {
    const result = await this.send(this.register(owner, token));
    assert.equal(result.code, 0, result.log);
    return BigInt(ledgerTx.MsgRegisterAccountResponse.decode(responseOf(result)).index);
  }

  attestL1(facts: { deposits?: L1Deposit[]; proven?: L1Proven[] }, from: TestKey): Message {
    const message = { validator: from.text, deposits: [], proven: [], ...facts };
    return encoded('settlement.v1.MsgAttestL1', settlementTx.MsgAttestL1, message);
  }

  attestBatch(
    from: TestValidator,
    batch: bigint,
    rollingHash: Bytes,
    signature = signAttestation(attestationDigest(this.l1, batch, rollingHash), from.secret),
  ): Message {
    const message = { validator: from.key.text, batch, rollingHash, signature };
    return encoded('settlement.v1.MsgAttestBatch', settlementTx.MsgAttestBatch, message);
  }

  nextDeposit({ key }: Wallet, token: number, amount: bigint): L1Deposit {
    const [ax, ay] = [bigIntToBytes(key.ax, 32), bigIntToBytes(key.ay, 32)];
    return { index: this.#deposits++, token, amount, ax, ay };
  }

  /** All validators report these L1 facts in one block. */
  async report(facts: { deposits?: L1Deposit[]; proven?: L1Proven[] }): Promise<Event[]> {
    const txs = this.validators.map(({ key }) => this.tx([this.attestL1(facts, key)], key));
    const { txResults, events } = await this.block(txs);
    for (const { code, log } of txResults) assert.equal(code, 0, log);
    return [...events];
  }

  /** Deposits and answers the account. */
  async fund(owner: Wallet, token: number, amount: bigint): Promise<bigint> {
    const events = await this.report({ deposits: [this.nextDeposit(owner, token, amount)] });
    const index = attribute(events, 'l1_deposit', 'account');
    assert(index !== undefined, JSON.stringify(events));
    return BigInt(index);
  }

  sign(owner: Wallet, part: Part): intents.Intent {
    const fields = { ...intentFields({ expiry: LATER, ...part }), quoteId: part.quoteId ?? '' };
    return intents.signIntent(this.domain, owner.secret, owner.key, fields);
  }

  quote(owner: Wallet, part: Partial<intents.QuoteFields>) {
    const { quote: fields } = offer(owner, { expiry: LATER, ...part });
    const quote = intents.signQuote(this.domain, owner.secret, owner.key, fields);
    return { id: intents.hashId(intents.quoteHash(this.domain, quote)), quote };
  }

  async status() {
    return this.ask.query(queries.STATUS, {});
  }

  async header(number: bigint) {
    const { header } = await this.ask.query(queries.BATCH, { number });
    return header ?? assert.fail(`no batch ${number}`);
  }

  /** Everything a store holds. */
  dump(name: string): string {
    const lines: string[] = [];
    for (const [key, value] of this.stores.store(name).iterate()) {
      lines.push(`${toHex(key)}=${toHex(value)}`);
    }
    return lines.join('\n');
  }
}

export function encoded<T>(
  name: string,
  codec: { encode(message: T): { finish(): Bytes } },
  message: T,
): Message {
  return { typeUrl: `/bitscale.${name}`, value: codec.encode(message).finish() };
}

export function responseOf({ data }: TxResult): Bytes {
  return TxMsgData.decode(data).msgResponses[0]?.value ?? assert.fail('no response');
}

export function attribute(events: readonly Event[], type: string, key: string): string | undefined {
  const event = events.find((one) => one.type === type);
  return event?.attributes.find((one) => one.key === key)?.value;
}
