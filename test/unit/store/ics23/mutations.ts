/** Ways to change a proof that mean something to the one who changes it. */
import { concat } from '../../../../node/base/bytes.ts';
import { decodeProof, encodeProof } from '../../../../node/store/ics23/codec.ts';
import type {
  CommitmentProof,
  ExistenceProof,
  InnerOp,
  LeafOp,
  NonExistenceProof,
} from '../../../../node/store/ics23/types.ts';
import type { Random } from '../random.ts';
import type { Sample } from './multi-proof.ts';

/** Where the parts of other proofs come from. */
export interface Pool {
  readonly random: Random;
  readonly samples: readonly Sample[];
  readonly existences: readonly ExistenceProof[];
}

export function poolOf(random: Random, samples: readonly Sample[]): Pool {
  const existences = samples.flatMap(({ proofs }) => proofs.flatMap(existencesIn));
  return { random, samples, existences };
}

function existencesIn({ exist, nonexist }: CommitmentProof): ExistenceProof[] {
  const all = [exist, nonexist?.left, nonexist?.right];
  return all.filter((proof) => proof !== undefined);
}

type Mutation<T> = (pool: Pool, item: T) => T;

function changedBytes({ random }: Pool, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const byte = Uint8Array.of(random.below(256));
  const kind = random.below(6);
  if (kind === 0) return bytes.slice(0, at);
  if (kind === 1) return bytes.slice(at);
  if (kind === 2) return concat(bytes.slice(0, at), byte, bytes.slice(at));
  if (kind === 3) return concat(bytes.slice(0, at), bytes.slice(at + 1));
  const out = bytes.slice();
  if (out.length > 0) {
    const place = random.below(out.length);
    out[place] = kind === 4 ? out[place]! ^ (1 << random.below(8)) : byte[0]!;
  }
  return out;
}

/** One of the three numbers in front of an IAVL step made larger or smaller. */
function changedNumber({ random }: Pool, prefix: Uint8Array): Uint8Array {
  const out = prefix.slice();
  const at = random.below(Math.min(3, out.length) || 1);
  if (out.length > 0) out[at] = (out[at]! + random.pick([2, 254, 4, 1])) & 0xff;
  return out;
}

const ops = 9;

const LEAF_CHANGES: readonly Mutation<LeafOp>[] = [
  ({ random }, leaf) => ({ ...leaf, hash: random.below(ops) }),
  ({ random }, leaf) => ({ ...leaf, prehashKey: random.below(ops) }),
  ({ random }, leaf) => ({ ...leaf, prehashValue: random.below(ops) }),
  ({ random }, leaf) => ({ ...leaf, length: random.below(ops) }),
  (pool, leaf) => ({ ...leaf, prefix: changedBytes(pool, leaf.prefix) }),
  (pool, leaf) => ({ ...leaf, prefix: changedNumber(pool, leaf.prefix) }),
];

function anyStep({ random, existences }: Pool): InnerOp | undefined {
  const { path } = random.pick(existences);
  return path.length > 0 ? random.pick(path) : undefined;
}

const STEP_CHANGES: readonly Mutation<InnerOp>[] = [
  ({ random }, step) => ({ ...step, hash: random.below(ops) }),
  (pool, step) => ({ ...step, prefix: changedBytes(pool, step.prefix) }),
  (pool, step) => ({ ...step, suffix: changedBytes(pool, step.suffix) }),
  (pool, step) => ({ ...step, prefix: changedNumber(pool, step.prefix) }),
  (_, step) => ({ ...step, prefix: step.suffix, suffix: step.prefix }),
  (_, step) => ({ ...step, prefix: concat(step.prefix, step.suffix), suffix: new Uint8Array(0) }),
  (pool, step) => ({ ...step, suffix: anyStep(pool)?.suffix ?? step.suffix }),
  (pool, step) => ({ ...step, prefix: anyStep(pool)?.prefix ?? step.prefix }),
  (pool, step) => anyStep(pool) ?? step,
];

const PATH_CHANGES: readonly Mutation<readonly InnerOp[]>[] = [
  // A step left out, put in twice, moved up, replaced, or one more at a place.
  ({ random }, path) => path.toSpliced(random.below(path.length || 1), 1),
  ({ random }, path) => {
    const at = random.below(path.length || 1);
    return path.toSpliced(at, 0, ...path.slice(at, at + 1));
  },
  ({ random }, path) => {
    const at = random.below(path.length || 1);
    return path.toSpliced(at, 2, ...path.slice(at, at + 2).reverse());
  },
  (pool, path) => {
    const step = anyStep(pool);
    return step ? path.toSpliced(pool.random.below(path.length + 1), 0, step) : path;
  },
  (_, path) => path.toReversed(),
  ({ random }, path) => path.slice(0, random.below(path.length || 1)),
  ({ random }, path) => path.slice(random.below(path.length || 1)),
  ({ random, existences }) => random.pick(existences).path,
  (pool, path) => {
    const at = pool.random.below(path.length || 1);
    const step = path[at];
    return step ? path.with(at, pool.random.pick(STEP_CHANGES)(pool, step)) : path;
  },
];

