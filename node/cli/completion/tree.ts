/** What may stand where on the command line, read from the table of commands. */
import type { Command, OptionSpec } from '../command.ts';

/** Words that are all there are, names of keys, names of files or folders; undefined: nobody can know. */
export type Kind = { readonly words: readonly string[] } | 'key' | 'file' | 'folder' | undefined;

export interface Place {
  /** Under which words of the command line. */
  readonly words: string;
  /** What may come next; empty under a whole command. */
  readonly next: readonly string[];
  /** All options, and those of them that take a value. */
  readonly options: readonly string[];
  readonly valued: readonly string[];
}

export interface Tree {
  readonly places: readonly Place[];
  /** By option, for all commands alike. */
  readonly values: ReadonlyMap<string, Kind>;
  /** By command and position, such as "tx bank send 0"; "+" for that position and all after it. */
  readonly arguments: ReadonlyMap<string, Kind>;
}

const KEY_PLACES = ['name_or_address', 'from', 'key', 'multisig', 'names'];

/** What stands for a value or an argument in the help text says what it is. */
function kindOf(placeholder: string, choices?: readonly string[]): Kind {
  if (choices !== undefined) return { words: choices };
  const name = placeholder.replace(/[<>[\].]/g, '');
  if (KEY_PLACES.includes(name)) return 'key';
  if (/(?:^|_)file(?:_|$)/.test(name)) return 'file';
  return name === 'folder' ? 'folder' : undefined;
}

export function commandTree(
  commands: readonly Command[],
  shortForms: ReadonlyMap<string, string>,
): Tree {
  const named = commands.flatMap((command) =>
    allNames(command, shortForms).map((name) => ({ name, command })),
  );
  const next = new Map<string, Set<string>>([['', new Set()]]);
  for (const { name } of named) {
    const words = name.split(' ');
    for (const [index, word] of words.entries()) {
      const before = words.slice(0, index).join(' ');
      next.set(before, (next.get(before) ?? new Set()).add(word));
    }
  }
  const byName = new Map(named.map(({ name, command }) => [name, command]));
  const places = [...new Set([...next.keys(), ...byName.keys()])].sort().map((words): Place => {
    const options = Object.entries(byName.get(words)?.options ?? {});
    const flags = options.flatMap(flagsOf);
    const valued = options.filter(([, { value }]) => value !== undefined).flatMap(flagsOf);
    return {
      words,
      next: [...(next.get(words) ?? [])].sort(),
      options: [...flags, '--help'],
      valued,
    };
  });
  return { places, values: valuesOf(commands), arguments: argumentsOf(named) };
}

function allNames(command: Command, shortForms: ReadonlyMap<string, string>): string[] {
  const names = [command.name, ...(command.aliases ?? [])];
  const short = [...shortForms].flatMap(([form, word]) => {
    return names
      .filter((name) => name.startsWith(`${word} `))
      .map((name) => `${form}${name.slice(word.length)}`);
  });
  return [...names, ...short];
}

const flagsOf = ([name, { short }]: [string, OptionSpec]): string[] =>
  short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];

function valuesOf(commands: readonly Command[]): Map<string, Kind> {
  const values = new Map<string, Kind>();
  for (const option of commands.flatMap(({ options }) => Object.entries(options ?? {}))) {
    const { value, choices } = option[1];
    if (value === undefined) continue;
    for (const flag of flagsOf(option))
      values.set(flag, values.get(flag) ?? kindOf(value, choices));
  }
  return values;
}

function argumentsOf(named: readonly { name: string; command: Command }[]): Map<string, Kind> {
  const found = new Map<string, Kind>();
  for (const { name, command } of named) {
    for (const [index, placeholder] of (command.arguments ?? []).entries()) {
      const kind = kindOf(placeholder);
      if (kind === undefined) continue;
      const more = placeholder.includes('...') ? '+' : '';
      found.set(`${name} ${index}${more}`, kind);
    }
  }
  return found;
}

const kindText = (kind: Kind): string =>
  typeof kind === 'object' ? `words ${kind.words.join(' ')}` : (kind ?? '');

/** Pairs of words and what belongs to them, those with the same put together. */
export function grouped(pairs: Iterable<readonly [string, string]>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [words, text] of pairs) {
    if (text !== '') groups.set(text, [...(groups.get(text) ?? []), words]);
  }
  return groups;
}

/** The tables that every script needs, by the name of the function that answers from it. */
export function tablesOf(tree: Tree): ReadonlyMap<string, Map<string, string[]>> {
  const of = (list: (place: Place) => readonly string[]) =>
    grouped(tree.places.map((place) => [place.words, list(place).join(' ')]));
  const kinds = (map: ReadonlyMap<string, Kind>) =>
    grouped([...map].map(([words, kind]) => [words, kindText(kind)]));
  return new Map([
    ['next', of(({ next }) => next)],
    ['options', of(({ options }) => options)],
    ['valued', of(({ valued }) => valued)],
    ['value', kinds(tree.values)],
    ['argument', kinds(tree.arguments)],
  ]);
}
