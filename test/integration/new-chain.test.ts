/** docs/operations/new-chain.md, run as it stands: three homes, made and started by its commands alone. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../support/solo-node.ts';
import { until } from './localnet/until.ts';

const PAGE = fileURLToPath(new URL('../../docs/operations/new-chain.md', import.meta.url));
const LAUNCH = fileURLToPath(new URL('../../node/cli/launch.js', import.meta.url));
const HOSTS = ['first', 'second', 'third'] as const;
const BLOCKS = 4;

interface Step {
  readonly hosts: readonly string[];
  readonly script: string;
}

/** The shell blocks of the page; the first line of each says where they run. */
function steps(): Step[] {
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n# ([^\n]+)\n([\s\S]*?)^```$/gm)];
  return blocks.map(([, where = '', script = '']) => {
    const hosts = where === 'everywhere' ? HOSTS : where.split(', ');
    // Addresses of the page are for documents only; here all nodes are on this machine.
    return { hosts, script: script.replace(/203\.0\.113\.\d+/g, '127.0.0.1') };
  });
}

interface Status {
  readonly sync_info: { readonly latest_block_height: string };
}

describe('a new chain from nothing, by the commands of docs/operations/new-chain.md', function () {
  this.timeout(240_000);
  let root: string;
  const nodes: ChildProcess[] = [];
  const rpcPorts = new Map<string, number>();

  const script = (path: string, lines: readonly string[]): void => {
    writeFileSync(path, ['#!/bin/bash', 'set -e', ...lines, ''].join('\n'));
    chmodSync(path, 0o755);
  };

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'bitscale-new-chain-'));
    const bin = join(root, 'bin');
    mkdirSync(bin);
    script(join(bin, 'bitscale'), [`exec "${process.execPath}" "${LAUNCH}" "$@"`]);
    script(join(bin, 'hostname'), ['basename "$HOME"']);
    // `scp host:path target` between homes; patterns are for the far side to expand.
    script(join(bin, 'scp'), [`from="\${1/:/\\/}"`, `cp ${root}/$from "$2"`]);
    for (const host of HOSTS) {
      mkdirSync(join(root, host));
      writeFileSync(join(root, host, 'password.txt'), `password of ${host}\n`, { mode: 0o600 });
    }
  });

  after(async () => {
    for (const child of nodes) {
      if (child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(root, { recursive: true });
  });

  const shell = (host: string, text: string): ChildProcess => {
    const log = openSync(join(root, host, 'log'), 'a');
    const environment = {
      PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
      HOME: join(root, host),
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    };
    const child = spawn('bash', ['-e', '-c', text], {
      env: environment,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return child;
  };

  const logOf = (host: string): string => readFileSync(join(root, host, 'log'), 'utf8');

  const run = async (host: string, text: string): Promise<void> => {
    const [code] = (await once(shell(host, text), 'exit')) as [number | null];
    assert.equal(code, 0, `${host}: ${text}\n${logOf(host)}`);
  };

  /** All three share this machine: each gets ports of its own, right after it has settings. */
  const setPorts = async (host: string): Promise<void> => {
    const [p2p, rpc, api, grpc, metrics] = await freePorts(5);
    rpcPorts.set(host, rpc!);
    const settings = {
      'p2p.port': p2p,
      'p2p.host': '127.0.0.1',
      'rpc.port': rpc,
      'api.port': api,
      'grpc.port': grpc,
      'metrics.port': metrics,
      logLevel: 'warn',
    };
    const commands = Object.entries(settings).map(
      ([key, value]) => `bitscale config set ${key} ${value}`,
    );
    await run(host, commands.join('\n'));
  };

  const height = async (host: string): Promise<number> => {
    try {
      const reply = await fetch(`http://127.0.0.1:${rpcPorts.get(host)}/status`);
      const { result } = (await reply.json()) as { result: Status };
      return Number(result.sync_info.latest_block_height);
    } catch {
      return 0;
    }
  };

  it('makes blocks on three nodes, the same on each', async () => {
    for (const { hosts, script: text } of steps()) {
      if (hosts[0] === 'after') continue;
      const [before, starts] = text.split('bitscale start\n');
      for (const host of hosts) {
        await run(host, before!);
        if (text.startsWith('bitscale init')) await setPorts(host);
        if (starts !== undefined) nodes.push(shell(host, 'exec bitscale start'));
      }
    }
    assert.equal(nodes.length, HOSTS.length);
    for (const host of HOSTS) {
      await until(`${host} has ${BLOCKS} blocks`, async () => {
        const child = nodes[HOSTS.indexOf(host)]!;
        assert.equal(child.exitCode, null, logOf(host));
        return (await height(host)) >= BLOCKS;
      });
    }
    const hashes = await Promise.all(
      HOSTS.map(async (host) => {
        const reply = await fetch(`http://127.0.0.1:${rpcPorts.get(host)}/commit?height=${BLOCKS}`);
        return ((await reply.json()) as Commit).result.signed_header.commit.block_id.hash;
      }),
    );
    assert.equal(new Set(hashes).size, 1);
  });

  it('answers the questions of the page, with the validators and the supply that were asked for', async () => {
    const { script: text } = steps().find(({ hosts }) => hosts[0] === 'after')!;
    const commands = text.trim().split('\n');
    const node = `--node http://127.0.0.1:${rpcPorts.get('second')}`;
    const output = join(root, 'answers');
    for (const command of commands) await run('second', `${command} ${node} -o json >> ${output}`);
    const answers = readFileSync(output, 'utf8');
    assert.match(answers, /"network": "new-chain-1"/);
    assert.equal(answers.match(/"voting_power": "5000"/g)?.length, HOSTS.length + 1);
    assert.match(answers, /"amount": "30000000000"/);
  });

  it('made three genesis files that are the same to the last byte', () => {
    const files = HOSTS.map((host) => join(root, host, '.bitscale', 'config', 'genesis.json'));
    assert.ok(files.every((file) => existsSync(file)));
    assert.equal(new Set(files.map((file) => readFileSync(file, 'utf8'))).size, 1);
  });
});

interface Commit {
  readonly result: {
    readonly signed_header: { readonly commit: { readonly block_id: { readonly hash: string } } };
  };
}
