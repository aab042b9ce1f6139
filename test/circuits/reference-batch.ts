/**
 * Builds circuit inputs for a batch, step by step as the specification says. It checks nothing: what the
 * circuit must refuse is built with it as well, by overriding single fields.
 */
import {
  IDENTITY,
  SparseTree,
  leafOf,
  messageHash,
  mod,
  packAny,
  signMessage,
  spongeOf,
  P,
  type Key,
  type LeafValue,
} from './reference-crypto.ts';

export interface Shape {
  readonly depth: number;
  readonly slots: number;
  readonly quotes: number;
  readonly feeTokens: number;
}

export const TEST_SHAPE: Shape = { depth: 3, slots: 2, quotes: 1, feeTokens: 2 };
export const DEV_SHAPE: Shape = { depth: 8, slots: 3, quotes: 1, feeTokens: 4 };
export type Fields = Record<string, bigint>;
export type Input = Record<string, unknown>;

export const [NOOP, REGISTER, TRANSFER, DEPOSIT, WITHDRAW, CONVERT] = [0n, 1n, 2n, 3n, 4n, 5n];
export const isSigned = (op: bigint): boolean => op === 2n || op === 4n || op === 5n;
const opens = (op: bigint): boolean => op === 2n || op === 3n || op === 5n;

export interface SlotSpec {
  readonly op: bigint;
  readonly key?: Key;
  /** Fields of the operation; all others are 0. */
  readonly fields?: Fields;
  /** Circuit inputs that replace the honest ones, leaf contents and hints included. */
  readonly claims?: Fields;
  readonly sel?: bigint[];
  readonly quoteSel?: bigint[];
}

export interface QuoteSpec {
  readonly key: Key;
  readonly fields: Fields;
  readonly claims?: Fields;
}

export interface BatchSpec {
  readonly slots: readonly SlotSpec[];
  readonly quotes?: readonly QuoteSpec[];
  readonly header?: Fields;
  readonly feeTokens?: readonly bigint[];
  /** Overrides of the totals in the fee words. */
  readonly feeTotals?: readonly bigint[];
  /** Overrides of whole circuit inputs at the end. */
  readonly override?: Input;
}

export const DOMAIN = 987654321n;
export const TIME = 1_700_000_000n;
const CHALLENGE = 1234567890123456789n;
const EMPTY: LeafValue = { ax: 0n, ay: 0n, token: 0n, nonce: 0n, balance: 0n };

export class Ledger {
  readonly tree: SparseTree;
  readonly leaves = new Map<bigint, LeafValue>();

  constructor(depth: number) {
    this.tree = new SparseTree(depth);
  }

  leaf(index: bigint): LeafValue {
    return this.leaves.get(index) ?? EMPTY;
  }

  put(index: bigint, leaf: LeafValue): void {
    this.leaves.set(index, leaf);
    this.tree.set(index, leafOf(leaf));
  }

  open(index: bigint, key: Key, rest: Partial<LeafValue> = {}): void {
    this.put(index, { ...EMPTY, ax: key.ax, ay: key.ay, ...rest });
  }
}

interface Row {
  spec: QuoteSpec;
  totalIn: bigint;
  totalOut: bigint;
}

export interface BuiltBatch {
  readonly input: Input;
  /** The committed words in order; the public words in order. */
  readonly words: bigint[];
  readonly publicWords: bigint[];
  readonly newRoot: bigint;
}

/** Collects inputs slot by slot: name -> list. */
class Columns {
  readonly lists: Record<string, unknown[]> = {};
  add(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) (this.lists[name] ??= []).push(value);
  }
}

export class BatchBuilder {
  readonly #ledger: Ledger;
  readonly #shape: Shape;
  readonly #columns = new Columns();
  readonly #rows: Row[];
  readonly #fees: bigint[];
  readonly #feeTokens: readonly bigint[];
  readonly #time: bigint;
  readonly #words: bigint[] = [];
  readonly #visible: bigint[] = [];

  constructor(ledger: Ledger, shape: Shape, spec: BatchSpec) {
    this.#ledger = ledger;
    this.#shape = shape;
    this.#rows = (spec.quotes ?? []).map((row) => ({ spec: row, totalIn: 0n, totalOut: 0n }));
    const numbered = Array.from({ length: shape.feeTokens }, (_, i) => BigInt(i));
    this.#feeTokens = spec.feeTokens ?? numbered;
    this.#fees = this.#feeTokens.map(() => 0n);
    this.#time = spec.header?.['time'] ?? TIME;
  }

