import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertKey, keyFaults } from '../../circuits/tools/check-key.js';
import { assertSecrets, drawSecrets } from '../../circuits/tools/key-scalars.js';
import { staleFiles } from '../../circuits/tools/layout.js';
import { differences, measure, readManifest } from '../../circuits/tools/manifest.js';
import { BUILD_TIMEOUT, buildProfile } from './built-circuit.ts';
import { forge, withoutSecondPhase, type VerifyingKey } from './forged-key.ts';
import { TEST_SHAPE, buildBatch } from './reference-batch.ts';
import { SCENARIOS, openLedger } from './scenarios.ts';

const TOOLS = fileURLToPath(new URL('../../circuits/tools/', import.meta.url));
const tool = (name: string, ...args: string[]): void =>
  void execFileSync(process.execPath, [join(TOOLS, name), ...args], { stdio: 'pipe' });
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** snarkjs's own verifier, in a process of its own. */
function verifies(key: VerifyingKey, inputs: readonly string[], proof: unknown): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'bitscale-verify-'));
  try {
    const paths = ['key.json', 'public.json', 'proof.json'].map((name) => join(folder, name));
    for (const [i, value] of [key, inputs, proof].entries()) {
      writeFileSync(paths[i] as string, JSON.stringify(value));
    }
    tool('verify.js', ...paths);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('circuit keys', function () {
  this.timeout(BUILD_TIMEOUT);
  let folder: string;
  let key: VerifyingKey;
  before(() => {
    folder = buildProfile('test');
    key = readJson(`${folder}vkey.json`) as VerifyingKey;
  });

  it('prove a full batch through the command line of the prover', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'bitscale-prove-'));
    const at = (name: string): string => join(scratch, name);
    try {
      const scenario = SCENARIOS[6] as (typeof SCENARIOS)[number];
      const { input } = buildBatch(openLedger(TEST_SHAPE.depth), TEST_SHAPE, scenario.batch);
      const asText = (_: string, value: unknown): unknown =>
        typeof value === 'bigint' ? String(value) : value;
      writeFileSync(at('input.json'), JSON.stringify(input, asText));
      tool('witness.js', `${folder}batch_test.wasm`, at('input.json'), at('witness.wtns'));
      const files = [at('witness.wtns'), at('proof.json'), at('public.json')];
      tool('prove.js', `${folder}batch_test.zkey`, ...files);
      const inputs = readJson(at('public.json')) as string[];
      const names = ['domain', 'oldRoot', 'newRoot', 'commitment', 'z', 'y'];
      assert.deepEqual(
        inputs,
        names.map((name) => String(input[name])),
      );
      const proof = readJson(at('proof.json'));
      assert.ok(verifies(key, inputs, proof));
      for (const i of inputs.keys()) {
        const other = inputs.with(i, String(BigInt(inputs[i] as string) + 1n));
        assert.ok(!verifies(key, other, proof), `holds for another ${names[i]}`);
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });

  it('are refused when gamma equals delta, because then anything can be proved', () => {
    const weak = withoutSecondPhase(key);
    const inputs = [1n, 2n, 3n, 4n, 5n, 6n];
    const proof = forge(weak, inputs);
    assert.ok(verifies(weak, inputs.map(String), proof), 'the forgery fails against the weak key');
    assert.ok(!verifies(key, inputs.map(String), proof), 'the forgery holds for the real key');
    assert.throws(() => assertKey(weak), /gamma equals delta/);
    assert.doesNotThrow(() => assertKey(key));
  });

  it('are marked as dev keys, and unmarked ones must come from a ceremony', () => {
    assert.equal(key.bitscale?.dev, true);
    const { bitscale: _mark, ...unmarked } = key;
    assert.deepEqual(keyFaults(unmarked), ['gamma is not the generator: not from a ceremony']);
  });

  it('are never drawn with equal, zero or degenerate secrets', () => {
    const secrets = drawSecrets('some seed');
    assert.deepEqual(drawSecrets('some seed'), secrets);
    assert.throws(() => assertSecrets({ ...secrets, gamma: secrets.delta }), /gamma equals delta/);
    assert.throws(() => assertSecrets({ ...secrets, alpha: 0n }), /zero/);
    assert.throws(() => assertSecrets({ ...secrets, tau: 1n }), /root of unity/);
  });

  it('are the pinned ones', () => {
    const { constraints } = readManifest().profiles['test'] ?? { constraints: 0 };
    assert.deepEqual(differences('test', measure('test', constraints)), []);
  });
});

describe('generated code', () => {
  it('is what the table of widths and the profiles say', () => assert.deepEqual(staleFiles(), []));
});
