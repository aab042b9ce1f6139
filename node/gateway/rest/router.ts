/** Finds the method that a verb and a path mean. Templates are those of google.api.http: `{field}`, `{field=**}`. */
import { badRequest } from '../status.ts';

export interface Route {
  readonly verb: 'GET' | 'POST';
  readonly template: string;
  /** gRPC path of the method. */
  readonly method: string;
}

/** Templates below `base` by method; GET unless it says POST. Some methods stand at two places. */
export interface ServiceRoutes {
  readonly service: string;
  readonly base: string;
  readonly methods: Readonly<Record<string, string | readonly string[]>>;
}

export interface Match {
  readonly method: string;
  /** Fields of the request that stand in the path. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

interface Segment {
  readonly literal?: string;
  readonly field?: string;
  /** Takes the rest of the path, slashes included. */
  readonly isRest?: boolean;
}

interface Compiled extends Route {
  readonly segments: readonly Segment[];
}

const PREFIX_SEGMENTS = 3;

export class Router {
  /** By the first words of the path, so that few templates are tried. */
  readonly #routes = new Map<string, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const segments = split(route.template).map(compile);
      const prefix = prefixOf(split(route.template));
      const group = this.#routes.get(prefix) ?? [];
      group.push({ ...route, segments });
      this.#routes.set(prefix, group);
    }
    // `supply/by_denom` comes before `supply/{denom}`.
    for (const group of this.#routes.values()) group.sort((a, b) => moreLiteral(a, b));
  }

  /** `wrong-verb`: the path exists for another verb. Throws GatewayError when the path cannot be read. */
  find(verb: string, path: string): Match | 'wrong-verb' | undefined {
    const words = split(path);
    let isKnown = false;
    for (const route of this.#routes.get(prefixOf(words)) ?? []) {
      const raw = match(route.segments, words);
      if (raw === undefined) continue;
      isKnown = true;
      if (route.verb !== verb) continue;
      const fields = new Map([...raw].map(([name, text]) => [name, [unescape(text)]]));
      return { method: route.method, fields };
    }
    return isKnown ? 'wrong-verb' : undefined;
  }
}

const split = (path: string): string[] => path.replace(/^\//, '').split('/');
const prefixOf = (words: readonly string[]): string => words.slice(0, PREFIX_SEGMENTS).join('/');

function compile(word: string): Segment {
  const [, field, rest] = /^\{([\w.]+)(=\*\*)?\}$/.exec(word) ?? [];
  if (field === undefined) return { literal: word };
  return { field, isRest: rest !== undefined };
}

function moreLiteral(a: Compiled, b: Compiled): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [rank(a.segments[index]), rank(b.segments[index])];
    if (left !== right) return left - right;
  }
  return 0;
}

function rank(segment: Segment | undefined): number {
  if (segment?.isRest === true) return 2;
  return segment?.field === undefined ? 0 : 1;
}

function match(
  segments: readonly Segment[],
  words: readonly string[],
): Map<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const [index, { literal, field = '', isRest }] of segments.entries()) {
    const word = words[index];
    if (word === undefined) return undefined;
    if (isRest === true) {
      fields.set(field, words.slice(index).join('/'));
      return fields;
    }
    if (literal === undefined) fields.set(field, word);
    else if (literal !== word) return undefined;
  }
  return segments.length === words.length ? fields : undefined;
}

function unescape(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw badRequest('the path is not well escaped');
  }
  if (plain.split('/').some((word) => word === '..' || word === '.')) {
    throw badRequest('the path leads out of itself');
  }
  return plain;
}