  build(spec: BatchSpec): BuiltBatch {
    const oldRoot = this.#ledger.tree.root;
    const deposits = BigInt(spec.slots.filter((slot) => slot.op === DEPOSIT).length);
    const header: Fields = {
      batchNo: 1n,
      time: this.#time,
      depositCount: deposits,
      ...spec.header,
    };
    const headerWord = packAny('headerWord', header);
    for (let i = 0; i < this.#shape.slots; i++) this.#slot(spec.slots[i] ?? { op: NOOP });
    for (let j = 0; j < this.#shape.quotes; j++) this.#quote(this.#rows[j]);
    const totals = spec.feeTotals ?? this.#fees;
    const feeWords = this.#feeTokens.map((token, t) =>
      packAny('feeWord', { token, total: totals[t] ?? 0n }),
    );
    const words = [headerWord, ...this.#words, ...feeWords];
    const publicWords = [headerWord, ...this.#visible, ...feeWords];
    const y = publicWords.reduceRight((sum, word) => (sum * CHALLENGE + word) % P, 0n);
    const newRoot = this.#ledger.tree.root;
    const input: Input = {
      domain: DOMAIN, oldRoot, newRoot, commitment: spongeOf(words), z: CHALLENGE, y,
      batchNo: header['batchNo'], time: this.#time, feeToken: this.#feeTokens,
      ...this.#columns.lists, ...spec.override,
    }; // prettier-ignore
    return { input, words, publicWords, newRoot };
  }

  #slot(spec: SlotSpec): void {
    const { op } = spec;
    const f: Fields = { op, ...spec.fields };
    const get = (name: string): bigint => f[name] ?? 0n;
    const ax = spec.fields?.['ax'] ?? spec.key?.ax ?? IDENTITY.x;
    const ay = spec.fields?.['ay'] ?? spec.key?.ay ?? IDENTITY.y;
    const w0 = packAny('opWord', f);
    const w1 = packAny('amountWord', f);
    const message = [DOMAIN, w0, w1, get('memo')] as const;
    const signed =
      isSigned(op) && spec.key ? signMessage(spec.key, message) : { rx: 0n, ry: 1n, s: 0n };
    const r = { ...signed, ...pickFields(f, ['rx', 'ry', 's']) };
    this.#words.push(
      packAny('slotWord', f),
      w1,
      messageHash(message, [ax, ay], [r.rx as bigint, r.ry as bigint]),
    );
    const kind = op === DEPOSIT ? 1n : op === WITHDRAW ? 2n : 0n;
    const seen = { kind, token: get('token'), amount: get('amount'), recipient: get('memo') };
    if (kind === 1n) seen.recipient = 0n;
    this.#visible.push(kind === 0n ? 0n : packAny('publicWord', seen));
    this.#visible.push(kind === 1n ? ax : 0n, kind === 1n ? ay : 0n);

    const sel = spec.sel ?? Array.from({ length: 6 }, (_, i) => (BigInt(i) === op ? 1n : 0n));
    const noRow = Array<bigint>(this.#shape.quotes).fill(0n);
    const quoteSel =
      spec.quoteSel ?? (op === CONVERT ? noRow.with(Number(get('quoteIdx')), 1n) : noRow);
    const names = 'sIdx rIdx token nonce expiry amount amountOut fee memo'.split(' ');
    const own = Object.fromEntries(names.map((name) => [name, mod(get(name))]));
    const remainder = this.#book(spec, f);
    this.#columns.add({
      ...own, ax, ay, ...r, sel, quoteSel, remainder,
      ...this.#pay(spec, f, { ax, ay }), ...this.#earn(spec, f, { ax, ay }), ...spec.claims,
    }); // prettier-ignore
  }

