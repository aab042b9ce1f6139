import assert from 'node:assert/strict';
import { compare, utf8 } from '../../../../node/base/bytes.ts';
import { BitscaleError } from '../../../../node/base/errors.ts';
import { decodeProof, encodeProof } from '../../../../node/store/ics23/codec.ts';
import {
  IAVL_SPEC,
  TENDERMINT_SPEC,
  type CommitmentProof,
  type ExistenceProof,
  type ProofSpec,
} from '../../../../node/store/ics23/types.ts';
import {
  rootOfProof,
  verifyMembership,
  verifyNonMembership,
} from '../../../../node/store/ics23/verify.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { MultiStore } from '../../../../node/store/multi-store.ts';
import { Random } from '../random.ts';

interface Sample {
  spec: ProofSpec;
  proof: CommitmentProof;
  root: Uint8Array;
  key: Uint8Array;
  value: Uint8Array | undefined;
}

async function samples(random: Random): Promise<Sample[]> {
  const names = ['acc', 'bank', 'ibc', 'mint', 'staking'];
  const stores = MultiStore.open(new MemoryDb(), { iavl: names, plain: [] });
  const keys: Uint8Array[] = [];
  for (let version = 0; version < 4; version++) {
    for (let i = 0; i < 60; i++) {
      const key = random.bytes(1 + random.below(12));
      keys.push(key);
      stores.store('bank').set(key, random.bytes(1 + random.below(40)));
    }
    await stores.commit();
  }
  const found: Sample[] = [];
  for (let i = 0; i < 60; i++) {
    const key = i % 2 ? random.pick(keys) : random.bytes(1 + random.below(12));
    const { value, proofOps } = stores.query({ store: 'bank', key, height: 0, prove: true });
    const [first, second] = proofOps.map((op) => decodeProof(op.data)) as [
      CommitmentProof,
      CommitmentProof,
    ];
    const root = rootOfProof(first);
    found.push({ spec: IAVL_SPEC, proof: first, root, key, value });
    const simple = { spec: TENDERMINT_SPEC, proof: second, root: stores.appHash };
    if (i % 6 === 0) found.push({ ...simple, key: utf8('bank'), value: root });
  }
  return found;
}

function accepts(sample: Sample, proof: CommitmentProof): boolean {
  const { spec, root, key, value } = sample;
  try {
    if (value) verifyMembership(spec, proof, { root, key, value });
    else verifyNonMembership(spec, proof, { root, key });
    return true;
  } catch (error) {
    assert.ok(error instanceof BitscaleError, `not a refusal: ${String(error)}`);
    return false;
  }
}

function changedBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const kind = random.below(5);
  if (kind === 0) return bytes.slice(0, at);
  if (kind === 1) return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1)]);
  if (kind === 2) {
    return Uint8Array.from([...bytes.slice(0, at), random.below(256), ...bytes.slice(at)]);
  }
  const out = bytes.slice();
  out[at] = kind === 3 ? out[at]! ^ (1 << random.below(8)) : random.below(256);
  return out;
}

function changedPath(random: Random, proof: ExistenceProof): ExistenceProof {
  const path = [...proof.path];
  const at = random.below(path.length);
  const step = path[at]!;
  const kind = random.below(5);
  if (kind === 0) path.splice(at, 1);
  else if (kind === 1) path.splice(at, 0, step);
  else if (kind === 2) path[at] = { ...step, prefix: step.suffix, suffix: step.prefix };
  else if (kind === 3) path.reverse();
  else path[at] = path[random.below(path.length)]!;
  return { ...proof, path };
}

function changedShape(random: Random, sample: Sample, all: Sample[]): CommitmentProof {
  const { proof } = sample;
  if (proof.exist) return { exist: changedPath(random, proof.exist) };
  const { key, left, right } = proof.nonexist;
  const others = all.map((other) => other.proof.exist ?? other.proof.nonexist?.left);
  const kind = random.below(5);
  if (kind === 0) return { nonexist: { key, left: right, right: left } };
  if (kind === 1) return { nonexist: { key, left } };
  if (kind === 2) return { nonexist: { key, right } };
  if (kind === 3) return { nonexist: { key, left: random.pick(others) ?? left, right } };
  return { nonexist: { key, left, right: random.pick(others) ?? right } };
}

describe('a changed ICS-23 proof', () => {
  it('is never accepted: 30,000 changed encodings, 20,000 changed shapes', async () => {
    const random = Random.announced('changed proofs');
    const all = await samples(random);
    for (const sample of all) assert.ok(accepts(sample, sample.proof));
    for (let i = 0; i < 30_000; i++) {
      const sample = random.pick(all);
      const original = encodeProof(sample.proof);
      const bytes = changedBytes(random, original);
      let proof: CommitmentProof;
      try {
        proof = decodeProof(bytes);
      } catch (error) {
        assert.ok(error instanceof BitscaleError);
        continue;
      }
      if (compare(encodeProof(proof), original) !== 0) assert.ok(!accepts(sample, proof), `${i}`);
    }
    for (let i = 0; i < 20_000; i++) {
      const sample = random.pick(all);
      const proof = changedShape(random, sample, all);
      const same = compare(encodeProof(proof), encodeProof(sample.proof)) === 0;
      if (!same) assert.ok(!accepts(sample, proof), `shape ${i}`);
    }
  });

  it('cannot show a present key as absent by leaving leaves out', async () => {
    const random = Random.announced('false absence');
    const all = (await samples(random)).filter((sample) => sample.spec === IAVL_SPEC);
    const present = all.filter((sample) => sample.proof.exist);
    let tried = 0;
    for (const target of present) {
      for (const a of present) {
        for (const b of present) {
          const [left, right] = [a.proof.exist!, b.proof.exist!];
          const around = compare(left.key, target.key) < 0 && compare(target.key, right.key) < 0;
          if (!around) continue;
          tried++;
          const proof = { nonexist: { key: target.key, left, right } };
          assert.ok(!accepts({ ...target, value: undefined }, proof));
        }
      }
    }
    assert.ok(tried > 500);
  });
});
