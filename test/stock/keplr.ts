/**
 * npm run check:keplr: Keplr's own validator, with which its registry judges chains, looks at a running node: the
 * chain that the node offers to wallets, its RPC with WebSocket, its REST, and the features it finds. Exit code 0 when
 * it accepts them, 1 when not, 2 when it could not be asked.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.ts';
import { NotAsked } from './go-program.ts';

const HELP = `usage: npm run check:keplr -- [options]

  --rest <url>  REST of the node (http://127.0.0.1:1317); its RPC is the one that it offers to wallets`;

const PACKAGE = '@keplr-wallet/chain-validator';
const VERSION = '0.13.16';

interface ChainInfo {
  readonly chainId: string;
  readonly rpc: string;
  readonly rest: string;
}

interface Validator {
  validateBasicChainInfoType(info: ChainInfo): Promise<ChainInfo>;
  checkRPCConnectivity(
    chainId: string,
    rpc: string,
    open: (url: string) => WebSocket,
  ): Promise<void>;
  checkRestConnectivity(chainId: string, rest: string): Promise<void>;
  checkChainFeatures(info: ChainInfo): Promise<string[]>;
}

/** Installed once into .cache, with nothing of it run at installation. */
function validator(): Validator {
  const folder = join(process.cwd(), '.cache', 'stock', 'keplr');
  if (!existsSync(join(folder, 'node_modules', PACKAGE))) {
    console.log(`installing ${PACKAGE} ${VERSION}, once`);
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
    const { status } = spawnSync('npm', [...args, `${PACKAGE}@${VERSION}`], { stdio: 'inherit' });
    if (status !== 0) throw new NotAsked(`${PACKAGE} cannot be installed`);
  }
  return createRequire(join(folder, 'index.js'))(PACKAGE) as Validator;
}

async function offered(rest: string): Promise<ChainInfo> {
  try {
    return (await (await fetch(`${rest}/.well-known/keplr.json`)).json()) as ChainInfo;
  } catch (cause) {
    throw new NotAsked(`no node with REST at ${rest}`, { cause });
  }
}

async function main(): Promise<number> {
  const values = commandLine(HELP, {
    rest: { type: 'string', default: 'http://127.0.0.1:1317' },
  });
  const info = await offered(values.rest);
  const keplr = validator();
  const open = (url: string): WebSocket => new WebSocket(url);
  const checks: [string, () => Promise<unknown>][] = [
    ['the chain offered to wallets', () => keplr.validateBasicChainInfoType(info)],
    ['RPC and WebSocket', () => keplr.checkRPCConnectivity(info.chainId, info.rpc, open)],
    ['REST', () => keplr.checkRestConnectivity(info.chainId, values.rest)],
    ['features', () => keplr.checkChainFeatures({ ...info, rest: values.rest })],
  ];
  let refused = 0;
  for (const [name, check] of checks) {
    try {
      const found = await check();
      console.log(`${name}: accepted${Array.isArray(found) ? `, ${found.join(', ')}` : ''}`);
    } catch (error) {
      refused += 1;
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return refused === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NotAsked ? 2 : 1;
}
