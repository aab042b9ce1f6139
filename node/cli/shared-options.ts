/** Options that several commands have, with one meaning everywhere. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Call, OptionSpec } from './command.ts';
import type { Terminal } from './terminal.ts';

export const HOME_OPTION: Readonly<Record<string, OptionSpec>> = {
  home: {
    value: '<folder>',
    help: 'where node and keys live; else BITSCALE_HOME, else ~/.bitscale',
  },
};

export const NODE_OPTION: Readonly<Record<string, OptionSpec>> = {
  node: { value: '<url>', help: 'RPC of a node', default: 'http://127.0.0.1:26657' },
};

export const PASSWORD_OPTION: Readonly<Record<string, OptionSpec>> = {
  'password-file': {
    value: '<file>',
    help: 'read the password of the key from a file, not the keyboard',
  },
};

export function homeFolder(call: Call, terminal: Terminal): string {
  return (
    call.optional('home') ?? terminal.environment['BITSCALE_HOME'] ?? join(homedir(), '.bitscale')
  );
}

/** JSON for people and programs: two spaces, bigint as text, bytes as base64. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, replacer, 2);
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.print(jsonText(value));
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
