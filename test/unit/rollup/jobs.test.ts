import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProverBackend } from '../../../node/rollup/backend.ts';
import { ProofJobs } from '../../../node/rollup/jobs.ts';
import { BUILD_TIMEOUT } from '../../circuits/built-circuit.ts';
import { realProof, type RealProof } from './real-proof.ts';

const never = new AbortController().signal;

describe('rollup/jobs', function () {
  this.timeout(BUILD_TIMEOUT);
  let real: RealProof;
  let folder: string;

  before(async () => {
    real = await realProof();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-jobs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const jobs = (): ProofJobs => new ProofJobs(folder, real.files, real.verifier);
  const proofFile = (): string => join(folder, String(real.job.batch), 'proof.json');

  /** Writes this text as the proof; the witness it is given is real. */
  const writing = (text: string): ProverBackend => ({
    name: 'writer',
    prove: async ({ proof, wtns }) => {
      assert.ok(existsSync(wtns));
      writeFileSync(proof, text);
    },
  });
  const honest = (): ProverBackend => writing(JSON.stringify(real.proof));

  it('keeps a proof on disk and finds it after a restart', async () => {
    assert.equal(jobs().find(real.job), undefined);
    await jobs().prove(real.job, honest(), never);
    assert.deepEqual(jobs().find(real.job), real.proof);
  });

  it('does not take an altered, a truncated or another file for the proof, and makes it anew', async () => {
    await jobs().prove(real.job, honest(), never);
    const good = readFileSync(proofFile(), 'utf8');
    const { pi_a: a, pi_c: c } = real.proof;
    const damaged = [
      JSON.stringify({ ...real.proof, pi_a: c, pi_c: a }),
      good.slice(0, 100),
      '',
      '{}',
      'null',
    ];
    for (const text of damaged) {
      writeFileSync(proofFile(), text);
      assert.equal(jobs().find(real.job), undefined);
    }
    await jobs().prove(real.job, honest(), never);
    assert.deepEqual(jobs().find(real.job), real.proof);
  });

  it('does not take the proof of other inputs, such as those of another prover', async () => {
    await jobs().prove(real.job, honest(), never);
    const inputs = real.job.publicInputs.map((input, i) => (i === 5 ? input + 1n : input));
    assert.equal(jobs().find({ ...real.job, publicInputs: inputs }), undefined);
  });

  it('refuses the proof of a back-end that lies, and leaves nothing that looks like one', async () => {
    const { pi_a: a, pi_c: c } = real.proof;
    const lie = JSON.stringify({ ...real.proof, pi_a: c, pi_c: a });
    await assert.rejects(jobs().prove(real.job, writing(lie), never), /does not verify/);
    await assert.rejects(jobs().prove(real.job, writing('not json'), never), SyntaxError);
    assert.equal(jobs().find(real.job), undefined);
    assert.equal(existsSync(proofFile()), false);
  });

  it('refuses a batch of which a word was changed before any proof is made', async () => {
    const { input } = real.job;
    const changed = { ...real.job, input: { ...input, commitment: '1' } };
    let asked = false;
    const backend = { ...honest(), prove: async () => void (asked = true) };
    await assert.rejects(jobs().prove(changed, backend, never));
    assert.equal(asked, false);
  });

  it('begins again over what a killed process left', async () => {
    const left = join(folder, `${real.job.batch}.work`);
    mkdirSync(left);
    writeFileSync(join(left, 'proof.json'), '{');
    assert.equal(jobs().find(real.job), undefined);
    await jobs().prove(real.job, honest(), never);
    assert.deepEqual(jobs().find(real.job), real.proof);
    assert.equal(existsSync(left), false);
  });

  it('forgets final batches and touches no other file', async () => {
    await jobs().prove(real.job, honest(), never);
    writeFileSync(join(folder, 'notes'), '');
    jobs().forgetUpTo(real.job.batch - 1n);
    assert.ok(jobs().find(real.job));
    jobs().forgetUpTo(real.job.batch);
    assert.equal(jobs().find(real.job), undefined);
    assert.ok(existsSync(join(folder, 'notes')));
  });
});
