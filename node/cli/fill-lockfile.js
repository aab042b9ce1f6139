// Completes package-lock.json where the registry did not serve the packages of other platforms: npm 11
// refuses a lockfile in which an optional dependency has no entry. Run after `npm install` changed it.
//
//   node node/cli/fill-lockfile.js [package-lock.json]
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const OS = { win: 'win32', win32: 'win32', darwin: 'darwin', linux: 'linux' };
for (const name of ['android', 'freebsd', 'openharmony']) OS[name] = name;
const CPU = { amd64: 'x64', x64: 'x64' };
for (const name of ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x']) CPU[name] = name;

/** Optional dependencies without an entry: [path of the entry, version, entry of who asks for it]. */
export function missingEntries(packages) {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).flatMap(([name, version]) => {
      const nested = `${parent === '' ? '' : `${parent}/`}node_modules/${name}`;
      const top = `node_modules/${name}`;
      return nested in packages || top in packages ? [] : [[top, version, entry]];
    }),
  );
}

/** What the name of a platform package says about where it runs. */
export function platformEntry(path, version, parent) {
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`${path}: ${version} is not an exact version`);
  const words = path.split(/[/-]/);
  const os = words.map((word) => OS[word]).find(Boolean);
  const cpu = words.map((word) => CPU[word]).find(Boolean);
  if (os === undefined || cpu === undefined) throw new Error(`${path} names no platform`);
  const musl = words.some((word) => word.startsWith('musl'));
  const glibc = words.some((word) => word.startsWith('gnu'));
  const libc = musl ? { libc: ['musl'] } : glibc ? { libc: ['glibc'] } : {};
  const dev = parent.dev === true ? { dev: true } : {};
  return { version, cpu: [cpu], ...dev, ...libc, optional: true, os: [os] };
}

export function fillLockfile(path) {
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingEntries(lock.packages);
  for (const [name, version, parent] of missing) {
    lock.packages[name] = platformEntry(name, version, parent);
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  return missing.length;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = resolve(process.argv[2] ?? 'package-lock.json');
  console.log(`${fillLockfile(path)} entries added to ${path}`);
}
