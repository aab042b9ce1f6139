/** Real batches: executed by the ledger's transition, proven by the circuit with snarkjs. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as ledger from '../../../modules/ledger/index.ts';
import { leafHash } from '../../../modules/ledger/tree.ts';
import * as transition from '../../../modules/ledger/transition.ts';

const TOOLS = fileURLToPath(new URL('../../../circuits/tools/', import.meta.url));
const run = promisify(execFile);

class MemoryLeaves implements transition.LeafStore {
  readonly map = new Map<number, ledger.Leaf>();
  get(index: number): ledger.Leaf | undefined {
    return this.map.get(index);
  }
  set(index: number, leaf: ledger.Leaf): void {
    this.map.set(index, leaf);
  }
}

const freshTree = (depth: number): ledger.LedgerTree =>
  new ledger.LedgerTree(depth, new ledger.MemoryNodes());

export class LedgerBatches {
  readonly #domain: bigint;
  readonly #shape: ledger.BatchShape;
  readonly #leaves = new MemoryLeaves();
  readonly #tree: ledger.LedgerTree;
  readonly #replica: { leaves: MemoryLeaves; tree: ledger.LedgerTree };
  #last = 0n;

  constructor(domain: bigint, shape: ledger.BatchShape) {
    this.#domain = domain;
    this.#shape = shape;
    this.#tree = freshTree(shape.depth);
    this.#replica = { leaves: new MemoryLeaves(), tree: freshTree(shape.depth) };
  }

  static genesisRoot(depth: number): bigint {
    return freshTree(depth).root;
  }

  /** Executes the operations as the next batch and seals it. */
  seal(time: bigint, operations: readonly transition.Operation[]): ledger.SealedBatch {
    const oldRoot = this.#tree.root;
    let open = transition.openBatch(++this.#last, time);
    for (const operation of operations) open = transition.apply(this.#leaves, open, operation);
    const leaves = [...this.#leaves.map].map(([index, leaf]) => [index, leafHash(leaf)] as const);
    this.#tree.update(new Map(leaves));
    const roots = { oldRoot, newRoot: this.#tree.root };
    return ledger.sealBatch(this.#domain, this.#shape, open, roots);
  }

  /** The eight words of a proof for this challenge; batches must come in order. */
  async prove(batch: ledger.SealedBatch, z: bigint, built: BuiltFiles): Promise<bigint[]> {
    const file = (name: string): string => join(built.scratch, `${batch.number}.${name}`);
    const input = ledger.batchWitness(this.#domain, this.#shape, this.#replica, batch);
    const y = ledger.evaluate(batch.publicWords, z);
    writeFileSync(file('json'), JSON.stringify({ ...input, z: String(z), y: String(y) }));
    await run(process.execPath, [`${TOOLS}witness.js`, built.wasm, file('json'), file('wtns')]);
    const out = [file('proof'), file('public')];
    await run(process.execPath, [`${TOOLS}prove.js`, built.zkey, file('wtns'), ...out]);
    return proofWords(JSON.parse(readFileSync(file('proof'), 'utf8')) as SnarkjsProof);
  }
}

export interface BuiltFiles {
  readonly wasm: string;
  readonly zkey: string;
  /** A folder for witnesses and proofs. */
  readonly scratch: string;
}

interface SnarkjsProof {
  readonly pi_a: string[];
  readonly pi_b: string[][];
  readonly pi_c: string[];
}

/** EIP-197 order: the imaginary part of a G2 coordinate first. */
function proofWords({ pi_a: a, pi_b: b, pi_c: c }: SnarkjsProof): bigint[] {
  const g2 = b.slice(0, 2).flatMap((coordinate) => [...coordinate].reverse());
  return [...a.slice(0, 2), ...g2, ...c.slice(0, 2)].map(BigInt);
}
