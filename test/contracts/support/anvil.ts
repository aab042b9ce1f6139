/** A private anvil per test file: started on a free port, stopped by its process id. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { JsonRpcProvider } from 'ethers';

const MNEMONIC = 'test test test test test test test test test test test junk';
const MAX_BANNER = 10_000;
const LISTENING = /Listening on 127\.0\.0\.1:(\d+)/;

export interface Anvil {
  readonly rpc: string;
  readonly provider: JsonRpcProvider;
  /** Mines blocks and lets time pass, in seconds. */
  mine(blocks?: number, seconds?: number): Promise<void>;
  snapshot(): Promise<string>;
  revert(id: string): Promise<void>;
  stop(): Promise<void>;
}

function binary(): string {
  const require = createRequire(import.meta.url);
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[process.platform as string];
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  return require.resolve(`@foundry-rs/anvil-${platform}-${cpu}/bin/${name}`);
}

/** The port anvil prints; its output is read on, so that it never blocks on a full pipe. */
function listeningPort(stdout: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    stdout.on('data', (chunk) => {
      if (output.length < MAX_BANNER) output += String(chunk);
      const port = LISTENING.exec(output)?.[1];
      if (port !== undefined) resolve(port);
    });
    stdout.on('end', () => reject(new Error(`anvil did not start: ${output}`)));
  });
}

export async function startAnvil(...options: string[]): Promise<Anvil> {
  const args = ['--port', '0', '--mnemonic', MNEMONIC, '--accounts', '10', ...options];
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const port = await listeningPort(child.stdout);
  const rpc = `http://127.0.0.1:${port}`;
  const provider = new JsonRpcProvider(rpc, undefined, { cacheTimeout: -1, staticNetwork: true });
  provider.pollingInterval = 20;
  return {
    rpc,
    provider,
    mine: async (blocks = 1, seconds = 0) => {
      if (seconds > 0) await provider.send('evm_increaseTime', [seconds]);
      await provider.send('anvil_mine', [`0x${blocks.toString(16)}`, '0x1']);
    },
    snapshot: async () => (await provider.send('evm_snapshot', [])) as string,
    revert: async (id) => void (await provider.send('evm_revert', [id])),
    stop: async () => {
      provider.destroy();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
