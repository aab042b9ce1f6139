/**
 * The circuit's inputs for a batch. The one transition runs again on a replica of the accounts, and every
 * write it makes is recorded with the path that opens it; nothing of its arithmetic is repeated here.
 */
import { assert } from '../../node/base/errors.ts';
import { feeTable, paddedOperations, type SealedBatch } from './batch.ts';
import * as op from './intent.ts';
import { leafHash, type Leaf, type LedgerTree, type PathStep } from './tree.ts';
import * as transition from './transition.ts';

/** The accounts and the tree over them; moves forward by one batch with each witness. */
export interface Replica {
  readonly leaves: transition.LeafStore;
  readonly tree: LedgerTree;
}

/** One opened leaf: what it held and the way to the root at that moment. */
interface Opening {
  readonly before: Leaf | undefined;
  readonly path: readonly PathStep[];
}

type Value = string | Value[];
/** Signal name to decimal strings, as snarkjs reads them. */
export type CircuitInput = Record<string, Value>;

const EMPTY_LEAF: Leaf = { ax: 0n, ay: 0n, token: 0n, nonce: 0n, balance: 0n };
/** An unused quote row: zero words under the identity as key and R. */
const NO_QUOTE: op.Quote = {
  ...{ inIdx: 0n, outIdx: 0n, tokenIn: 0n, tokenOut: 0n, nonce: 0n, uses: 0n, expiry: 0n },
  ...{ num: 0n, den: 0n, max: 0n, ax: 0n, ay: 1n },
  ...transition.NO_SIGNATURE,
};

/** Leaves whose writes go straight into the tree and are remembered in order. */
class RecordingLeaves implements transition.LeafStore {
  readonly #replica: Replica;
  #openings: Opening[] = [];

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  get(index: number): Leaf | undefined {
    return this.#replica.leaves.get(index);
  }

  set(index: number, leaf: Leaf): void {
    const { leaves, tree } = this.#replica;
    this.#openings.push({ before: leaves.get(index), path: tree.path(index) });
    leaves.set(index, leaf);
    tree.update(new Map([[index, leafHash(leaf)]]));
  }

  /** The openings since the last call. */
  take(): Opening[] {
    const taken = this.#openings;
    this.#openings = [];
    return taken;
  }
}

/**
 * Inputs for everything but z and y, which depend on who submits. Moves the replica to the batch's new
 * root; throws InvariantError when the batch does not fit the replica.
 */
export function batchWitness(
  domain: bigint,
  shape: transition.BatchShape,
  replica: Replica,
  batch: SealedBatch,
): CircuitInput {
  assert(replica.tree.root === batch.oldRoot, `replica is not at the root before ${batch.number}`);
  const leaves = new RecordingLeaves(replica);
  const slots: Record<string, Value>[] = [];
  let open = transition.openBatch(batch.number, batch.time);
  for (const operation of paddedOperations(shape, batch)) {
    const row =
      operation.op === op.OP_CONVERT ? batch.quotes[Number(operation.quoteIdx)] : undefined;
    // A leaf that is not touched is replaced by leaf 0, which stays empty: before the sender's, after it.
    const before = replica.tree.path(0);
    if (operation.op !== op.OP_NOOP) open = transition.apply(leaves, open, operation, row);
    const idle = { sender: before, receiver: replica.tree.path(0) };
    slots.push(slotInput(operation, leaves.take(), idle, { row, quotes: shape.quotes }));
  }
  transition.settleQuotes(leaves, open);
  const settled = leaves.take();
  const idle = replica.tree.path(0);
  const quotes = Array.from({ length: shape.quotes }, (_, j) =>
    quoteInput(batch.quotes[j]?.quote, settled.slice(2 * j, 2 * j + 2), idle),
  );
  assert(replica.tree.root === batch.newRoot, `replica disagrees with the root of ${batch.number}`);
  return {
    domain: text(domain),
    oldRoot: text(batch.oldRoot),
    newRoot: text(batch.newRoot),
    commitment: text(batch.commitment),
    batchNo: text(batch.number),
    time: text(batch.time),
    feeToken: feeTable(shape, batch).map(([token]) => text(token)),
    ...columns(slots),
    ...columns(quotes),
  };
}

function text(value: bigint): string {
  return String(value);
}

/** [{a, b}, {a, b}] to {a: [..], b: [..]}. */
function columns(rows: readonly Record<string, Value>[]): CircuitInput {
  const out: Record<string, Value[]> = {};
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) (out[name] ??= []).push(value);
  }
  return out;
}

const children = (path: readonly PathStep[]): Value =>
  path.map((step) => step.children.map((child) => text(child)));

const oneHot = (length: number, at: number): Value =>
  Array.from({ length }, (_, i) => (i === at ? '1' : '0'));

const OPERATION_KINDS = 6;

function slotInput(
  o: transition.Operation,
  openings: readonly Opening[],
  idle: { sender: readonly PathStep[]; receiver: readonly PathStep[] },
  { row, quotes }: { row: transition.QuoteRow | undefined; quotes: number },
): Record<string, Value> {
  const signed = transition.isSigned(o.op);
  const pays = signed ? openings[0] : undefined;
  const earns = openings[signed ? 1 : 0];
  const sender = pays?.before ?? EMPTY_LEAF;
  const receiver = earns?.before ?? { ...EMPTY_LEAF, ax: o.ax, ay: o.ay };
  const remainder = row ? (o.amount * row.quote.num) % row.quote.den : 0n;
  const fields = [
    'sIdx',
    'rIdx',
    'token',
    'nonce',
    'expiry',
    'amount',
    'amountOut',
    'fee',
  ] as const;
  const signature = ['memo', 'ax', 'ay', 'rx', 'ry', 's'] as const;
  const input: Record<string, Value> = {
    sel: oneHot(OPERATION_KINDS, Number(o.op)),
    quoteSel: oneHot(quotes, row ? Number(o.quoteIdx) : -1),
    remainder: text(remainder),
    sBalance: text(sender.balance),
    sChild: children(pays?.path ?? idle.sender),
    rAx: text(receiver.ax),
    rAy: text(receiver.ay),
    rNonce: text(receiver.nonce),
    rBalance: text(receiver.balance),
    rChild: children(earns?.path ?? idle.receiver),
  };
  for (const name of [...fields, ...signature]) input[name] = text(o[name]);
  return input;
}

function quoteInput(
  used: op.Quote | undefined,
  openings: readonly Opening[],
  idle: readonly PathStep[],
): Record<string, Value> {
  const q = used ?? NO_QUOTE;
  const [pays, earns] = openings;
  const paying = pays?.before ?? EMPTY_LEAF;
  const earning = earns?.before ?? EMPTY_LEAF;
  const input: Record<string, Value> = {
    outNonce: text(paying.nonce),
    outBalance: text(paying.balance),
    outChild: children(pays?.path ?? idle),
    inAx: text(earning.ax),
    inAy: text(earning.ay),
    inNonce: text(earning.nonce),
    inBalance: text(earning.balance),
    inChild: children(earns?.path ?? idle),
  };
  for (const [name, value] of Object.entries(q)) {
    if (typeof value === 'bigint')
      input[`q${name[0]?.toUpperCase()}${name.slice(1)}`] = text(value);
  }
  return input;
}
