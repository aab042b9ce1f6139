import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAMS = [
  'test/bench/bench.ts',
  'test/bench/prover-check.ts',
  'test/crash/run.ts',
  'test/damage/run.ts',
  'test/fuzz/proofs.ts',
  'test/fuzz/run.ts',
  'test/net/run.ts',
  'test/simulation/run.ts',
  'test/simulation/twins/run.ts',
  'test/stock/cometbft-light.ts',
  'test/stock/comet-client.ts',
  'test/stock/grpcurl.ts',
  'test/stock/keplr.ts',
  'test/verifier/main.ts',
];
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function run(program: string, option: string) {
  return spawnSync(process.execPath, [program, option], { cwd: ROOT, encoding: 'utf8' });
}

describe('programs that test and measure', () => {
  for (const program of PROGRAMS) {
    it(`${program} explains itself, and says what it does not understand`, () => {
      const help = run(program, '--help');
      assert.equal(help.status, 0, help.stderr);
      assert.match(help.stdout, / --[a-z]/);
      const wrong = run(program, '--nonsense');
      assert.ok(wrong.status === 2 || wrong.status === 64, `exit code ${wrong.status}`);
      assert.match(wrong.stderr, /--nonsense/);
      assert.doesNotMatch(wrong.stderr, /^ +at /m, 'no stack trace');
    });
  }
});
