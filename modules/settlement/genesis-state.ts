/**
 * Batches and reports in the genesis file: for a chain that goes on from the export of another, on the same L1
 * contract. Headers must hang together and contents must be those of the headers.
 */
import type { Context } from '../../node/app/context.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import { VALOPER_PREFIX } from '../../node/base/address.ts';
import { fromBech32, toBech32 } from '../../node/base/bech32.ts';
import {
  bytesToBigInt,
  bytesToUint64,
  equal,
  fromBase64,
  toBase64,
  utf8,
  type Bytes,
} from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { sha256 } from '../../node/base/hash.ts';
import { parseUint64 } from '../../node/base/int.ts';
import { strictDecode, type Codec } from '../../node/base/strict-decode.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { BatchHeader, L1Deposit, L1Proven } from '../../proto/gen/bitscale/settlement/v1/types.ts';
import type { SettledLedger } from './expected.ts';
import type { SettlementKeeper } from './keeper.ts';
import * as keys from './keys.ts';

type Json = Record<string, unknown>;

const COUNTERS = [
  ['sealed', keys.SEALED_KEY],
  ['attested', keys.ATTESTED_KEY],
  ['final', keys.FINAL_KEY],
  ['next_deposit', keys.NEXT_DEPOSIT_KEY],
] as const;

const KINDS = new Map<string, keys.FactKind>([
  ['deposit', keys.DEPOSIT_FACT],
  ['proven', keys.PROVEN_FACT],
]);

const wrong = (detail: string): BitscaleError =>
  new BitscaleError(ErrGenesisShape, `app_state.settlement.state: ${detail}`);

/** Undefined for a settlement in which nothing has happened. */
export function exportState(context: Context, keeper: SettlementKeeper): Json | undefined {
  const store = context.store(keys.SETTLEMENT_STORE);
  const counters = COUNTERS.map(([name, key]) => [name, keeper.counter(context, key)] as const);
  const sealed = keeper.counter(context, keys.SEALED_KEY);
  const batches: Json[] = [];
  for (let number = 1n; number <= sealed; number++) {
    const header = store.get(keys.batchKey(number));
    const content = keeper.content(context, number);
    if (!header || !content) throw wrong(`batch ${number} is not here`);
    batches.push({ header: toBase64(header), content: toBase64(content) });
  }
  const entries = (prefix: Bytes): [Bytes, Bytes][] =>
    [...iteratePrefix(store, prefix)].map(([key, value]) => [key.subarray(1), value]);
  const attestations = entries(keys.ATTESTATION_PREFIX).map(([key, signature]) => ({
    batch: String(bytesToUint64(key)),
    operator: toBech32(VALOPER_PREFIX, key.slice(8)),
    signature: toBase64(signature),
  }));
  const reports = entries(keys.VOTE_PREFIX).map(([key, content]) => ({
    ...factOf(key),
    operator: toBech32(VALOPER_PREFIX, key.slice(9)),
    content: toBase64(content),
  }));
  const decided = entries(keys.DECIDED_PREFIX).map(([key, content]) => ({
    ...factOf(key),
    content: toBase64(content),
  }));
  const began = counters.some(([, value]) => value > 0n) || reports.length + decided.length > 0;
  if (!began) return undefined;
  const texts = Object.fromEntries(counters.map(([name, value]) => [name, String(value)]));
  return { ...texts, batches, attestations, reports, decided };
}

function factOf(key: Bytes) {
  const [kind] = [...KINDS].find(([, number]) => number === key[0]) ?? [];
  return { kind, number: String(bytesToUint64(key, 1)) };
}

