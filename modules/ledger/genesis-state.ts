/**
 * What happened in the ledger, in the genesis file: accounts, the open batch, executed intents, quotes. A chain that
 * goes on from the export of another needs all of it; L1 holds the same root.
 */
import type { Context } from '../../node/app/context.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import {
  bytesToUint64,
  fromBase64,
  fromHex,
  toBase64,
  toHex,
  type Bytes,
} from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { parseUint64 } from '../../node/base/int.ts';
import { strictDecode } from '../../node/base/strict-decode.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { BatchContent, Quote as WireQuote } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import * as accounts from './accounts.ts';
import { batchFromWire, quoteFromWire } from './codec.ts';
import { fieldFromBytes, fieldToBytes } from './field.ts';
import { quoteHash } from './intent.ts';
import { ledgerInvariants } from './invariants.ts';
import type { LedgerKeeper } from './keeper.ts';
import * as keys from './keys.ts';
import { rebuildTree } from './recovery.ts';
import { isOnCurve } from './schnorr.ts';

type Json = Record<string, unknown>;

/** Presence is what counts; stores hold no empty values. */
const PRESENT = Uint8Array.of(1);
const MAX_INDEX = 2 ** 32 - 1;

const wrong = (detail: string): BitscaleError =>
  new BitscaleError(ErrGenesisShape, `app_state.ledger.state: ${detail}`);

/** Undefined for a ledger in which nothing has happened. */
export function exportState(context: Context, keeper: LedgerKeeper): Json | undefined {
  const store = context.store(keys.LEDGER_STORE);
  const next = accounts.nextIndex(context);
  const root = store.get(keys.ROOT_KEY);
  const open = store.get(keys.OPEN_BATCH_KEY);
  const entries = (prefix: Bytes): [Bytes, Bytes][] =>
    [...iteratePrefix(store, prefix)].map(([key, value]) => [key.subarray(1), value]);
  const state = {
    next_index: next,
    accounts: [...accounts.allAccounts(context)].map((one) => ({
      index: one.index,
      ax: toHex(fieldToBytes(one.ax)),
      ay: toHex(fieldToBytes(one.ay)),
      token: Number(one.token),
      nonce: String(one.nonce),
      balance: String(one.balance),
    })),
    root: root ? toHex(root) : null,
    last_batch: String(keeper.lastBatch(context)),
    open_batch: open ? toBase64(open) : null,
    intents: entries(keys.INTENT_PREFIX).map(([id, batch]) => ({
      id: toHex(id),
      batch: String(bytesToUint64(batch)),
    })),
    quotes: entries(keys.QUOTE_PREFIX).map(([, quote]) => toBase64(quote)),
    replaced_quotes: entries(keys.REPLACED_PREFIX).map(([hash]) => toHex(hash)),
    supply: entries(keys.SUPPLY_PREFIX).map(([token, amount]) => ({
      token: (token[0] ?? 0) * 256 + (token[1] ?? 0),
      amount: String(bytesToUint64(amount)),
    })),
  };
  const began = next > 1 || root || open || state.quotes.length + state.replaced_quotes.length > 0;
  return began || state.supply.length > 0 ? state : undefined;
}

/** Throws app/2 on a state that the rules of the ledger do not allow. */
export function initState(context: Context, keeper: LedgerKeeper, json: unknown): void {
  if (json === undefined || json === null) return;
  const state = object(json, 'app_state.ledger.state');
  initAccounts(context, keeper, state);
  initBatches(context, state);
  initQuotes(context, keeper, state);
  for (const { check } of ledgerInvariants(keeper)) {
    const why = check(context);
    if (why !== undefined) throw wrong(why);
  }
  Array.from(rebuildTree(context, keeper));
}

function whole(json: unknown, place: string, most: number): number {
  const fits = typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= most;
  if (!fits) throw wrong(`${place} must be a whole number up to ${most}`);
  return json;
}

function hash(json: unknown, place: string): Bytes {
  const written = text(json, place);
  if (!/^[0-9a-f]{64}$/.test(written)) throw wrong(`${place} must be 64 hexadecimal digits`);
  return fromHex(written);
}

