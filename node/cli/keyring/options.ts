/** Options of all commands that use keys, and how passwords are asked for: never on the command line. */
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { usageError, type Call, type OptionSpec } from '../command.ts';
import { HOME_OPTION, homeFolder, PASSWORD_OPTION } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';
import { readWhole } from '../whole-file.ts';
import { BACKENDS, Keyring, type Backend } from './keyring.ts';
import type { KeyEntry } from './entry.ts';

type Options = Readonly<Record<string, OptionSpec>>;

export const KEYRING_OPTIONS: Options = {
  ...HOME_OPTION,
  'keyring-backend': {
    value: `<${BACKENDS.join('|')}>`,
    help: 'file: encrypted; test: not. Else BITSCALE_KEYRING_BACKEND, else file',
    choices: BACKENDS,
  },
  'keyring-dir': { value: '<folder>', help: 'where the keys are, when not in the home' },
  ...PASSWORD_OPTION,
};

export const YES_OPTION: Options = { yes: { help: 'do not ask', short: 'y' } };

export function openKeyring(call: Call, terminal: Terminal): Keyring {
  const wanted =
    call.optional('keyring-backend') ?? terminal.environment['BITSCALE_KEYRING_BACKEND'] ?? 'file';
  const backend = BACKENDS.find((name) => name === wanted);
  if (backend === undefined) {
    throw usageError(`the keyring backend is one of ${BACKENDS.join(', ')}, not "${wanted}"`);
  }
  return new Keyring(
    call.optional('keyring-dir') ?? homeFolder(call, terminal),
    backend satisfies Backend,
  );
}

/** By name or address. Throws ExitError 65 when there is no such key. */
export function findKey(keyring: Keyring, nameOrAddress: string): KeyEntry {
  return keyring.find(nameOrAddress) ?? keyring.show(nameOrAddress);
}

/** From --password-file or the keyboard. */
export async function readPassword(
  call: Call,
  terminal: Terminal,
  prompt = 'Password of the key: ',
): Promise<string> {
  const file = call.optional('password-file');
  if (file === undefined) return terminal.readSecret(prompt);
  return readWhole(file).replace(/\r?\n$/, '');
}

/** A person types it twice. Throws ExitError 65 when the two differ. */
export async function readNewPassword(
  call: Call,
  terminal: Terminal,
  prompt = 'New password of the key: ',
): Promise<string> {
  const first = await readPassword(call, terminal, prompt);
  if (!terminal.interactive || call.optional('password-file') !== undefined) return first;
  const second = await terminal.readSecret('The same again: ');
  if (first !== second) throw new ExitError(EXIT_DATA, 'the two passwords differ');
  return first;
}

/** Throws ExitError 64 unless the answer is yes. */
export async function confirm(call: Call, terminal: Terminal, question: string): Promise<void> {
  if (call.flag('yes')) return;
  const answer = await terminal.readLine(`${question} [y/N]: `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw usageError('nothing was done');
}
