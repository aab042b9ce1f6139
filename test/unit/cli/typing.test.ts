/** What a person sees at a real terminal while typing passwords: nothing of them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCH = fileURLToPath(new URL('../../../node/cli/launch.js', import.meta.url));

interface Session {
  readonly code: number | null;
  readonly screen: string;
}

/** Answers each question once it is on the screen. */
function atTerminal(command: string, answers: readonly [string, string][]): Promise<Session> {
  const environment = { ...process.env, TERM: 'dumb' };
  const line = `${process.execPath} ${LAUNCH} ${command}`;
  const options = ['--quiet', '--return', '--flush', '--command', line, '/dev/null'];
  const child = spawn('script', options, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  const left = [...answers];
  let [screen, seen] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = left;
    const place = next === undefined ? -1 : screen.indexOf(next[0], seen);
    if (next === undefined || place < 0) return;
    seen = place + next[0].length;
    left.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, screen }));
  });
}

const PASSWORD = 'correct horse battery';
const NEW = 'New password of the key: ';
const AGAIN = 'The same again: ';

// macOS and Windows have another script, or none.
if (process.platform === 'linux') {
  describe('cli: typing at a terminal', () => {
    let home: string;
    beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bitscale-typing-'))));
    afterEach(() => rmSync(home, { recursive: true }));

    it('a new password is asked for twice and never shown', async () => {
      const answers: [string, string][] = [
        [NEW, PASSWORD],
        [AGAIN, PASSWORD],
      ];
      const { code, screen } = await atTerminal(`keys add alice --home ${home}`, answers);
      assert.equal(code, 0, screen);
      assert.ok(!screen.includes('correct') && !screen.includes('battery'), screen);
      assert.match(screen, /([a-z]+ ){23}[a-z]+/);
    });

    it('two passwords that differ make no key', async () => {
      const answers: [string, string][] = [
        [NEW, PASSWORD],
        [AGAIN, `${PASSWORD}!`],
      ];
      const { code, screen } = await atTerminal(`keys add alice --home ${home}`, answers);
      assert.equal(code, 65, screen);
      assert.match(screen, /the two passwords differ/);
      const listed = await atTerminal(`keys list -n --home ${home}`, []);
      assert.equal(listed.screen.trim(), '');
    });

    it('a question is answered by yes, and what was typed is on the screen', async () => {
      const test = `--keyring-backend test --home ${home}`;
      assert.equal((await atTerminal(`keys add alice ${test}`, [])).code, 0);
      const { code, screen } = await atTerminal(`keys delete alice ${test}`, [['[y/N]: ', 'yes']]);
      assert.equal(code, 0, screen);
      assert.match(screen, /yes/);
    });
  });
}
