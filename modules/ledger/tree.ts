/**
 * The proven state: a 4-ary Poseidon Merkle tree of fixed depth. A leaf is Poseidon(ax, ay, word) of one
 * (owner, token) account, an empty leaf is 0. Level 0 are the leaves, level `depth` is the root.
 */
import { assert } from '../../node/base/errors.ts';
import { hash3, hash4 } from './field.ts';
import { pack } from './words.ts';

export interface Leaf {
  readonly ax: bigint;
  readonly ay: bigint;
  readonly token: bigint;
  readonly nonce: bigint;
  readonly balance: bigint;
}

/** Where node values are kept; a node that was never set is the empty subtree of its level. */
export interface NodeStore {
  get(level: number, index: number): bigint | undefined;
  set(level: number, index: number, value: bigint): void;
}

type Quad = [bigint, bigint, bigint, bigint];

/** The four children of each node on a leaf's way up, bottom first; digit = which child is on the path. */
export interface PathStep {
  readonly digit: number;
  readonly children: readonly bigint[];
}

export function leafHash(leaf: Leaf | undefined): bigint {
  if (leaf === undefined) return 0n;
  const { token, nonce, balance } = leaf;
  return hash3([leaf.ax, leaf.ay, pack('leafWord', { balance, nonce, token })]);
}

export class LedgerTree {
  readonly depth: number;
  readonly #nodes: NodeStore;
  readonly #empty: readonly bigint[];

  constructor(depth: number, nodes: NodeStore) {
    assert(depth >= 1 && depth <= 15, 'tree depth must be 1 to 15');
    this.depth = depth;
    this.#nodes = nodes;
    const empty = [0n];
    for (let level = 0; level < depth; level++) {
      const below = empty[level] as bigint;
      empty.push(hash4([below, below, below, below]));
    }
    this.#empty = empty;
  }

  /** Number of leaves. */
  get capacity(): number {
    return 4 ** this.depth;
  }

  get root(): bigint {
    return this.#node(this.depth, 0);
  }

  leaf(index: number): bigint {
    return this.#node(0, index);
  }

  /** Sets many leaves and hashes every touched node once. */
  update(changes: ReadonlyMap<number, bigint>): void {
    let touched = new Set<number>();
    for (const [index, value] of changes) {
      this.#checkIndex(index);
      this.#nodes.set(0, index, value);
      touched.add(Math.floor(index / 4));
    }
    for (let level = 1; level <= this.depth; level++) {
      const parents = new Set<number>();
      for (const index of touched) {
        this.#nodes.set(level, index, hash4(this.#children(level, index)));
        parents.add(Math.floor(index / 4));
      }
      touched = parents;
    }
  }

  path(index: number): PathStep[] {
    this.#checkIndex(index);
    const steps: PathStep[] = [];
    let at = index;
    for (let level = 1; level <= this.depth; level++) {
      const parent = Math.floor(at / 4);
      steps.push({ digit: at % 4, children: this.#children(level, parent) });
      at = parent;
    }
    return steps;
  }

  #children(level: number, index: number): Quad {
    const child = (i: number): bigint => this.#node(level - 1, 4 * index + i);
    return [child(0), child(1), child(2), child(3)];
  }

  #node(level: number, index: number): bigint {
    return this.#nodes.get(level, index) ?? (this.#empty[level] as bigint);
  }

  #checkIndex(index: number): void {
    assert(Number.isSafeInteger(index) && index >= 0 && index < this.capacity, 'no such leaf');
  }
}

/** Node values in memory: for provers and tests. */
export class MemoryNodes implements NodeStore {
  readonly #levels: Map<number, bigint>[] = [];

  get(level: number, index: number): bigint | undefined {
    return this.#levels[level]?.get(index);
  }

  set(level: number, index: number, value: bigint): void {
    let nodes = this.#levels[level];
    if (nodes === undefined) this.#levels[level] = nodes = new Map();
    nodes.set(index, value);
  }
}
