/**
 * npm run check:light: the stock `cometbft light` follows a running network. It is started as a proxy with
 * one trusted header and asked over the whole chain for headers, blocks, results, parameters, validators and a
 * transaction with its proof. Its answers, each verified by it, are compared with the node's. Exit code 0 when all are the same, 1 when not, 2 when it could not be asked.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { commandLine } from '../support/command-line.ts';
import { goProgram, NotAsked } from './go-program.ts';

const HELP = `usage: npm run check:light -- [options]

  --primary <url>    RPC of the node that is followed (http://127.0.0.1:26657)
  --witness <url>    RPC of a node it is compared with (http://127.0.0.1:26667)
  --cometbft <path>  the program; without it the one in PATH, or one built by Go into .cache/bin
  --headers <n>      how many headers to verify, spread over the chain (20)`;

/** The line whose light client IBC and the RPC follow. */
const PACKAGE = 'github.com/cometbft/cometbft/cmd/cometbft@v0.38.17';
const PROXY = 'http://127.0.0.1:26699';
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 250;

interface Header {
  readonly chain_id: string;
  readonly height: string;
}

interface CommitAnswer {
  readonly signed_header: {
    readonly header: Header;
    readonly commit: { readonly block_id: { readonly hash: string } };
  };
}

async function ask<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}/${path}`, { signal: AbortSignal.timeout(10_000) });
  const { result, error } = (await response.json()) as { result?: T; error?: unknown };
  if (result === undefined) throw new Error(`${url}/${path}: ${JSON.stringify(error)}`);
  return result;
}

const commitAt = (url: string, height: number): Promise<CommitAnswer> =>
  ask<CommitAnswer>(url, `commit?height=${height}`);

async function waitForProxy(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    if (
      await ask(PROXY, 'health').then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new NotAsked('cometbft light did not start');
}

/** Heights from 2 to the newest but one, evenly spread: the proxy looks for a header after the head. */
function spread(head: number, count: number): number[] {
  const last = head - 1;
  const heights = Array.from({ length: count }, (_, i) => {
    return 2 + Math.round(((last - 2) * i) / Math.max(1, count - 1));
  });
  return [...new Set(heights)].filter((height) => height >= 2 && height <= last);
}

async function compare(primary: string, head: number, count: number): Promise<number> {
  let different = 0;
  // The farthest first, so that it must skip and bisect instead of following one by one.
  for (const height of spread(head, count).reverse()) {
    const [theirs, ours] = [await commitAt(PROXY, height), await commitAt(primary, height)];
    const [a, b] = [theirs, ours].map((one) => one.signed_header.commit.block_id.hash);
    if (a !== b) different += 1;
    console.log(`height ${height}: ${a === b ? 'verified' : `${a} is not ${b}`}`);
  }
  return different;
}

/** Each of these the proxy holds against hashes in a header that it has verified. */
const VERIFIED = ['block', 'block_results', 'consensus_params', 'validators', 'header'];

/** The proxy reads a list without elements and writes null, or leaves it out. */
function withoutEmpty(answer: unknown): unknown {
  const dropEmpty = (_name: string, value: unknown): unknown =>
    value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
  return JSON.parse(JSON.stringify(answer), dropEmpty);
}

async function compareAnswers(primary: string, paths: readonly string[]): Promise<number> {
  let different = 0;
  for (const path of paths) {
    const [theirs, ours] = [await ask(PROXY, path), await ask(primary, path)];
    const same = isDeepStrictEqual(withoutEmpty(theirs), withoutEmpty(ours));
    if (!same) different += 1;
    console.log(`${path}: ${same ? 'verified' : 'differs'}`);
  }
  return different;
}

/** Paths of the newest transaction, when there is one: alone with its proof, and the blocks about it. */
async function txPaths(primary: string): Promise<string[]> {
  const query = encodeURIComponent('"tx.height > 0"');
  const search = `tx_search?query=${query}&order_by="desc"&per_page=1`;
  const [tx] = (await ask<{ txs: { hash: string; height: string }[] }>(primary, search)).txs;
  if (tx === undefined) return [];
  const around = VERIFIED.map((name) => `${name}?height=${tx.height}`);
  return [`tx?hash=0x${tx.hash}&prove=true`, ...around];
}

async function main(): Promise<number> {
  const values = commandLine(HELP, {
    primary: { type: 'string', default: 'http://127.0.0.1:26657' },
    witness: { type: 'string', default: 'http://127.0.0.1:26667' },
    cometbft: { type: 'string' },
    headers: { type: 'string', default: '20' },
  });
  const { primary, witness } = values;
  const first = (await commitAt(primary, 1)).signed_header;
  const trusted = first.commit.block_id.hash;
  const folder = mkdtempSync(join(tmpdir(), 'bitscale-light-'));
  const args = ['light', first.header.chain_id, '--primary', primary, '--witnesses', witness];
  args.push('--height', '1', '--hash', trusted, '--home-dir', folder);
  args.push('--laddr', PROXY.replace('http', 'tcp'), '--log_level', 'error');
  const child = spawn(goProgram('cometbft', PACKAGE, values.cometbft), args, { stdio: 'inherit' });
  try {
    await waitForProxy(child);
    const status = await ask<{ sync_info: { latest_block_height: string } }>(primary, 'status');
    const head = Number(status.sync_info.latest_block_height);
    const middle = Math.max(2, Math.floor(head / 2));
    const answers = VERIFIED.map((name) => `${name}?height=${middle}`);
    const different =
      (await compare(primary, head, Number(values.headers))) +
      (await compareAnswers(primary, [...answers, ...(await txPaths(primary))]));
    console.log(different === 0 ? 'cometbft light accepts this chain' : `${different} differ`);
    return different === 0 ? 0 : 1;
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NotAsked ? 2 : 1;
}
