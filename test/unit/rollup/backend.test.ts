import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandBackend, type ProofFiles } from '../../../node/rollup/backend.ts';

const PLACES = ['{zkey}', '{wtns}', '{proof}', '{public}'];
const script = (code: string): string[] => [process.execPath, '-e', code, ...PLACES];
const never = new AbortController().signal;

describe('rollup/backend', () => {
  let folder: string;
  let files: ProofFiles;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-backend-'));
    const at = (name: string): string => join(folder, name);
    files = { zkey: 'key', wtns: 'witness', proof: at('proof.json'), public: at('public.json') };
  });
  after(() => rmSync(folder, { recursive: true }));

  it('gives the program the four files and takes what it writes', async () => {
    const code = 'fs.writeFileSync(process.argv[3], process.argv.slice(1, 3).join())';
    await commandBackend(script(code)).prove(files, never);
    assert.equal(readFileSync(files.proof, 'utf8'), 'key,witness');
    rmSync(files.proof);
  });

  it('refuses a command that does not name all four files', () => {
    for (const place of PLACES) {
      const command = ['prover', ...PLACES.filter((other) => other !== place)];
      assert.throws(() => commandBackend(command), new RegExp(place));
    }
  });

  it('rejects with the last words of a program that fails', async () => {
    const code = 'console.error("no such key"); process.exit(3)';
    await assert.rejects(commandBackend(script(code)).prove(files, never), /3: no such key/);
  });

  it('keeps only the end of what a talkative program says', async () => {
    const code = 'process.stderr.write("x".repeat(1e6) + "END", () => process.exit(1))';
    const error: unknown = await commandBackend(script(code))
      .prove(files, never)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    assert(error instanceof Error);
    assert.ok(error.message.endsWith('END') && error.message.length < 3_000);
  });

  it('rejects when the program succeeds and writes nothing', async () => {
    await assert.rejects(commandBackend(script('')).prove(files, never), /wrote no proof/);
  });

  it('rejects when there is no such program, or it is killed', async () => {
    await assert.rejects(commandBackend(['/no/such/prover', ...PLACES]).prove(files, never));
    const code = 'process.kill(process.pid, "SIGKILL")';
    await assert.rejects(commandBackend(script(code)).prove(files, never), /SIGKILL/);
  });

  it('kills a program that hangs', async () => {
    const pidFile = join(folder, 'pid');
    const code = `fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
      process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
    // Long enough for a busy machine to start it.
    await assert.rejects(commandBackend(script(code), 6_000).prove(files, never));
    await gone(Number(readFileSync(pidFile, 'utf8')));
  });

  it('kills the program when it is told to stop', async () => {
    const stop = new AbortController();
    const proving = commandBackend(script('setInterval(() => {}, 1000)')).prove(files, stop.signal);
    stop.abort();
    await assert.rejects(proving, { name: 'AbortError' });
  });
});

/** Waits until there is no such process; the test's own limit ends a wait in vain. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
