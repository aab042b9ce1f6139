/** The floors of the house: which folder may import which. See ARCHITECTURE.md. */
import { posix } from 'node:path';
import { importsOf, type Source } from './parse.ts';

/** One room: files of a room may import each other and whatever `mayImport` allows. */
export interface Room {
  readonly name: string;
  readonly floor: number;
}

const WORLD = new Set([
  'engine',
  'mempool',
  'network',
  'sync',
  'rpc',
  'rollup',
  'metrics',
  'gateway',
]);
/** Outside the house: these import nothing above the floors named here. */
const OUTSIDE: ReadonlyMap<string, number> = new Map([
  ['genesis', 0],
  ['services', -1],
  ['circuits', -1],
  ['contracts', -1],
]);

export function roomOf(path: string): Room | undefined {
  const parts = path.split('/');
  const [top = '', second = ''] = parts;
  if (path.startsWith('proto/gen/')) return { name: 'proto/gen', floor: 0 };
  if (OUTSIDE.has(top)) return { name: top === 'services' ? `services/${second}` : top, floor: -1 };
  if (top === 'modules') return { name: `modules/${second}`, floor: 3 };
  if (top !== 'node') return undefined;
  if (second === 'base') return { name: 'node/base', floor: 0 };
  if (second === 'store' || second === 'consensus') return { name: `node/${second}`, floor: 1 };
  if (second === 'app') return { name: 'node/app', floor: 2 };
  if (WORLD.has(second)) return { name: `node/${second}`, floor: 4 };
  return { name: 'node', floor: 5 };
}

const isClientPart = (path: string): boolean => /^modules\/[^/]+\/client\.ts$/.test(path);

/** Building and deploying circuits and contracts: for the composition root only. */
const isTool = (path: string): boolean => /^(?:circuits|contracts)\/tools\//.test(path);

/** Why `from` may not import `to`, or undefined when it may. */
export function whyForbidden(from: string, to: string): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === undefined || here.name === there?.name) return undefined;
  if (there === undefined) return `${to} belongs to no floor`;
  if (there.floor === -1) {
    const isRoot = here.floor === 5 && (there.name === 'genesis' || isTool(to));
    return isRoot ? undefined : `${there.name} is not for ${here.name}`;
  }
  if (here.floor === -1) return whyOutsiderForbidden(here.name, to, there);
  if (there.floor >= here.floor) {
    return `floor ${here.floor} (${here.name}) may not reach floor ${there.floor} (${there.name})`;
  }
  if (here.floor === 4 && there.floor === 3 && here.name !== 'node/rollup') {
    return `${here.name} may not know a module`;
  }
  return undefined;
}

function whyOutsiderForbidden(here: string, to: string, there: Room): string | undefined {
  const isService = here.startsWith('services/');
  if (isService && (there.name === 'proto/gen' || isClientPart(to))) return undefined;
  if (there.floor <= (OUTSIDE.get(here) ?? -1)) return undefined;
  return `${here} may not import ${there.name}`;
}

/** The file a relative import names, or undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

export function floorViolations(sources: readonly Source[]): string[] {
  const found: string[] = [];
  for (const source of sources) {
    for (const { specifier, line } of importsOf(source)) {
      const to = resolveImport(source.path, specifier);
      if (to === undefined) continue;
      const why = whyForbidden(source.path, to);
      if (why !== undefined) found.push(`${source.path}:${line} imports ${to}: ${why}`);
    }
  }
  return found;
}

/** One line per circle of imports, type imports included. */
export function importCycles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source).flatMap(({ specifier }) => resolveImport(source.path, specifier) ?? []),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}
