/** `npm ci` must accept the lockfile on every platform, and no install may differ from another. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { missingEntries, platformEntry } from '../node/cli/fill-lockfile.js';

interface Entry {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { packages } = read('package-lock.json') as { packages: Record<string, Entry> };
const manifest = read('package.json') as Entry & { overrides: Record<string, string> };

describe('lockfile', () => {
  it('has an entry for every optional package; node/cli/fill-lockfile.js adds them', () => {
    assert.deepEqual(
      missingEntries(packages).map(([name]) => name),
      [],
    );
  });

  it('belongs to package.json', () => {
    const root = packages[''];
    assert.deepEqual(root?.dependencies, manifest.dependencies);
    assert.deepEqual(root?.devDependencies, manifest.devDependencies);
    assert.deepEqual(root?.optionalDependencies, manifest.optionalDependencies);
  });

  it('pins exact versions only', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    for (const [name, version] of Object.entries(all)) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
      assert.equal(packages[`node_modules/${name}`]?.version, version, name);
    }
  });

  it('holds one @scure/base, the one that CosmJS works with', () => {
    const versions = Object.entries(packages)
      .filter(([path]) => path.endsWith('node_modules/@scure/base'))
      .map(([, { version }]) => version);
    assert.deepEqual(versions, ['2.0.0']);
  });

  it('reads the platform from the name of a package', () => {
    const entry = (name: string): unknown => platformEntry(`node_modules/${name}`, '1.2.3', {});
    const base = { version: '1.2.3', optional: true };
    assert.deepEqual(entry('@x/anvil-win32-amd64'), { ...base, os: ['win32'], cpu: ['x64'] });
    const musl = { ...base, os: ['linux'], cpu: ['arm'], libc: ['musl'] };
    assert.deepEqual(entry('@x/binding-linux-arm-musleabihf'), musl);
    assert.throws(() => entry('left-pad'));
    assert.throws(() => platformEntry('node_modules/x-linux-x64', '^1.0.0', {}));
  });
});
