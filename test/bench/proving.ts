/** One small batch of the development profile: its witness, its proof by any back-end, and what that cost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandBackend, run, snarkjsBackend } from '../../node/rollup/backend.ts';
import type { ProofFiles, ProverBackend } from '../../node/rollup/backend.ts';
import { Groth16Verifier, type Proof, type VerifyingKey } from '../../node/rollup/groth16.ts';
import { buildProfile } from '../circuits/built-circuit.ts';
import { buildBatch, DEV_SHAPE, TIME } from '../circuits/reference-batch.ts';
import { convert, offer, openLedger, transfer } from '../circuits/scenarios.ts';
import { watchPeak } from './processes.ts';

const PROFILE = 'dev';
const WITNESS_TOOL = fileURLToPath(new URL('../../circuits/tools/witness.js', import.meta.url));
const CHILD_POLL_MS = 5;

export interface Proving {
  readonly backend: string;
  readonly witnessSeconds: number;
  readonly proofSeconds: number;
  /** Largest resident memory of the proving process. */
  readonly peakBytes: number;
  /** What the node's own verifier says of the proof and of the batch's own public inputs. */
  readonly valid: boolean;
}

/** Three signed payments, two of them across tokens on one quote: a full batch. */
function fullBatch() {
  const ledger = openLedger(DEV_SHAPE.depth);
  return buildBatch(ledger, DEV_SHAPE, {
    slots: [
      convert(),
      convert({ nonce: 5n, amount: 7n, amountOut: 20n, fee: 0n }),
      transfer({ nonce: 6n }),
    ],
    quotes: [offer()],
    header: { time: TIME },
  });
}

/** In the order of the circuit. */
function publicInputs(input: Record<string, unknown>): bigint[] {
  return ['domain', 'oldRoot', 'newRoot', 'commitment', 'z', 'y'].map(
    (name) => input[name] as bigint,
  );
}

const asText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/** Builds the circuit if it is missing. Rejects when the back-end fails. */
export async function proveBatch(command?: readonly string[]): Promise<Proving> {
  const backend = command ? commandBackend(command) : snarkjsBackend;
  const built = buildProfile(PROFILE);
  const folder = mkdtempSync(join(tmpdir(), 'bitscale-proof-'));
  const at = (name: string): string => join(folder, name);
  try {
    const { input } = fullBatch();
    writeFileSync(at('input.json'), JSON.stringify(input, asText));
    const wasm = join(built, `batch_${PROFILE}.wasm`);
    const signal = new AbortController().signal;
    let started = performance.now();
    await run([process.execPath, WITNESS_TOOL, wasm, at('input.json'), at('witness.wtns')], signal);
    const witnessSeconds = (performance.now() - started) / 1000;
    const files: ProofFiles = {
      zkey: join(built, `batch_${PROFILE}.zkey`),
      wtns: at('witness.wtns'),
      proof: at('proof.json'),
      public: at('public.json'),
    };
    started = performance.now();
    const peakBytes = await withPeak(() => backend.prove(files, signal));
    const proofSeconds = (performance.now() - started) / 1000;
    const vkey = JSON.parse(readFileSync(join(built, 'vkey.json'), 'utf8')) as VerifyingKey;
    const proof = JSON.parse(readFileSync(files.proof, 'utf8')) as Proof;
    const verifier = await Groth16Verifier.create(vkey);
    const valid = verifier.verify(proof, publicInputs(input));
    return { backend: backend.name, witnessSeconds, proofSeconds, peakBytes, valid };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The largest memory of any child that this process has while `work` runs. */
async function withPeak(work: () => ReturnType<ProverBackend['prove']>): Promise<number> {
  const watched = new Map<number, () => number>();
  const look = (): void => {
    for (const pid of children()) if (!watched.has(pid)) watched.set(pid, watchPeak(pid));
  };
  const timer = setInterval(look, CHILD_POLL_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(0, ...[...watched.values()].map((peak) => peak()));
}

function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').map(Number).filter(Boolean);
}
