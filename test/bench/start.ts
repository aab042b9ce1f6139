/**
 * What a new user waits for: from nothing to the first payment proven on L1, and from a second start to
 * the first new block.
 */
import { spawn } from 'node:child_process';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import {
  LocalNetwork,
  pause,
  ROOT,
  rpcUrl,
  temporaryFolder,
  waitForPorts,
} from './local-network.ts';
import { atMost, fact, seconds, type Row } from './report.ts';
import { Rpc } from './rpc.ts';

const NAME = 'start';
const MOST_TO_PROOF = 240;
const MOST_CIRCUIT = 90;
const MOST_SECOND_START = 15;
const POLL_MS = 20;
const FOLDERS = ['node', 'modules', 'circuits', 'contracts', 'genesis', 'proto', 'services'];
const PROOF_LINE = /^\s+proven\s+(batch \d+) .*, (\d+ gas)$/;

const since = (started: number): number => (performance.now() - started) / 1000;

/** The project as a fresh clone has it after npm ci: no built circuit, no key, no compiled contract. */
function freshClone(): string {
  const folder = temporaryFolder();
  const filter = (path: string): boolean =>
    !/[\\/](?:node_modules|\.cache|cache|build)$/.test(path);
  for (const name of [...FOLDERS, 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Runs the demonstration until it says that its first payment is proven; resolves with what it says. */
function firstProof(root: string, home: string): Promise<string> {
  const demo = join(root, 'services', 'demo', 'demo.ts');
  const child = spawn(process.execPath, [demo, '--home', home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, batch, gas] = PROOF_LINE.exec(line) ?? [];
      if (batch === undefined) return;
      resolve(`${batch}, ${gas}`);
      child.kill('SIGTERM');
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error('the demonstration ended without a proof')));
  });
}

interface FirstProof {
  /** Seconds from the command. */
  readonly running: number;
  readonly proven: number;
  readonly rows: readonly Row[];
}

/** The clock starts when no other network is in the way. */
async function toFirstProof(what: string, root: string, home: string): Promise<FirstProof> {
  await waitForPorts();
  const started = performance.now();
  const network = await LocalNetwork.start({ home, root });
  try {
    const running = since(started);
    const proof = await firstProof(root, home);
    const proven = since(started);
    return { running, proven, rows: [fact(NAME, `${what}: proven with`, proof)] };
  } finally {
    await network.stop();
  }
}

async function fresh(home: string): Promise<Row[]> {
  const what = 'fresh folder';
  const { running, proven, rows } = await toFirstProof(what, ROOT, home);
  const label = `${what}: to the first payment proven on L1`;
  return [
    fact(NAME, `${what}: to a running network`, seconds(running)),
    atMost([NAME, label], proven, MOST_TO_PROOF, seconds),
    ...rows,
  ];
}

async function height(rpc: Rpc): Promise<number> {
  return rpc.height().catch(() => 0);
}

/** The folder has been used before: from the command to a block that was not there when it stopped. */
async function secondStart(home: string): Promise<Row> {
  await waitForPorts();
  const rpc = new Rpc(rpcUrl(0));
  const started = performance.now();
  const starting = LocalNetwork.start({ home });
  // The height a node answers first is the one it stopped at, or one more.
  let first = 0;
  let ended = false;
  starting.catch(() => (ended = true));
  while (!ended && first === 0) {
    first = await height(rpc);
    await pause(POLL_MS);
  }
  while (!ended && (await height(rpc)) <= first) await pause(POLL_MS);
  const taken = since(started);
  await (await starting).stop();
  rpc.close();
  return atMost([NAME, 'second start: to a new block'], taken, MOST_SECOND_START, seconds);
}

async function cold(say: BenchOptions['say']): Promise<Row[]> {
  const [root, home] = [freshClone(), temporaryFolder()];
  try {
    say('a fresh copy of the project: circuit, key and contracts are made anew');
    const started = performance.now();
    await buildCircuit(root);
    const circuit = since(started);
    const { rows, running, proven } = await toFirstProof('no caches', root, home);
    return [
      atMost([NAME, 'no caches: circuit and key'], circuit, MOST_CIRCUIT, seconds),
      fact(NAME, 'no caches: to a running network', seconds(circuit + running)),
      atMost(
        [NAME, 'no caches: to the first payment proven on L1'],
        circuit + proven,
        MOST_TO_PROOF,
        seconds,
      ),
      ...rows,
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}

function buildCircuit(root: string): Promise<void> {
  const tool = join(root, 'circuits', 'tools', 'build.js');
  const child = spawn(process.execPath, [tool, '--profile', 'dev'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`the circuit was not built: ${code}`)),
    );
  });
}

export const start: Benchmark = {
  name: 'start',
  summary: 'fresh start to the first payment proven on L1, second start to a new block',
  run: async ({ cold: alsoCold, say }) => {
    const rows = alsoCold ? await cold(say) : [];
    const home = temporaryFolder();
    try {
      say('a fresh folder');
      rows.push(...(await fresh(home)));
      say('the same folder again');
      rows.push(await secondStart(home));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    return rows;
  },
};