function element(json: unknown, place: string): bigint {
  const value = fieldFromBytes(hash(json, place));
  if (value === undefined) throw wrong(`${place} is not a field element`);
  return value;
}

function members(state: Json, name: string): readonly unknown[] {
  return list(state[name] ?? [], `app_state.ledger.state.${name}`);
}

function initAccounts(context: Context, keeper: LedgerKeeper, state: Json): void {
  const store = context.store(keys.LEDGER_STORE);
  const { depth } = keeper.params(context).shape;
  const next = whole(field(state, 'next_index'), 'next_index', Math.min(4 ** depth, MAX_INDEX));
  if (next > 1) store.set(keys.NEXT_INDEX_KEY, keys.uint32(next));
  for (const item of members(state, 'accounts')) {
    const account = object(item, 'account');
    const index = whole(account['index'], 'index', next - 1);
    const owner = { ax: element(account['ax'], 'ax'), ay: element(account['ay'], 'ay') };
    const token = whole(account['token'], 'token', 0xffff);
    const known = keys.ownerKey(owner, token);
    if (index === 0 || store.has(keys.leafKey(index)) || store.has(known)) {
      throw wrong(`account ${index} twice, or 0`);
    }
    if (!store.has(keys.tokenKey(token))) throw wrong(`account ${index} of an unlisted token`);
    if (!isOnCurve(owner.ax, owner.ay)) throw wrong(`the key of account ${index} is off the curve`);
    const [nonce, balance] = [parseUint64(account['nonce']), parseUint64(account['balance'])];
    accounts.leafStore(context).set(index, { ...owner, token: BigInt(token), nonce, balance });
    store.set(known, keys.uint32(index));
  }
  for (const item of members(state, 'supply')) {
    const { token, amount } = object(item, 'supply');
    store.set(keys.supplyKey(whole(token, 'token', 0xffff)), keys.uint64(parseUint64(amount)));
  }
}

function initBatches(context: Context, state: Json): void {
  const store = context.store(keys.LEDGER_STORE);
  const last = parseUint64(field(state, 'last_batch'));
  const { root = null, open_batch: open = null } = state;
  if ((root === null) !== (last === 0n)) throw wrong('a root is given when a batch was sealed');
  if (root !== null) {
    store.set(keys.ROOT_KEY, fieldToBytes(element(root, 'root')));
    store.set(keys.LAST_BATCH_KEY, keys.uint64(last));
  }
  if (open !== null) {
    const bytes = fromBase64(text(open, 'open_batch'));
    const batch = batchFromWire(strictDecode(BatchContent, bytes));
    if (batch.number !== last + 1n) throw wrong(`open batch ${batch.number} after ${last}`);
    store.set(keys.OPEN_BATCH_KEY, bytes);
  }
  for (const item of members(state, 'intents')) {
    const { id, batch } = object(item, 'intent');
    const number = parseUint64(batch);
    if (number === 0n || number > last + (open === null ? 0n : 1n)) {
      throw wrong(`an intent in batch ${number}`);
    }
    store.set(keys.intentKey(toHex(hash(id, 'id'))), keys.uint64(number));
  }
}

function initQuotes(context: Context, keeper: LedgerKeeper, state: Json): void {
  const store = context.store(keys.LEDGER_STORE);
  const { domain } = keeper.params(context);
  for (const item of members(state, 'quotes')) {
    const bytes = fromBase64(text(item, 'quote'));
    const quote = quoteFromWire(strictDecode(WireQuote, bytes));
    const name = fieldToBytes(quoteHash(domain, quote));
    const pair = keys.pairKey(Number(quote.outIdx), Number(quote.tokenIn));
    if (store.has(pair)) throw wrong('two standing quotes of one pair');
    store.set(pair, name);
    store.set(keys.quoteKey(toHex(name)), bytes);
  }
  for (const item of members(state, 'replaced_quotes')) {
    const name = hash(item, 'replaced quote');
    if (store.has(keys.quoteKey(toHex(name)))) throw wrong('a quote that stands and is replaced');
    store.set(keys.replacedKey(name), PRESENT);
  }
}
