/** A prover as a program: wires the parts, loops until it is told to stop, says when it cannot reach something. */
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { bytesToBigInt, fromHex } from '../base/bytes.ts';
import type { Clock, Logger } from '../base/service.ts';
import { loadArtifacts } from './artifacts.ts';
import { commandBackend, snarkjsBackend, type ProverBackend } from './backend.ts';
import { remoteChain } from './chain.ts';
import { Groth16Verifier } from './groth16.ts';
import { ProofJobs } from './jobs.ts';
import { L1Client, type Deployment } from './l1-client.ts';
import { Prover } from './prover.ts';
import { LEDGER_PARAMS } from './queries.ts';
import type { Rotation } from './rotation.ts';
import { Submitter } from './submitter.ts';

export interface ProverConfig {
  readonly chainId: string;
  /** JSON-RPC of a BitScale node. */
  readonly nodeRpc: string;
  readonly l1Rpc: string;
  readonly deployment: Deployment;
  /** L1 account that submits and is paid, 32 bytes in hexadecimal. */
  readonly l1Secret: string;
  readonly home: string;
  readonly circuit: { readonly folder: string; readonly profile: string };
  readonly rotation: Rotation;
  readonly gatherSeconds: number;
  /** Undefined for snarkjs. */
  readonly command?: readonly string[];
}

const IDLE_MS = 500;
const RETRY_MS = 2_000;

/** Rejects at once when something is wrong with the configuration; otherwise ends when `signal` fires. */
export async function runProver(
  config: ProverConfig,
  world: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly activity: (text: string) => void;
  },
): Promise<void> {
  const { clock, logger, signal, activity } = world;
  const { folder, profile } = config.circuit;
  const artifacts = loadArtifacts(folder, profile, config.chainId);
  const verifier = await Groth16Verifier.create(artifacts.vkey);
  const l1 = new L1Client(config.deployment, config.l1Rpc);
  l1.provider.pollingInterval = 250;
  const wallet = new Wallet(config.l1Secret, l1.provider);
  const backend: ProverBackend = config.command ? commandBackend(config.command) : snarkjsBackend;
  const chain = remoteChain(config.nodeRpc);
  const jobs = new ProofJobs(join(config.home, 'jobs'), artifacts, verifier);
  const submitter = new Submitter(l1.rollup, wallet, wallet.address);
  const rollup = fromHex(String(l1.rollup.target).slice(2));
  const start = async (): Promise<Prover> => {
    const { params } = await chain.query(LEDGER_PARAMS, {});
    if (!params) throw new Error('the chain has no ledger');
    const { depth, slots, quotes, feeTokens } = params;
    const challenge = {
      l1ChainId: BigInt(config.deployment.chainId),
      rollup,
      prover: fromHex(wallet.address.slice(2)),
    };
    return new Prover(
      {
        domain: bytesToBigInt(params.domain),
        shape: { depth, slots, quotes, feeTokens },
        challenge,
        rotation: config.rotation,
        gatherSeconds: config.gatherSeconds,
      },
      { chain, l1, jobs, submitter, backend, clock, logger, activity },
    );
  };
  activity('idle');
  try {
    await loop(start, logger, signal);
  } finally {
    l1.close();
  }
}

async function loop(
  start: () => Promise<Prover>,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let prover: Prover | undefined;
  let complained = '';
  while (!signal.aborted) {
    try {
      prover ??= await start();
      const busy = await prover.round(signal);
      if (complained !== '') logger.info('chain and L1 answer again');
      complained = '';
      if (!busy) await pause(IDLE_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complained) logger.warn('waiting', { reason });
      complained = reason;
      await pause(RETRY_MS, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
