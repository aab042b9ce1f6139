/**
 * The ledger's state and the life of a batch: operations go into the open batch in the order they are
 * executed; the batch is sealed when it is full, when the next operation does not fit, or when it is old.
 */
import type { Context } from '../../node/app/context.ts';
import { bytesToUint64, equal, toHex } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import {
  BatchContent,
  Params,
  Quote as WireQuote,
} from '../../proto/gen/bitscale/ledger/v1/types.ts';
import * as accounts from './accounts.ts';
import { sealBatch } from './batch.ts';
import { batchFromWire, batchToWire, quoteFromWire, quoteToWire } from './codec.ts';
import * as errors from './errors.ts';
import type { BatchSink } from './expected.ts';
import { fieldFromBytes, fieldToBytes } from './field.ts';
import * as intents from './intent.ts';
import * as keys from './keys.ts';
import { isOnCurve, type PublicKey } from './schnorr.ts';
import { lowerSupply, raiseSupply } from './supply.ts';
import * as transition from './transition.ts';

/** Presence is what counts; stores hold no empty values. */
const REPLACED = Uint8Array.of(1);

export interface LedgerParams {
  readonly shape: transition.BatchShape;
  readonly domain: bigint;
}

export class LedgerKeeper {
  readonly #sink: BatchSink;

  constructor(sink: BatchSink) {
    this.#sink = sink;
  }

  params(context: Context): LedgerParams {
    const bytes = context.store(keys.LEDGER_STORE).get(keys.PARAMS_KEY);
    assert(bytes !== undefined, 'the ledger has no parameters');
    const { depth, slots, quotes, feeTokens, domain } = Params.decode(bytes);
    const value = fieldFromBytes(domain);
    assert(value !== undefined, 'the ledger domain is damaged');
    return { shape: { depth, slots, quotes, feeTokens }, domain: value };
  }

  setParams(context: Context, { shape, domain }: LedgerParams): void {
    const message = { ...shape, domain: fieldToBytes(domain) };
    context.store(keys.LEDGER_STORE).set(keys.PARAMS_KEY, Params.encode(message).finish());
  }

  /** The root after the newest sealed batch. */
  root(context: Context): bigint {
    const bytes = context.store(keys.LEDGER_STORE).get(keys.ROOT_KEY);
    const root = bytes && fieldFromBytes(bytes);
    return root ?? accounts.emptyRoot(this.params(context).shape.depth);
  }

  /** Number of the newest sealed batch; 0 before the first. */
  lastBatch(context: Context): bigint {
    const bytes = context.store(keys.LEDGER_STORE).get(keys.LAST_BATCH_KEY);
    return bytes ? bytesToUint64(bytes) : 0n;
  }

  openBatch(context: Context): transition.OpenBatch | undefined {
    const bytes = context.store(keys.LEDGER_STORE).get(keys.OPEN_BATCH_KEY);
    return bytes && batchFromWire(BatchContent.decode(bytes));
  }

  /** The batch that executed this intent, if any did. */
  executedIn(context: Context, id: string): bigint | undefined {
    const bytes = context.store(keys.LEDGER_STORE).get(keys.intentKey(id));
    return bytes && bytesToUint64(bytes);
  }

  quote(context: Context, id: string): intents.Quote | undefined {
    if (!/^[0-9a-f]{64}$/.test(id)) return undefined;
    const bytes = context.store(keys.LEDGER_STORE).get(keys.quoteKey(id));
    return bytes && quoteFromWire(WireQuote.decode(bytes));
  }

  /** All standing quotes, in the order of their ids. */
  *quotes(context: Context): Generator<transition.Offer> {
    const store = context.store(keys.LEDGER_STORE);
    for (const [key, value] of iteratePrefix(store, keys.QUOTE_PREFIX)) {
      yield { id: toHex(key.subarray(1)), quote: quoteFromWire(WireQuote.decode(value)) };
    }
  }

  /**
   * Stores a standing quote whose signature has been checked, in place of the provider's last for the pair.
   * A replaced quote never comes back: anybody could post it again, with rates of yesterday.
   */
  postQuote(context: Context, quote: intents.Quote): string {
    transition.checkQuote(accounts.leafStore(context), quote, context.time.seconds);
    const store = context.store(keys.LEDGER_STORE);
    const hash = intents.quoteHash(this.params(context).domain, quote);
    const [id, key] = [intents.hashId(hash), fieldToBytes(hash)];
    if (store.has(keys.replacedKey(key))) throw new BitscaleError(errors.ERR_QUOTE_REPLACED, id);
    const pair = keys.pairKey(Number(quote.outIdx), Number(quote.tokenIn));
    const last = store.get(pair);
    if (last && !equal(last, key)) {
      store.delete(keys.quoteKey(toHex(last)));
      store.set(keys.replacedKey(last), REPLACED);
    }
    store.set(pair, key);
    store.set(keys.quoteKey(id), WireQuote.encode(quoteToWire(quote)).finish());
    return id;
  }

