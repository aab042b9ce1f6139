/** bitscale prover: proves sealed batches and submits them to L1. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';
import { SYSTEM_CLOCK } from '../../create-node.ts';
import { createLogger } from '../../metrics/log.ts';
import type { Deployment } from '../../rollup/l1-client.ts';
import { runProver, type ProverConfig } from '../../rollup/prover-process.ts';
import type { Command } from '../command.ts';

function read<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `cannot read ${path}: ${(error as Error).message}`);
  }
}

type Settings = Omit<ProverConfig, 'home' | 'deployment' | 'l1Secret' | 'l1Rpc'> & {
  readonly deployment: string;
  readonly l1Rpc?: string;
};

function config(home: string): ProverConfig {
  const settings = read<Settings>(join(home, 'prover.json'));
  const { l1Secret } = read<{ l1Secret: string }>(join(home, 'prover_key.json'));
  const deployment = read<Deployment>(settings.deployment);
  return { ...settings, l1Rpc: settings.l1Rpc ?? deployment.rpc, deployment, l1Secret, home };
}

export const proverCommand: Command = {
  name: 'prover',
  summary: 'Prove sealed batches and submit them to L1',
  options: {
    home: {
      value: '<folder>',
      help: 'folder with prover.json, prover_key.json and the stored proofs',
      default: '.',
    },
  },
  examples: ['bitscale prover --home .localnet/prover0'],
  run: async (call) => {
    const home = call.text('home');
    const settings = config(home);
    const controller = new AbortController();
    process.once('SIGINT', () => controller.abort());
    process.once('SIGTERM', () => controller.abort());
    const prover = `prover${settings.rotation.index}`;
    const logger = createLogger('info', { prover });
    const activity = (text: string): void => writeFileSync(join(home, 'activity'), `${text}\n`);
    const { signal } = controller;
    await runProver(settings, { clock: SYSTEM_CLOCK, logger, signal, activity });
    process.exit(0);
  },
};
