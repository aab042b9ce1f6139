import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bn254 } from '@noble/curves/bn254.js';
import { Groth16Verifier, type Proof, type VerifyingKey } from '../../../node/rollup/groth16.ts';
import { FIELD } from '../../../modules/ledger/index.ts';
import { BUILD_TIMEOUT } from '../../circuits/built-circuit.ts';
import { forgeWithoutTrapdoor } from '../../contracts/support/known-key.ts';
import type { SnarkjsKey } from '../../../contracts/tools/verifying-key.ts';
import { realProof, type RealProof } from './real-proof.ts';

const SNARKJS = fileURLToPath(
  new URL('../../../node_modules/snarkjs/build/cli.cjs', import.meta.url),
);
const MODULUS = bn254.fields.Fp.ORDER;

/** A point on the twist that is not in the subgroup: almost every point is not. */
function offSubgroup(): string[][] {
  const { Fp2 } = bn254.fields;
  const Point = bn254.G2.Point;
  for (let i = 1n; ; i++) {
    const x = Fp2.create({ c0: i, c1: 1n });
    const yy = Fp2.add(Fp2.mul(Fp2.sqr(x), x), Point.CURVE().b);
    try {
      const y = Fp2.sqrt(yy);
      const point = Point.fromAffine({ x, y });
      if (point.isTorsionFree()) continue;
      const text = (c: { c0: bigint; c1: bigint }) => [String(c.c0), String(c.c1)];
      return [text(x), text(y), ['1', '0']];
    } catch {
      continue;
    }
  }
}

const negated = (y: string | undefined): string => String(MODULUS - BigInt(y ?? 0));