  /** Executes an intent whose signature has been checked; answers its id and batch. */
  execute(
    context: Context,
    intent: intents.Intent,
  ): { id: string; batch: bigint; duplicate: boolean } {
    const id = intents.hashId(intents.intentHash(this.params(context).domain, intent));
    const before = this.executedIn(context, id);
    if (before !== undefined) return { id, batch: before, duplicate: true };
    const now = context.time.seconds;
    if (intent.expiry < now) {
      throw new BitscaleError(errors.ERR_EXPIRED, `expired at ${intent.expiry}, now ${now}`);
    }
    const { quoteId, ...fields } = intent;
    const quote =
      intent.op === intents.OP_CONVERT ? this.#usableQuote(context, quoteId) : undefined;
    const batch = this.#run(context, { ...fields, quoteIdx: 0n }, quote);
    if (intent.op === intents.OP_WITHDRAW)
      lowerSupply(context, Number(intent.token), intent.amount);
    context.store(keys.LEDGER_STORE).set(keys.intentKey(id), keys.uint64(batch));
    return { id, batch, duplicate: false };
  }

  #usableQuote(context: Context, id: string): transition.Offer {
    const quote = this.quote(context, id);
    if (!quote) throw new BitscaleError(errors.ERR_UNKNOWN_QUOTE, id === '' ? 'quote_id' : id);
    const now = context.time.seconds;
    if (quote.expiry < now) {
      throw new BitscaleError(errors.ERR_EXPIRED, `quote expired at ${quote.expiry}, now ${now}`);
    }
    return { id, quote };
  }

  /** Opens the account of (owner, token), or answers the one that exists. */
  register(context: Context, owner: PublicKey, token: number): number {
    const known = accounts.findAccount(context, owner, token);
    if (known !== undefined) return known;
    if (!isOnCurve(owner.ax, owner.ay)) throw new BitscaleError(errors.ERR_KEY, 'not on the curve');
    const { depth } = this.params(context).shape;
    const index = accounts.assignIndex(context, depth, owner, token);
    const fields = { rIdx: BigInt(index), token: BigInt(token), ...owner };
    this.#run(context, transition.registerOperation(fields));
    return index;
  }

  /**
   * Credits a deposit from the L1 queue, opening the account when it is the owner's first. Throws
   * BitscaleError when it cannot; the caller then undoes what was written.
   */
  deposit(context: Context, owner: PublicKey, token: number, amount: bigint): number {
    raiseSupply(context, token, amount);
    const index = this.register(context, owner, token);
    const fields = { rIdx: BigInt(index), token: BigInt(token), amount, ...owner };
    this.#run(context, transition.depositOperation(fields));
    return index;
  }

  /** Seals the open batch if it began `maxAgeSeconds` ago or earlier. */
  sealIfOld(context: Context, maxAgeSeconds: bigint): void {
    const batch = this.openBatch(context);
    if (batch && context.time.seconds - batch.time >= maxAgeSeconds) this.#seal(context, batch);
  }

  #run(context: Context, operation: transition.Operation, offer?: transition.Offer): bigint {
    const { shape } = this.params(context);
    let batch = this.openBatch(context);
    if (batch && transition.needsNewBatch(batch, operation, shape, offer)) {
      this.#seal(context, batch);
      batch = undefined;
    }
    batch ??= transition.openBatch(this.lastBatch(context) + 1n, context.time.seconds);
    const after = transition.apply(accounts.leafStore(context), batch, operation, offer);
    const bytes = BatchContent.encode(batchToWire(after)).finish();
    context.store(keys.LEDGER_STORE).set(keys.OPEN_BATCH_KEY, bytes);
    if (after.operations.length >= shape.slots) this.#seal(context, after);
    return after.number;
  }

  #seal(context: Context, batch: transition.OpenBatch): void {
    const { shape, domain } = this.params(context);
    const oldRoot = this.root(context);
    transition.settleQuotes(accounts.leafStore(context), batch);
    for (const [token, total] of batch.fees) lowerSupply(context, Number(token), total);
    const newRoot = accounts.rehash(context, shape.depth, transition.touchedLeaves(batch));
    const store = context.store(keys.LEDGER_STORE);
    store.set(keys.ROOT_KEY, fieldToBytes(newRoot));
    store.set(keys.LAST_BATCH_KEY, keys.uint64(batch.number));
    store.delete(keys.OPEN_BATCH_KEY);
    this.#sink.sealed(context, sealBatch(domain, shape, batch, { oldRoot, newRoot }));
  }
}
