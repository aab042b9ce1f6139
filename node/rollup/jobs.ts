/**
 * Proofs on disk, one folder per batch. A proof that is there and verifies is never made again, whatever
 * happened to the process in between; anything else in a folder is thrown away and done over.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CircuitInput } from '../../modules/ledger/index.ts';
import { makeWitness, type ProverBackend } from './backend.ts';
import type { Groth16Verifier, Proof } from './groth16.ts';

export interface CircuitFiles {
  readonly wasm: string;
  readonly zkey: string;
}

export interface ProofJob {
  readonly batch: bigint;
  readonly input: CircuitInput;
  /** In the order of the circuit. */
  readonly publicInputs: readonly bigint[];
}

export class ProofJobs {
  readonly #folder: string;
  readonly #files: CircuitFiles;
  readonly #verifier: Groth16Verifier;

  constructor(folder: string, files: CircuitFiles, verifier: Groth16Verifier) {
    this.#folder = folder;
    this.#files = files;
    this.#verifier = verifier;
    mkdirSync(folder, { recursive: true });
  }

  /** The stored proof of this job, if there is one that verifies. */
  find(job: ProofJob): Proof | undefined {
    try {
      const text = readFileSync(join(this.#path(job.batch), 'proof.json'), 'utf8');
      const proof = JSON.parse(text) as Proof;
      return this.#verifier.verify(proof, job.publicInputs) ? proof : undefined;
    } catch {
      return undefined;
    }
  }

  /** Makes the proof with this back-end and verifies it. Rejects when the back-end fails or lies. */
  async prove(job: ProofJob, backend: ProverBackend, signal: AbortSignal): Promise<Proof> {
    const folder = `${this.#path(job.batch)}.work`;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('input.json'), JSON.stringify(job.input));
    const { wasm, zkey } = this.#files;
    const wtns = at('witness.wtns');
    await makeWitness({ wasm, input: at('input.json'), wtns }, signal);
    const files = { zkey, wtns, proof: at('proof.json'), public: at('public.json') };
    await backend.prove(files, signal);
    const proof = JSON.parse(readFileSync(files.proof, 'utf8')) as Proof;
    if (!this.#verifier.verify(proof, job.publicInputs)) {
      throw new Error(`${backend.name} made a proof that does not verify`);
    }
    rmSync(wtns);
    rmSync(this.#path(job.batch), { recursive: true, force: true });
    renameSync(folder, this.#path(job.batch));
    return proof;
  }

  /** Removes the proofs of batches that L1 has accepted for good. */
  forgetUpTo(batch: bigint): void {
    for (const name of readdirSync(this.#folder)) {
      const number = /^(\d+)(\.work)?$/.exec(name)?.[1];
      if (number !== undefined && BigInt(number) <= batch) {
        rmSync(join(this.#folder, name), { recursive: true, force: true });
      }
    }
  }

  #path(batch: bigint): string {
    return join(this.#folder, String(batch));
  }
}