describe('rollup/groth16', function () {
  this.timeout(BUILD_TIMEOUT);
  let real: RealProof;

  before(async () => {
    real = await realProof();
  });
  after(() => rmSync(dirname(real.folder), { recursive: true, force: true }));

  const verify = (proof: unknown, inputs = real.job.publicInputs): boolean =>
    real.verifier.verify(proof as Proof, inputs);

  /** snarkjs' opinion. */
  function snarkjs(proof: Proof, inputs: readonly bigint[]): boolean {
    const at = (name: string): string => join(real.folder, name);
    writeFileSync(at('key.json'), JSON.stringify(real.vkey));
    writeFileSync(at('inputs.json'), JSON.stringify(inputs.map(String)));
    writeFileSync(at('tried.json'), JSON.stringify(proof));
    const files = [at('key.json'), at('inputs.json'), at('tried.json')];
    const { status } = spawnSync(process.execPath, [SNARKJS, 'groth16', 'verify', ...files]);
    return status === 0;
  }

  it('accepts and refuses what snarkjs accepts and refuses', () => {
    const { proof, job } = real;
    const full = { ...proof, protocol: 'groth16', curve: 'bn128' };
    const [first = 0n, ...rest] = job.publicInputs;
    const mirrored = { ...full, pi_c: [full.pi_c[0], negated(full.pi_c[1]), '1'] } as Proof;
    const cases: [Proof, readonly bigint[], boolean][] = [
      [full, job.publicInputs, true],
      [full, [first + 1n, ...rest], false],
      [mirrored, job.publicInputs, false],
    ];
    for (const [tried, inputs, expected] of cases) {
      assert.equal(verify(tried, inputs), expected);
      assert.equal(snarkjs(tried, inputs), expected);
    }
  });

  it('refuses every changed input, too few and too many', () => {
    const { publicInputs } = real.job;
    for (const i of publicInputs.keys()) {
      const changed = publicInputs.map((input, j) => (i === j ? (input + 1n) % FIELD : input));
      assert.equal(verify(real.proof, changed), false);
    }
    assert.equal(verify(real.proof, publicInputs.slice(1)), false);
    assert.equal(verify(real.proof, publicInputs.slice(0, -1)), false);
    assert.equal(verify(real.proof, [...publicInputs, 0n]), false);
    assert.equal(verify(real.proof, []), false);
  });

  it('refuses the same number written above the field order, and negative ones', () => {
    const { publicInputs } = real.job;
    for (const i of publicInputs.keys()) {
      for (const shift of [FIELD, -FIELD]) {
        const aliased = publicInputs.map((input, j) => (i === j ? input + shift : input));
        assert.equal(verify(real.proof, aliased), false);
      }
    }
  });

  it('refuses altered, swapped, missing and misspelt points without throwing', () => {
    const { pi_a: a, pi_b: b, pi_c: c } = real.proof;
    const [bx = [], by = []] = b;
    const altered: unknown[] = [
      { pi_a: c, pi_b: b, pi_c: a },
      { pi_a: [a[0], negated(a[1]), '1'], pi_b: b, pi_c: c },
      { pi_a: [a[1], a[0], '1'], pi_b: b, pi_c: c },
      { pi_a: a, pi_b: [by, bx], pi_c: c },
      { pi_a: a, pi_b: [[...bx].reverse(), [...by].reverse()], pi_c: c },
      { pi_a: ['0', '0', '0'], pi_b: b, pi_c: c },
      { pi_a: ['0', '1', '0'], pi_b: b, pi_c: ['0', '1', '0'] },
      { pi_a: [`0${a[0]}`, a[1]], pi_b: b, pi_c: c },
      { pi_a: [`-${a[0]}`, a[1]], pi_b: b, pi_c: c },
      { pi_a: [`0x${BigInt(a[0] ?? 0).toString(16)}`, a[1]], pi_b: b, pi_c: c },
      { pi_a: [String(BigInt(a[0] ?? 0) + MODULUS), a[1]], pi_b: b, pi_c: c },
      { pi_a: [Number(a[0]), a[1]], pi_b: b, pi_c: c },
      { pi_a: [], pi_b: b, pi_c: c },
      { pi_a: a, pi_b: [], pi_c: c },
      { pi_a: a, pi_b: b },
      {},
      null,
      'proof',
    ];
    for (const [i, proof] of altered.entries()) assert.equal(verify(proof), false, String(i));
  });

  it('refuses points of the twist outside the subgroup, in proofs and in keys', async () => {
    const outside = offSubgroup();
    assert.equal(verify({ ...real.proof, pi_b: outside }), false);
    const key = { ...real.vkey, vk_delta_2: outside } as VerifyingKey;
    await assert.rejects(Groth16Verifier.create(key));
  });

  it('refuses a key with gamma = delta, for which this forgery would verify', async () => {
    const weak = { ...real.vkey, vk_delta_2: real.vkey.vk_gamma_2 };
    await assert.rejects(Groth16Verifier.create(weak), /gamma = delta/);
    const words = forgeWithoutTrapdoor(weak as unknown as SnarkjsKey, real.job.publicInputs);
    const [ax, ay, bx1, bx0, by1, by0, cx, cy] = words.map(String);
    const forged = {
      pi_a: [ax, ay],
      pi_b: [
        [bx0, bx1],
        [by0, by1],
      ],
      pi_c: [cx, cy],
    };
    assert.equal(verify(forged), false);
    assert.equal(snarkjsAccepts(weak, forged), true);
  });

  /** A verifier without that check takes the forgery. */
  function snarkjsAccepts(key: VerifyingKey, forged: unknown): boolean {
    const before = real;
    real = { ...real, vkey: key };
    const full = { ...(forged as Proof), protocol: 'groth16', curve: 'bn128' };
    const withZ = {
      ...full,
      pi_a: [...full.pi_a, '1'],
      pi_b: [...full.pi_b, ['1', '0']],
      pi_c: [...full.pi_c, '1'],
    };
    const accepted = snarkjs(withZ, real.job.publicInputs);
    real = before;
    return accepted;
  }

  it('refuses what is no Groth16 key', async () => {
    const { vkey } = real;
    const keys: VerifyingKey[] = [
      { ...vkey, protocol: 'plonk' },
      { ...vkey, nPublic: 5 },
      { ...vkey, IC: vkey.IC.slice(1) },
      { ...vkey, vk_alpha_1: ['1', '1', '1'] },
    ];
    for (const key of keys) await assert.rejects(Groth16Verifier.create(key));
  });
});
