/** Poseidon, BabyJubjub and packing for the circuit tests; written apart from modules/ledger on purpose. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { babyjubjub } from '@noble/curves/misc.js';
import { poseidon3, poseidon4, poseidon8, poseidon16 } from 'poseidon-lite';

export const P = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
export const mod = (value: bigint): bigint => ((value % P) + P) % P;
const Point = babyjubjub.Point;
const ORDER = Point.CURVE().n;
export const IDENTITY = { x: 0n, y: 1n } as const;

const LAYOUT = JSON.parse(
  readFileSync(new URL('../../circuits/layout.json', import.meta.url), 'utf8'),
) as Record<string, [string, number][]>;

export const fieldsOf = (word: string): [string, number][] => LAYOUT[word] ?? [];

/** Packs without looking at the ranges, in the field: attackers use it too. */
export function packAny(word: string, fields: Record<string, bigint>): bigint {
  let out = 0n;
  let shift = 0n;
  for (const [name, width] of fieldsOf(word)) {
    out += mod(fields[name] ?? 0n) << shift;
    shift += BigInt(width);
  }
  return mod(out);
}

export interface Key {
  readonly secret: bigint;
  readonly ax: bigint;
  readonly ay: bigint;
}

const number512 = (text: string): bigint =>
  BigInt(`0x${createHash('sha512').update(text).digest('hex')}`);

export function keyOf(name: string): Key {
  const secret = (number512(`key/${name}`) % (ORDER - 1n)) + 1n;
  const { x, y } = Point.BASE.multiply(secret).toAffine();
  return { secret, ax: x, ay: y };
}

export type Message = readonly [domain: bigint, w0: bigint, w1: bigint, memo: bigint];

export const messageHash = (m: Message, a: bigint[], r: bigint[]): bigint =>
  poseidon8([...m, ...a, ...r].map(mod));

/** The short Schnorr signature of the specification; any nonce will do for tests. */
export function signMessage(key: Key, message: Message): { rx: bigint; ry: bigint; s: bigint } {
  const k = (number512(`nonce/${key.secret}/${message.join('/')}`) % (ORDER - 1n)) + 1n;
  const { x: rx, y: ry } = Point.BASE.multiply(k).toAffine();
  const hash = messageHash(message, [key.ax, key.ay], [rx, ry]);
  const h = 2n * (hash & ((1n << 126n) - 1n)) + 1n;
  return { rx, ry, s: (k + 8n * h * key.secret) % ORDER };
}

export interface LeafValue {
  readonly ax: bigint;
  readonly ay: bigint;
  readonly token: bigint;
  readonly nonce: bigint;
  readonly balance: bigint;
}

export const leafOf = (leaf: LeafValue): bigint =>
  poseidon3([leaf.ax, leaf.ay, packAny('leafWord', { ...leaf })].map(mod));

export function spongeOf(words: readonly bigint[]): bigint {
  let state = BigInt(words.length);
  for (let at = 0; at < words.length; at += 15) {
    const chunk = Array.from({ length: 15 }, (_, i) => words[at + i] ?? 0n);
    state = poseidon16([state, ...chunk]);
  }
  return state;
}

/** A 4-ary tree that hashes on demand; small and slow. */
export class SparseTree {
  readonly depth: number;
  readonly leaves = new Map<bigint, bigint>();
  readonly #empty: bigint[] = [0n];
  #nodes = new Map<string, bigint>();

  constructor(depth: number) {
    this.depth = depth;
    for (let i = 0; i < depth; i++) {
      const below = this.#empty[i] as bigint;
      this.#empty.push(poseidon4([below, below, below, below]));
    }
  }

  set(index: bigint, value: bigint): void {
    this.leaves.set(index, value);
    for (let level = 1; level <= this.depth; level++) {
      this.#nodes.delete(`${level}/${index >> BigInt(2 * level)}`);
    }
  }

  node(level: number, index: bigint): bigint {
    if (level === 0) return this.leaves.get(index) ?? 0n;
    const shift = BigInt(2 * level);
    if (![...this.leaves.keys()].some((leaf) => leaf >> shift === index)) {
      return this.#empty[level] as bigint;
    }
    const name = `${level}/${index}`;
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const value = poseidon4(this.children(level, index));
    this.#nodes.set(name, value);
    return value;
  }

  get root(): bigint {
    return this.node(this.depth, 0n);
  }

  children(level: number, index: bigint): bigint[] {
    return [0n, 1n, 2n, 3n].map((i) => this.node(level - 1, 4n * index + i));
  }

  path(index: bigint): bigint[][] {
    return Array.from({ length: this.depth }, (_, i) =>
      this.children(i + 1, index >> BigInt(2 * (i + 1))),
    );
  }
}
