import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
const LAUNCH = fileURLToPath(new URL('../../../node/cli/launch.js', import.meta.url));

describe('cli in a process of its own', () => {
  // Loading all commands at once made Node refuse packages that require ES modules, now and then.
  it('lists every first word, however often it is asked', async () => {
    for (let i = 0; i < 3; i++) {
      const { stdout } = await run(process.execPath, [LAUNCH, '--help']);
      for (const word of ['init', 'start', 'localnet', 'keys', 'prover', 'version']) {
        assert.match(stdout, new RegExp(`^  ${word} `, 'm'));
      }
    }
  });
});