  /** Fees and quote totals; returns the remainder of a conversion. */
  #book(spec: SlotSpec, f: Fields): bigint {
    const fee = f['fee'] ?? 0n;
    const at = this.#feeTokens.indexOf(f['token'] ?? 0n);
    if (at >= 0) this.#fees[at] = mod((this.#fees[at] as bigint) + fee);
    if (spec.op !== CONVERT) return 0n;
    const row = this.#rows[Number(f['quoteIdx'] ?? 0n)];
    if (row === undefined) return 0n;
    row.totalIn = mod(row.totalIn + (f['amount'] ?? 0n));
    row.totalOut = mod(row.totalOut + (f['amountOut'] ?? 0n));
    const { num, den } = row.spec.fields as { num: bigint; den: bigint };
    return mod((f['amount'] ?? 0n) * num - (f['amountOut'] ?? 0n) * den);
  }

  #pay(spec: SlotSpec, f: Fields, key: { ax: bigint; ay: bigint }): Fields | Input {
    const { tree } = this.#ledger;
    const index = f['sIdx'] ?? 0n;
    const sChild = tree.path(index);
    if (!isSigned(spec.op)) return { sBalance: 0n, sChild };
    const sBalance = spec.claims?.['sBalance'] ?? this.#ledger.leaf(index).balance;
    const balance = mod(sBalance - (f['amount'] ?? 0n) - (f['fee'] ?? 0n));
    const nonce = (f['nonce'] ?? 0n) + 1n;
    this.#ledger.put(index, { ...key, token: f['token'] ?? 0n, nonce, balance });
    return { sBalance, sChild };
  }

  #earn(spec: SlotSpec, f: Fields, key: { ax: bigint; ay: bigint }): Fields | Input {
    const { op } = spec;
    const index = f['rIdx'] ?? 0n;
    const rChild = this.#ledger.tree.path(index);
    const before = this.#ledger.leaf(index);
    const known = opens(op) ? before : { ...EMPTY, ...key };
    const claim = {
      ...known,
      ...pickFields(rename(spec.claims), ['ax', 'ay', 'nonce', 'balance']),
    };
    const rToken = (op === CONVERT ? f['tokenOut'] : f['token']) ?? 0n;
    const credit = op === CONVERT ? f['amountOut'] : op === REGISTER ? 0n : f['amount'];
    if (op !== WITHDRAW && op !== NOOP) {
      const balance = mod(claim.balance + (credit ?? 0n));
      this.#ledger.put(index, { ...claim, token: rToken, balance });
    }
    const { ax: rAx, ay: rAy, nonce: rNonce, balance: rBalance } = claim;
    return { rAx, rAy, rNonce, rBalance, rChild };
  }

  #quote(row: Row | undefined): void {
    const f: Fields = row?.spec.fields ?? {};
    const get = (name: string): bigint => f[name] ?? 0n;
    const key = row?.spec.key;
    const [ax, ay] = [key?.ax ?? IDENTITY.x, key?.ay ?? IDENTITY.y];
    const [q0, q1] = [packAny('quoteWord0', f), packAny('quoteWord1', f)];
    const message = [DOMAIN + 1n, q0, q1, 0n] as const;
    const signed = key ? signMessage(key, message) : { rx: 0n, ry: 1n, s: 0n };
    const { totalIn, totalOut } = row ?? { totalIn: 0n, totalOut: 0n };
    const r = { ...signed, ...pickFields(f, ['rx', 'ry', 's']) };
    this.#words.push(
      q0,
      q1,
      messageHash(message, [ax, ay], [r.rx as bigint, r.ry as bigint]),
      packAny('totalsWord', { totalIn, totalOut }),
    );
    const { tree } = this.#ledger;
    const claims = row?.spec.claims ?? {};
    const paying = { ...this.#ledger.leaf(get('outIdx')), ...pickFields(cut(claims, 'out'), LEAF) };
    const outChild = tree.path(get('outIdx'));
    if (row) {
      const [nonce, balance] = [paying.nonce + 1n, mod(paying.balance - totalOut)];
      this.#ledger.put(get('outIdx'), { ax, ay, token: get('tokenOut'), nonce, balance });
    }
    const earning = { ...this.#ledger.leaf(get('inIdx')), ...pickFields(cut(claims, 'in'), LEAF) };
    const inChild = tree.path(get('inIdx'));
    if (row) {
      const balance = mod(earning.balance + totalIn);
      this.#ledger.put(get('inIdx'), { ...earning, token: get('tokenIn'), balance });
    }
    const names = 'inIdx outIdx tokenIn tokenOut nonce uses expiry num den max'.split(' ');
    const own = names.map((name) => [`q${name[0]?.toUpperCase()}${name.slice(1)}`, mod(get(name))]);
    this.#columns.add({
      ...Object.fromEntries(own), qAx: ax, qAy: ay, qRx: r.rx, qRy: r.ry, qS: r.s,
      outNonce: paying.nonce, outBalance: paying.balance, outChild,
      inAx: earning.ax, inAy: earning.ay, inNonce: earning.nonce, inBalance: earning.balance,
      inChild, ...claims,
    }); // prettier-ignore
  }
}

const LEAF = ['ax', 'ay', 'nonce', 'balance'];

function pickFields(f: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.filter((name) => name in f).map((name) => [name, f[name]]),
  ) as Fields;
}

/** outNonce -> nonce. */
function cut(claims: Fields, prefix: string): Fields {
  const own = Object.entries(claims).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(
    own.map(([name, value]) => [
      `${name[prefix.length]?.toLowerCase()}${name.slice(prefix.length + 1)}`,
      value,
    ]),
  );
}

const rename = (claims: Fields | undefined): Fields => cut(claims ?? {}, 'r');

export function buildBatch(ledger: Ledger, shape: Shape, spec: BatchSpec): BuiltBatch {
  return new BatchBuilder(ledger, shape, spec).build(spec);
}