/** Throws app/2 on a state that does not hang together. */
export function initState(
  context: Context,
  { keeper, ledger }: { readonly keeper: SettlementKeeper; readonly ledger: SettledLedger },
  json: unknown,
): void {
  const state = json === undefined || json === null ? undefined : object(json, 'settlement.state');
  const sealed = state ? parseUint64(field(state, 'sealed')) : 0n;
  if (ledger.lastBatch(context) !== sealed) {
    throw wrong(`${sealed} batches, the ledger has sealed ${ledger.lastBatch(context)}`);
  }
  if (!state) return;
  for (const [name, key] of COUNTERS) {
    const value = parseUint64(field(state, name));
    if (name !== 'next_deposit' && value > sealed) throw wrong(`${name} is ${value} of ${sealed}`);
    if (value > 0n) keeper.setCounter(context, key, value);
  }
  const last = initBatches(context, keeper, list(field(state, 'batches'), 'batches'));
  if (last && bytesToBigInt(last.newRoot) !== ledger.root(context)) {
    throw wrong('the newest batch does not lead to the root of the ledger');
  }
  initAttestations(context, list(state['attestations'] ?? [], 'attestations'));
  initFacts(context, state);
}

function bytesOf(json: unknown, place: string): Bytes {
  return fromBase64(text(json, place));
}

function initBatches(
  context: Context,
  keeper: SettlementKeeper,
  batches: readonly unknown[],
): BatchHeader | undefined {
  const final = keeper.counter(context, keys.FINAL_KEY);
  let last: BatchHeader | undefined;
  let waiting = 0n;
  for (const [index, item] of batches.entries()) {
    const entry = object(item, 'batch');
    const [bytes, content] = [
      bytesOf(entry['header'], 'header'),
      bytesOf(entry['content'], 'content'),
    ];
    const header = strictDecode(BatchHeader, bytes);
    const { number, contentHash, oldRoot, value } = header;
    if (number !== BigInt(index) + 1n) throw wrong(`batch ${number} at place ${index + 1}`);
    if (last && !equal(last.newRoot, oldRoot)) throw wrong(`batch ${number} begins elsewhere`);
    if (!equal(sha256(content), contentHash)) throw wrong(`batch ${number} has another content`);
    const key = keys.batchKey(number);
    context.store(keys.SETTLEMENT_STORE).set(key, bytes);
    context.store(keys.DATA_STORE).set(key, content);
    if (number > final) waiting += BigInt(value);
    last = header;
  }
  if (BigInt(batches.length) !== keeper.counter(context, keys.SEALED_KEY)) {
    throw wrong(`${batches.length} batches are given`);
  }
  const store = context.store(keys.SETTLEMENT_STORE);
  if (last) store.set(keys.UNPROVEN_VALUE_KEY, utf8(String(waiting)));
  return last;
}

function initAttestations(context: Context, attestations: readonly unknown[]): void {
  const store = context.store(keys.SETTLEMENT_STORE);
  for (const item of attestations) {
    const { batch, operator, signature } = object(item, 'attestation');
    const number = parseUint64(batch);
    if (!store.has(keys.batchKey(number))) throw wrong(`an attestation of batch ${number}`);
    const voter = fromBech32(VALOPER_PREFIX, text(operator, 'operator'));
    store.set(keys.attestationKey(number, voter), bytesOf(signature, 'signature'));
  }
}

/** Decoded once, so that what would not be read later is refused now. */
function readFact(json: unknown) {
  const { kind: name, number, operator, content } = object(json, 'fact');
  const kind = KINDS.get(text(name, 'kind'));
  if (kind === undefined) throw wrong(`a fact of kind ${String(name)}`);
  const bytes = bytesOf(content, 'content');
  const codec: Codec<unknown> = kind === keys.DEPOSIT_FACT ? L1Deposit : L1Proven;
  strictDecode(codec, bytes);
  return { kind, number: parseUint64(number), operator, bytes };
}

function initFacts(context: Context, state: Json): void {
  const store = context.store(keys.SETTLEMENT_STORE);
  for (const item of list(state['reports'] ?? [], 'reports')) {
    const { kind, number, operator, bytes } = readFact(item);
    const voter = fromBech32(VALOPER_PREFIX, text(operator, 'operator'));
    store.set(keys.voteKey(kind, number, voter), bytes);
  }
  for (const item of list(state['decided'] ?? [], 'decided')) {
    const { kind, number, bytes } = readFact(item);
    store.set(keys.decidedKey(kind, number), bytes);
  }
}
