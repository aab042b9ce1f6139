/** The rules of style, each a function from the sources to a list of violations. */
import {
  importsOf,
  isFunctionHeader,
  lineAt,
  longBlocks,
  parameterCounts,
  type Source,
} from './parse.ts';

export const MAX_FILE_LINES = 400;
export const MAX_FUNCTION_LINES = 70;
export const MAX_PARAMETERS = 4;

export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ lines }) => lines > MAX_FILE_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}

export function longFunctions(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    longBlocks(source, MAX_FUNCTION_LINES)
      .filter(({ header }) => isFunctionHeader(header) && !isTestGroup(source, header))
      .map(({ line, lines }) => `${source.path}:${line} is a function of ${lines} lines`),
  );
}

/** The callback of describe() is a list of tests, not a function to follow. */
function isTestGroup(source: Source, header: string): boolean {
  return (
    source.path.startsWith('test/') &&
    /^(?:'[^']*'|"[^"]*"|\s*),\s*(?:function\s*)?\(\)/.test(header)
  );
}

export function manyParameters(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    parameterCounts(source)
      .filter(({ count }) => count > MAX_PARAMETERS)
      .map(({ name, line, count }) => `${source.path}:${line} ${name} has ${count} parameters`),
  );
}

const BANNED_WORDS = new Set('manager managers helper helpers util utils common misc'.split(' '));
const DECLARED = /\b(?:function|class|interface|type|const|let)\s+([A-Za-z_$][\w$]*)/g;

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());

export function bannedNames(sources: readonly Source[]): string[] {
  const isBanned = (name: string): boolean => wordsOf(name).some((word) => BANNED_WORDS.has(word));
  return sources.flatMap((source) => {
    const found = isBanned(source.path) ? [`${source.path} has a banned name`] : [];
    for (const match of source.code.matchAll(DECLARED)) {
      if (!isBanned(match[1]!)) continue;
      found.push(`${source.path}:${lineAt(source.text, match.index)} ${match[1]} is a banned name`);
    }
    return found;
  });
}

export function badFileNames(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(path.split('/').at(-1)!))
    .map(({ path }) => `${path} is not in kebab-case`);
}

interface Ban {
  readonly pattern: RegExp;
  readonly what: string;
}

/** What would make two nodes compute different things, or wait. */
const DETERMINISM: readonly Ban[] = [
  { pattern: /(?<![\w$.])Date\b/g, what: 'Date' },
  { pattern: /\bMath\s*\.\s*random\b/g, what: 'Math.random' },
  { pattern: /\bMath\s*\.\s*(?:pow|sqrt|cbrt|exp|log\w*|sin|cos|tan)\b/g, what: 'inexact Math' },
  {
    pattern: /(?<![\w$.])(?:process|performance|fetch|Intl)\s*[.(]/g,
    what: 'a global of the host',
  },
  {
    pattern: /(?<![\w$.])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
    what: 'a timer',
  },
  { pattern: /\btoLocale\w*|\blocaleCompare\b/g, what: 'the locale' },
  { pattern: /\bparseFloat\b/g, what: 'parseFloat' },
  { pattern: /\bfor\s*\(\s*(?:const|let)\s+\w+\s+in\b/g, what: 'for...in' },
];
const ASYNC: readonly Ban[] = [{ pattern: /(?<![\w$.])(?:async|await)\b/g, what: 'async' }];
const UNTYPED: readonly Ban[] = [{ pattern: /\bthrow new Error\(/g, what: 'an untyped error' }];
const CONSOLE: readonly Ban[] = [{ pattern: /(?<![\w$.])console\s*\./g, what: 'console' }];

const isPure = (path: string): boolean => /^(?:node\/(?:consensus|app)|modules)\//.test(path);
/** The places of the application kit that wait for the disk. */
const MAY_WAIT = new Set(['node/app/abci.ts', 'node/app/application.ts', 'node/app/state-sync.ts']);

function bansFor(path: string): Ban[] {
  const bans: Ban[] = [];
  if (isPure(path)) bans.push(...DETERMINISM, ...UNTYPED);
  if (isPure(path) && !MAY_WAIT.has(path)) bans.push(...ASYNC);
  if (/^(?:node|modules)\//.test(path) && !path.startsWith('node/cli/')) bans.push(...CONSOLE);
  return bans;
}

export function bannedGlobals(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found = bansFor(source.path).flatMap(({ pattern, what }) =>
      [...source.code.matchAll(pattern)].map(
        (match) => `${source.path}:${lineAt(source.text, match.index)} uses ${what}`,
      ),
    );
    const builtins = importsOf(source).filter(({ specifier }) => specifier.startsWith('node:'));
    if (!isPure(source.path)) return found;
    return [
      ...found,
      ...builtins.map(({ line }) => `${source.path}:${line} imports a node: module`),
    ];
  });
}

/** A bound that nothing asks about bounds nothing. */
export function unusedLimits(sources: readonly Source[]): string[] {
  const isLimits = (path: string): boolean => /^node\/base\/limits(-\w+)?\.ts$/.test(path);
  const names = sources
    .filter(({ path }) => isLimits(path))
    .flatMap(({ code }) => [...code.matchAll(/export const (\w+)/g)].map((match) => match[1]!));
  const words = new Set(
    sources
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap(({ path, code }) => {
        const own = isLimits(path) ? code.replace(/export const \w+/g, '') : code;
        return own.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? [];
      }),
  );
  return names.filter((name) => !words.has(name)).map((name) => `${name} is not used`);
}

export function leftovers(sources: readonly Source[]): string[] {
  const pattern = new RegExp(
    `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`,
    'g',
  );
  return sources.flatMap((source) =>
    [...source.text.matchAll(pattern)].map(
      (match) => `${source.path}:${lineAt(source.text, match.index)} says ${match[0]}`,
    ),
  );
}

/** What is left of a merge that nobody finished. */
export function unfinishedMerges(texts: readonly Pick<Source, 'path' | 'text'>[]): string[] {
  return texts.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:<{7}|>{7}) /gm)].map((match) => `${path}:${lineAt(text, match.index)}`),
  );
}

const SWITCHED_OFF =
  /\b(?:describe|context|it|test|suite)\s*\.\s*(?:only|skip)\b|\b(?:xit|xdescribe|xcontext)\s*\(/g;

export function switchedOffTests(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('test/'))
    .flatMap((source) =>
      [...source.code.matchAll(SWITCHED_OFF)].map(
        (match) => `${source.path}:${lineAt(source.text, match.index)} has ${match[0]}`,
      ),
    );
}
