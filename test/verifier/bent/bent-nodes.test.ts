/** A node that is wrong in the same way when it writes and when it checks: only a stranger sees it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyChains } from '../several.ts';
import { BENDS } from './bends.ts';

const NODE = fileURLToPath(new URL('bent-node.ts', import.meta.url));

describe('verifier: nodes with a mistake of their own', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bent-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const rulesOf = async (bend: string): Promise<Set<string>> => {
    execFileSync(process.execPath, [NODE, folder, bend]);
    const { violations, chains } = await verifyChains({ homes: [folder] });
    assert.deepEqual(
      chains.map(({ from, to }) => [from, to]),
      [[1, 6]],
    );
    return new Set(violations.map(({ rule }) => rule));
  };

  it('no mistake, no violation', async () => {
    assert.deepEqual(await rulesOf('none'), new Set());
  });

  for (const [name, { rule }] of Object.entries(BENDS)) {
    it(`${name}: found by its ${rule}`, async () => {
      const rules = await rulesOf(name);
      assert.ok(rules.has(rule), [...rules].join(', '));
    });
  }
});
