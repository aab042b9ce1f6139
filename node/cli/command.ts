/** One command of the program: its words, arguments, options and what it does. */
import { parseArgs } from 'node:util';
import { EXIT_USAGE, ExitError } from '../base/exit.ts';
import type { Terminal } from './terminal.ts';

export interface OptionSpec {
  /** Absent for a switch; else what stands for the value in the help text, such as "<url>". */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** One letter that stands for it after a single dash. */
  readonly short?: string;
  /** The values there are. */
  readonly choices?: readonly string[];
}

export interface Command {
  /** The words that call it, such as "keys add". */
  readonly name: string;
  /** Other words that call it, as users of similar programs know it. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** "<name>" is required, "[name]" may be left out; the last may be "[name...]" or "<name...>". */
  readonly arguments?: readonly string[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly examples?: readonly string[];
  run(call: Call, terminal: Terminal): Promise<void> | void;
}

export function usageError(sentence: string): ExitError {
  return new ExitError(EXIT_USAGE, sentence);
}

/** What the user typed, checked against the command. */
export class Call {
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly #arguments: readonly string[];
  readonly command: Command;

  /** Throws ExitError 64 for an option or argument the command does not have. */
  constructor(command: Command, args: readonly string[]) {
    this.command = command;
    const specs = Object.entries(command.options ?? {});
    const options = specs.map(([name, { value, multiple = false, short }]) => {
      const type = value === undefined ? 'boolean' : 'string';
      return [name, { type, multiple, ...(short !== undefined && { short }) }] as const;
    });
    try {
      const parsed = parseArgs({
        args: [...args],
        options: Object.fromEntries(options),
        allowPositionals: true,
      });
      this.#values = parsed.values;
      this.#arguments = parsed.positionals;
    } catch (cause) {
      const message = (cause as Error).message.split('. ')[0]!;
      throw new ExitError(EXIT_USAGE, `${message}; see: bitscale ${command.name} --help`, {
        cause,
      });
    }
    this.#checkCount();
    this.#checkChoices();
  }

  #checkChoices(): void {
    for (const [name, { choices }] of Object.entries(this.command.options ?? {})) {
      const value = this.optional(name);
      if (value === undefined || (choices?.includes(value) ?? true)) continue;
      throw usageError(`--${name} is one of ${choices!.join(', ')}, not "${value}"`);
    }
  }

  #checkCount(): void {
    const specs = this.command.arguments ?? [];
    const required = specs.filter((spec) => spec.startsWith('<')).length;
    const usage = `usage: bitscale ${[this.command.name, ...specs].join(' ')}`;
    if (this.#arguments.length < required) throw usageError(usage);
    const isOpen = specs.at(-1)?.includes('...') ?? false;
    if (this.#arguments.length > specs.length && !isOpen) throw usageError(usage);
  }

  /** A required argument by position. */
  argument(index: number): string {
    return this.#arguments[index] ?? '';
  }

  optionalArgument(index: number): string | undefined {
    return this.#arguments[index];
  }

  /** All arguments from this position on. */
  rest(index: number): readonly string[] {
    return this.#arguments.slice(index);
  }

  /** The value of an option, or its default. */
  optional(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : this.command.options?.[name]?.default;
  }

  /** As optional, but throws ExitError 64 when there is no value. */
  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw usageError(`--${name} is needed`);
    return value;
  }

  list(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** A whole number from 0. Throws ExitError 64. */
  integer(name: string): number {
    return wholeNumber(this.text(name), `--${name}`);
  }
}

/** Throws ExitError 64 naming `what`. */
export function wholeNumber(text: string, what: string): number {
  const value = Number(text);
  if (!/^(?:0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(value)) {
    throw usageError(`${what} must be a whole number, not "${text}"`);
  }
  return value;
}
