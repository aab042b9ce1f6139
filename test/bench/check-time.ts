/** How long npm run check takes: what everybody waits for before a commit. */
import { spawnSync } from 'node:child_process';
import type { Benchmark } from './benchmark.ts';
import { ROOT } from './local-network.ts';
import { atMost, fact, seconds } from './report.ts';

const NAME = 'check';
const MOST_SECONDS = 60;

export const checkTime: Benchmark = {
  name: 'check',
  summary: 'how long npm run check takes',
  run: async () => {
    const started = performance.now();
    const { status } = spawnSync('npm', ['run', '--silent', 'check'], {
      cwd: ROOT,
      stdio: 'ignore',
      shell: process.platform === 'win32',
    });
    const taken = (performance.now() - started) / 1000;
    return [
      atMost([NAME, 'npm run check'], taken, MOST_SECONDS, seconds),
      fact(NAME, 'npm run check says', status === 0 ? 'all is well' : `exit code ${status}`),
    ];
  },
};
