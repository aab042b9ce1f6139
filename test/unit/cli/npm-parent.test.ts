/** A supervisor whose npm is killed: with real processes in the shape that npm gives them. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WATCHER = new URL('../../../node/cli/localnet/npm-parent.ts', import.meta.url).href;

describe('cli/localnet: the npm that started it', function () {
  this.timeout(60_000);
  let folder: string;
  let npm: ChildProcess | undefined;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-npm-'))));
  after(() => {
    npm?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const file = (name: string): string => join(folder, name);

  /** What runs below a shell below a process named `title`. */
  async function start(title: string, env: NodeJS.ProcessEnv): Promise<void> {
    for (const name of ['up', 'gone']) rmSync(file(name), { force: true });
    writeFileSync(
      file('child.mts'),
      `import { existsSync, writeFileSync } from 'node:fs';
       import { watchNpm } from '${WATCHER}';
       watchNpm(process.env, () => writeFileSync('${file('gone')}', ''));
       writeFileSync('${file('up')}', '');
       setInterval(() => {
         if (!existsSync('${file('up')}') || existsSync('${file('gone')}')) process.exit(0);
       }, 50);`,
    );
    writeFileSync(
      file('parent.mjs'),
      `import { spawn } from 'node:child_process';
       process.title = '${title}';
       spawn('sh', ['-c', '"${process.execPath}" ${file('child.mts')}; true'], { stdio: 'ignore' });`,
    );
    npm = spawn(process.execPath, [file('parent.mjs')], { stdio: 'ignore', env });
    while (!existsSync(file('up'))) await sleep(50);
  }

  async function killNpm(signal: NodeJS.Signals): Promise<void> {
    npm!.kill(signal);
    await once(npm!, 'exit');
  }

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    it(`is missed after ${signal}`, async () => {
      await start('npm start', { ...process.env, npm_lifecycle_event: 'start' });
      await killNpm(signal);
      while (!existsSync(file('gone'))) await sleep(50);
      assert.ok(existsSync(file('gone')));
    });
  }

  it('is not looked for when a user started the network without it', async () => {
    const { npm_lifecycle_event: _, ...env } = process.env;
    await start('npm start', env);
    await killNpm('SIGKILL');
    // Longer than it takes to notice.
    await sleep(2_500);
    assert.equal(existsSync(file('gone')), false);
  });
});
