/** One real proof of one real batch by the test circuit, made once for all tests that need one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snarkjsBackend } from '../../../node/rollup/backend.ts';
import { Groth16Verifier, type Proof, type VerifyingKey } from '../../../node/rollup/groth16.ts';
import { ProofJobs, type CircuitFiles, type ProofJob } from '../../../node/rollup/jobs.ts';
import { BATCH_DATA } from '../../../node/rollup/queries.ts';
import { ProverReplica } from '../../../node/rollup/replica.ts';
import { batchChallenge, publicInputs } from '../../../modules/ledger/index.ts';
import { buildProfile } from '../../circuits/built-circuit.ts';
import { L1, LedgerChain } from '../modules/ledger/chain.ts';
import { DOMAIN, wallet } from '../modules/ledger/support.ts';

/** Of the `test` profile. */
export const CIRCUIT_SHAPE = { depth: 3, slots: 2, quotes: 1, feeTokens: 2 };

export interface RealProof {
  readonly files: CircuitFiles;
  readonly vkey: VerifyingKey;
  readonly verifier: Groth16Verifier;
  readonly job: ProofJob;
  readonly proof: Proof;
  /** Files of the proof, as the back-end wrote them. */
  readonly folder: string;
}

let made: Promise<RealProof> | undefined;
export const realProof = (): Promise<RealProof> => (made ??= make());

async function make(): Promise<RealProof> {
  const built = buildProfile('test');
  const files = { wasm: `${built}batch_test.wasm`, zkey: `${built}batch_test.zkey` };
  const vkey = JSON.parse(readFileSync(`${built}vkey.json`, 'utf8')) as VerifyingKey;
  const verifier = await Groth16Verifier.create(vkey);
  const job = await someJob();
  const folder = mkdtempSync(join(tmpdir(), 'bitscale-real-proof-'));
  const jobs = new ProofJobs(folder, files, verifier);
  const proof = await jobs.prove(job, snarkjsBackend, new AbortController().signal);
  return { files, vkey, verifier, job, proof, folder: join(folder, String(job.batch)) };
}

async function someJob(): Promise<ProofJob> {
  const chain = new LedgerChain({ shape: CIRCUIT_SHAPE });
  await chain.open(wallet(1), 1);
  await chain.open(wallet(2), 1);
  const { batch: data } = await chain.ask.query(BATCH_DATA, { number: 1n });
  const replica = new ProverReplica(DOMAIN, CIRCUIT_SHAPE);
  const { batch, input } = replica.advance(data ?? assert.fail());
  const context = { l1ChainId: L1.chainId, rollup: L1.rollup, prover: new Uint8Array(20).fill(1) };
  const z = batchChallenge(context, batch);
  const inputs = publicInputs(DOMAIN, batch, z);
  const whole = { ...input, z: String(z), y: String(inputs.at(-1)) };
  return { batch: batch.number, input: whole, publicInputs: inputs };
}
