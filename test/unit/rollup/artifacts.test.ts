import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDevChain, loadArtifacts } from '../../../node/rollup/artifacts.ts';

describe('rollup/artifacts', () => {
  let folder: string;
  const write = (dev: boolean): void => {
    for (const name of ['batch_test.wasm', 'batch_test.zkey'])
      writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'vkey.json'), JSON.stringify({ nPublic: 6, bitscale: { dev } }));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-artifacts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('refuses a development key on every chain that is not one for development', () => {
    write(true);
    for (const chainId of [
      'bitscale-1',
      'bitscale-local',
      'bitscale-local-0',
      'x-bitscale-local-1',
    ]) {
      assert.throws(() => loadArtifacts(folder, 'test', chainId), /is a development key/);
    }
    for (const chainId of ['bitscale-local-1', 'bitscale-dev-12', 'bitscale-test-3']) {
      assert.ok(isDevChain(chainId));
      assert.equal(loadArtifacts(folder, 'test', chainId).vkey.nPublic, 6);
    }
  });

  it('takes another key on any chain', () => {
    write(false);
    assert.equal(loadArtifacts(folder, 'test', 'bitscale-1').vkey.nPublic, 6);
  });

  it('names the missing file and the command that makes it', () => {
    write(true);
    rmSync(join(folder, 'batch_test.zkey'));
    assert.throws(
      () => loadArtifacts(folder, 'test', 'bitscale-local-1'),
      /batch_test\.zkey is missing; build it with: npm run circuits -- --profile test/,
    );
  });
});
