/** The L1 of the local network: anvil with its state on disk, one block a second. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
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
const DUMP_INTERVAL_SECONDS = 2;

const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-amd64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-amd64',
};

/** The program inside the npm package; throws with the repair when npm left it out. */
function anvilBinary(): string {
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
    ...['--slots-in-an-epoch', String(SLOTS_IN_AN_EPOCH)],
    '--silent',
  ];
}

const backupOf = (statePath: string): string => `${statePath}.good`;

/**
 * A kill in the middle of a dump leaves half a file: fall back to the copy of an earlier one. To be run
 * before every start of anvil.
 */
export function repairState(statePath: string): void {
  if (isWhole(statePath)) return;
  if (isWhole(backupOf(statePath))) copyFileSync(backupOf(statePath), statePath);
  else rmSync(statePath, { force: true });
}

/**
 * Keeps a copy of the dump while anvil runs. The dump grows with the chain, so it is not parsed here: a
 * copy counts when the file ends as JSON does and did not change meanwhile.
 */
export function backUpState(statePath: string): void {
  const fresh = `${backupOf(statePath)}.new`;
  try {
    const before = statSync(statePath);
    if (existsSync(backupOf(statePath)) && statSync(backupOf(statePath)).mtimeMs > before.mtimeMs) {
      return;
    }
    if (!endsLikeJson(statePath, before.size)) return;
    copyFileSync(statePath, fresh);
    const after = statSync(statePath);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) return;
    renameSync(fresh, backupOf(statePath));
  } catch {
    // No dump yet, or no room for a second one: anvil's own file is still there.
  }
}

function endsLikeJson(path: string, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  const file = openSync(path, 'r');
  try {
    readSync(file, last, 0, 1, size - 1);
  } finally {
    closeSync(file);
  }
  return last.toString() === '}';
}

function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
