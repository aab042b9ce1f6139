/**
 * npm run check:comet: the stock Go client of CometBFT's RPC asks a running node everything that it can ask. Its own
 * types decode the answers and check hashes, proofs and signatures. Exit code 0 when all is well, 1 when not, 2
 * when it could not be asked.
 */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.ts';
import { NotAsked } from './go-program.ts';

const HELP = `usage: npm run check:comet -- [options]

  --node <url>  RPC of the node (http://127.0.0.1:26657)`;

/** Go needs a folder that it may write to. */
function built(): string {
  const folder = join(process.cwd(), '.cache', 'stock', 'comet-client');
  cpSync(join(import.meta.dirname, 'comet-client'), folder, { recursive: true });
  const args = ['build', '-mod=mod', '-o', 'comet-client', '.'];
  const { status } = spawnSync('go', args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new NotAsked('Go cannot build the client');
  return join(folder, 'comet-client');
}

function main(): number {
  const values = commandLine(HELP, {
    node: { type: 'string', default: 'http://127.0.0.1:26657' },
  });
  return spawnSync(built(), [values.node], { stdio: 'inherit' }).status ?? 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NotAsked ? 2 : 1;
}
