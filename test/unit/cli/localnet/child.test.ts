import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedChild } from '../../../../node/cli/localnet/child.ts';
import { endLeftovers, recordProcesses } from '../../../../node/cli/localnet/leftovers.ts';
import { kill, processesOf } from '../../../integration/localnet/processes.ts';
import { until } from '../../../integration/localnet/until.ts';

/** A program that starts another one and waits. */
const PARENT = `
  const [, folder] = process.argv;
  require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', folder]);
  console.log('ready');
  setInterval(() => 0, 1000);
`;

describe('cli/localnet/child', () => {
  let folder: string;
  let children: ManagedChild[];
  let notices: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-child-'));
    [children, notices] = [[], []];
  });
  afterEach(async () => {
    await Promise.all(children.map((child) => child.stop()));
    assert.deepEqual(processesOf(folder), []);
    rmSync(folder, { recursive: true });
  });

  const log = (): string => join(folder, 'logs', 'a.log');
  function start(...command: string[]): ManagedChild {
    const spec = { name: 'a', command, logFile: log() };
    const child = new ManagedChild(spec, {
      notice: (text) => notices.push(text),
      started: () => undefined,
    });
    children.push(child);
    child.start();
    return child;
  }
  async function startPair(): Promise<ManagedChild> {
    const child = start(process.execPath, '-e', PARENT, folder);
    await until('both run', () => processesOf(folder).length === 2);
    await until('it is ready', () => readFileSync(log(), 'utf8').includes('ready'));
    return child;
  }

  it('ends with everything that it started', async () => {
    const child = await startPair();
    await child.stop();
    await until('both have ended', () => processesOf(folder).length === 0);
    assert.deepEqual(notices, []);
  });

  it('is started again when it is killed, and what it had started is gone', async () => {
    const child = await startPair();
    const before = processesOf(folder).map(({ pid }) => pid);
    await kill(child.pid ?? 0);
    await until('a notice', () => notices.length > 0);
    assert.equal(notices[0], 'a was killed by SIGKILL; starting it again in 0.5 s');
    await until('both run again', () => {
      const now = processesOf(folder).map(({ pid }) => pid);
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    });
  });

  it('is not started for ever when it ends by itself every time, as one that halts at a height', async () => {
    start(process.execPath, '-e', "console.log('halted at height 5')");
    await until('it is given up', () => notices.some((text) => text.includes('cannot go on')));
    assert.equal(notices[0], 'a ended with code 0; starting it again in 0.5 s');
    assert.match(
      notices[1] ?? '',
      /^a ended with code 0 and cannot go on .*:\nhalted at height 5$/,
    );
    assert.equal(notices.length, 2);
  });

  it('is not started again when its settings are wrong, and says its last words', async () => {
    const child = start(process.execPath, '-e', 'console.log("no key"); process.exit(78)');
    await until('a notice', () => notices.length > 0);
    assert.match(notices[0] ?? '', /^a ended with code 78 and cannot go on \(.*a\.log\):\nno key$/);
    assert.equal(child.pid, undefined);
  });

  it('a program that is not there is a notice, not the end', async () => {
    start(join(folder, 'missing'));
    await until('a notice', () => notices.length > 0);
    assert.match(notices[0] ?? '', /^a spawn .*ENOENT; starting it again in 0\.5 s$/);
  });

  it('leftovers are ended with everything that they started; strangers are not', async () => {
    const args = ['-e', PARENT, folder];
    const left = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
    await until('both run', () => processesOf(folder).length === 2);
    recordProcesses(folder, [left.pid ?? 0, process.pid, 999_999_999]);
    assert.equal(await endLeftovers(folder), 2);
    await until('both have ended', () => processesOf(folder).length === 0);
    assert.equal(await endLeftovers(folder), 0);
  });
});
