/** The L1 of the local network: anvil with its state on disk, one block a second. */
import { copyFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';

const require = createRequire(import.meta.url);

export const L1_PORT = 8545;
export const L1_CHAIN_ID = 31337;
/**
 * anvil calls a block final when 2 of these epochs lie above it. It must take longer than the interval
 * of its state dumps, so that a killed anvil never loses a block that was final.
 */
const SLOTS_IN_AN_EPOCH = 4;
const DUMP_INTERVAL_SECONDS = 1;

const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-amd64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-amd64',
};

/** The program inside the npm package; throws with the repair when npm left it out. */
export function anvilBinary(): string {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  try {
    const suffix = process.platform === 'win32' ? '.exe' : '';
    return require.resolve(`@foundry-rs/anvil-${platform}/bin/anvil${suffix}`);
  } catch {
    throw new ExitError(
      EXIT_CONFIG,
      `the L1 simulator anvil is not installed for ${process.platform}-${process.arch}. ` +
        'Install again with Node.js 20.19 or newer (npm ci), or start without L1: npm start -- --no-l1',
    );
  }
}

export function anvilCommand(options: { statePath: string; accounts: number; mnemonic: string }) {
  return [
    anvilBinary(),
    ...['--port', String(L1_PORT), '--chain-id', String(L1_CHAIN_ID)],
    ...['--accounts', String(options.accounts), '--mnemonic', options.mnemonic],
    ...['--state', options.statePath, '--state-interval', String(DUMP_INTERVAL_SECONDS)],
    ...['--slots-in-an-epoch', String(SLOTS_IN_AN_EPOCH), '--preserve-historical-states'],
    '--silent',
  ];
}

/**
 * A kill in the middle of a dump leaves half a file: fall back to the copy of the last good one. To be run
 * before every start of anvil.
 */
export function repairState(statePath: string): void {
  const backup = `${statePath}.good`;
  if (isWhole(statePath)) {
    copyFileSync(statePath, `${backup}.new`);
    renameSync(`${backup}.new`, backup);
  } else if (existsSync(backup)) {
    copyFileSync(backup, statePath);
  }
}

/** Keeps a copy of the dump while anvil runs. */
export function backUpState(statePath: string): void {
  if (existsSync(statePath) && isWhole(statePath)) repairState(statePath);
}

function isWhole(path: string): boolean {
  if (!existsSync(path) || statSync(path).size === 0) return false;
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
