/**
 * Proving back-ends: programs run as child processes. Each gets the key and the witness and must write
 * proof.json and public.json as snarkjs does, and exit with 0. Whatever else happens is a failure.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ProofFiles {
  readonly zkey: string;
  readonly wtns: string;
  readonly proof: string;
  readonly public: string;
}

export interface ProverBackend {
  readonly name: string;
  /** Rejects when the program fails, writes nothing or takes too long (it is killed then). */
  prove(files: ProofFiles, signal: AbortSignal): Promise<void>;
}

const PROVE_TIMEOUT_MS = 10 * 60_000;
/** Of a failing program's last words. */
const MAX_ERROR_TEXT = 2_000;

const tool = (name: string): string =>
  fileURLToPath(new URL(`../../circuits/tools/${name}`, import.meta.url));

/** Runs a program to its end; rejects with what it wrote to standard error. */
export function run(
  command: readonly string[],
  signal: AbortSignal,
  timeoutMs = PROVE_TIMEOUT_MS,
): Promise<void> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal: limit,
      killSignal: 'SIGKILL',
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-MAX_ERROR_TEXT);
    });
    child.once('error', reject);
    child.once('close', (code, killed) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code ?? killed}: ${errors.trim()}`));
    });
  });
}

/** From circuit inputs to the witness file, in a process of its own. */
export function makeWitness(
  files: { readonly wasm: string; readonly input: string; readonly wtns: string },
  signal: AbortSignal,
): Promise<void> {
  const { wasm, input, wtns } = files;
  return run([process.execPath, tool('witness.js'), wasm, input, wtns], signal);
}

export const snarkjsBackend: ProverBackend = {
  name: 'snarkjs',
  prove: ({ zkey, wtns, proof, public: inputs }, signal) =>
    run([process.execPath, tool('prove.js'), zkey, wtns, proof, inputs], signal),
};

const PLACEHOLDERS = ['zkey', 'wtns', 'proof', 'public'] as const;

/**
 * Any program with snarkjs' contract; {zkey} {wtns} {proof} {public} in its arguments are replaced.
 * For example: snarkrs groth16 prove {zkey} {wtns} {proof} {public}
 */
export function commandBackend(command: readonly string[], timeoutMs?: number): ProverBackend {
  for (const name of PLACEHOLDERS) {
    if (!command.some((word) => word.includes(`{${name}}`))) {
      throw new Error(`the prover command must contain {${name}}`);
    }
  }
  return {
    name: command[0] ?? '',
    prove: async (files, signal) => {
      const filled = command.map((word) =>
        word.replace(/\{(zkey|wtns|proof|public)\}/g, (_, name: keyof ProofFiles) => files[name]),
      );
      await run(filled, signal, timeoutMs);
      if (!existsSync(files.proof)) throw new Error(`${command[0]} wrote no proof`);
    },
  };
}