const EXISTENCE_CHANGES: readonly Mutation<ExistenceProof>[] = [
  (pool, proof) => ({ ...proof, key: changedBytes(pool, proof.key) }),
  (pool, proof) => ({ ...proof, value: changedBytes(pool, proof.value) }),
  ({ random, existences }, proof) => ({ ...proof, key: random.pick(existences).key }),
  ({ random, existences }, proof) => ({ ...proof, value: random.pick(existences).value }),
  ({ random, existences }, { key, value }) => ({ ...random.pick(existences), key, value }),
  (_, { key, value, path }) => ({ key, value, path }),
  (pool, proof) => ({
    ...proof,
    leaf: proof.leaf && pool.random.pick(LEAF_CHANGES)(pool, proof.leaf),
  }),
  // Most of a proof is its path.
  ...Array.from({ length: 5 }, (): Mutation<ExistenceProof> => (pool, proof) => {
    return { ...proof, path: pool.random.pick(PATH_CHANGES)(pool, proof.path) };
  }),
];

const changedExistence: Mutation<ExistenceProof> = (pool, proof) =>
  pool.random.pick(EXISTENCE_CHANGES)(pool, proof);

const ABSENCE_CHANGES: readonly Mutation<NonExistenceProof>[] = [
  (_, { key, left, right }) => ({ key, left: right, right: left }),
  (_, { key, left }) => ({ key, left }),
  (_, { key, right }) => ({ key, right }),
  (_, { key, left }) => ({ key, left, right: left }),
  (_, { key }) => ({ key }),
  (pool, proof) => ({ ...proof, key: changedBytes(pool, proof.key) }),
  ({ random, existences }, proof) => ({ ...proof, left: random.pick(existences) }),
  ({ random, existences }, proof) => ({ ...proof, right: random.pick(existences) }),
  ({ random, existences }, { key }) => ({
    key,
    left: random.pick(existences),
    right: random.pick(existences),
  }),
  (pool, proof) => ({ ...proof, left: proof.left && changedExistence(pool, proof.left) }),
  (pool, proof) => ({ ...proof, right: proof.right && changedExistence(pool, proof.right) }),
];

/** One proof in place of the other kind, too. */
function changedProof(pool: Pool, proof: CommitmentProof): CommitmentProof {
  const { random, existences } = pool;
  if (random.chance(4)) return { exist: random.pick(existences) };
  if (proof.nonexist) return { nonexist: random.pick(ABSENCE_CHANGES)(pool, proof.nonexist) };
  if (random.chance(4)) return { nonexist: { key: proof.exist.key, left: proof.exist } };
  return { exist: changedExistence(pool, proof.exist) };
}

/** Both proofs as a whole: of another sample, turned round, one missing or twice. */
function changedRow({ random, samples }: Pool, { proofs }: Sample): readonly CommitmentProof[] {
  const other = random.pick(samples).proofs;
  const choices = [
    other,
    proofs.toReversed(),
    [proofs[0]!, other[1]!],
    [other[0]!, proofs[1]!],
    [proofs[0]!, proofs[0]!],
    proofs.slice(1),
    [...proofs, proofs[1]!],
  ];
  return random.pick(choices);
}

/** Undefined when the changed bytes are no proof any more. */
function changedEncoding(pool: Pool, proof: CommitmentProof): CommitmentProof | undefined {
  return readable(changedBytes(pool, encodeProof(proof)));
}

function readable(bytes: Uint8Array): CommitmentProof | undefined {
  try {
    return decodeProof(bytes);
  } catch (error) {
    if (error instanceof Error && error.name === 'BitscaleError') return undefined;
    throw error;
  }
}

/** One or two changes; undefined when nothing readable comes of it. */
export function mutated(pool: Pool, sample: Sample): readonly CommitmentProof[] | undefined {
  const { random } = pool;
  if (random.chance(8)) return changedRow(pool, sample);
  const at = random.chance(75) ? 0 : 1;
  const proof = sample.proofs[at]!;
  if (random.chance(25)) {
    const changed = changedEncoding(pool, proof);
    return changed && sample.proofs.with(at, changed);
  }
  let changed = changedProof(pool, proof);
  if (random.chance(20)) changed = changedProof(pool, changed);
  return sample.proofs.with(at, changed);
}
