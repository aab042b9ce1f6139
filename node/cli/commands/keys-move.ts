/** bitscale keys export, import, import-hex, rename, delete. */
import { fromHex, toHex, type Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { isSecp256k1PrivateKey } from '../../base/secp256k1.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { addressOf } from '../keyring/entry.ts';
import { localEntry } from '../keyring/keyring.ts';
import {
  confirm,
  findKey,
  KEYRING_OPTIONS,
  openKeyring,
  readNewPassword,
  readPassword,
  YES_OPTION,
} from '../keyring/options.ts';
import { outputOption, printResult } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { readWhole } from '../whole-file.ts';
import { describeKey } from './keys-show.ts';

const MIN_EXPORT_PASSWORD_CHARS = 8;

async function exportPassword(terminal: Terminal): Promise<string> {
  const first = await terminal.readSecret('New password for the exported key: ');
  if ([...first].length < MIN_EXPORT_PASSWORD_CHARS) {
    throw usageError(`a password has at least ${MIN_EXPORT_PASSWORD_CHARS} characters`);
  }
  if (!terminal.interactive) return first;
  const second = await terminal.readSecret('The same again: ');
  if (first !== second) throw new ExitError(EXIT_DATA, 'the two passwords differ');
  return first;
}

export const exportCommand: Command = {
  name: 'keys export',
  summary: 'Print a private key, encrypted under another password, as the Cosmos SDK reads it',
  arguments: ['<name_or_address>'],
  options: {
    ...KEYRING_OPTIONS,
    ...YES_OPTION,
    'unarmored-hex': { help: 'not encrypted, in hexadecimal; needs --unsafe' },
    unsafe: { help: 'yes, the secret in the open' },
  },
  examples: [
    'bitscale keys export alice > alice.asc',
    'bitscale keys export alice --unarmored-hex --unsafe',
  ],
  async run(call, terminal) {
    const keyring = openKeyring(call, terminal);
    const { name } = findKey(keyring, call.argument(0));
    const ask = (): Promise<string> => readPassword(call, terminal);
    if (call.flag('unarmored-hex') !== call.flag('unsafe')) {
      throw usageError('--unarmored-hex and --unsafe go together');
    }
    if (call.flag('unsafe')) {
      await confirm(call, terminal, 'Whoever sees the key has the account. Print it?');
      const { privateKey } = await keyring.unlock(name, ask);
      return terminal.print(toHex(privateKey));
    }
    const { privateKey } = await keyring.unlock(name, ask);
    const { armorPrivateKey } = await import('../keyring/armor.ts');
    terminal.print(armorPrivateKey(privateKey, await exportPassword(terminal)));
  },
};

async function addPrivateKey(call: Call, terminal: Terminal, privateKey: Bytes): Promise<void> {
  if (!isSecp256k1PrivateKey(privateKey)) throw new ExitError(EXIT_DATA, 'not a private key');
  const entry = localEntry(call.argument(0), privateKey);
  const ask = (): Promise<string> => readNewPassword(call, terminal);
  await openKeyring(call, terminal).add(entry, { privateKey, mnemonic: '' }, ask);
  printResult(call, terminal, describeKey(entry));
}

export const importCommand: Command = {
  name: 'keys import',
  summary: 'Take in a private key that bitscale or a program of the Cosmos SDK exported',
  arguments: ['<name>', '<file>'],
  options: { ...KEYRING_OPTIONS, ...outputOption('text') },
  examples: ['bitscale keys import alice alice.asc'],
  async run(call, terminal) {
    const text = readWhole(call.argument(1));
    const password = await terminal.readSecret('Password of the exported key: ');
    const { unarmorPrivateKey } = await import('../keyring/armor.ts');
    await addPrivateKey(call, terminal, await unarmorPrivateKey(text, password));
  },
};

export const importHexCommand: Command = {
  name: 'keys import-hex',
  summary: 'Take in a private key in hexadecimal, read from the keyboard or standard input',
  arguments: ['<name>'],
  options: { ...KEYRING_OPTIONS, ...outputOption('text') },
  examples: ['bitscale keys import-hex alice < key.hex'],
  async run(call, terminal) {
    const typed = await terminal.readSecret('Private key: ');
    const hex = typed.trim().replace(/^0x/, '');
    if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
      throw new ExitError(EXIT_DATA, 'a private key has 64 hexadecimal digits');
    }
    await addPrivateKey(call, terminal, fromHex(hex.toLowerCase()));
  },
};

export const renameCommand: Command = {
  name: 'keys rename',
  summary: 'Give a key another name',
  arguments: ['<key>', '<new_name>'],
  options: { ...KEYRING_OPTIONS, ...YES_OPTION },
  examples: ['bitscale keys rename alice treasurer -y'],
  async run(call, terminal) {
    const keyring = openKeyring(call, terminal);
    const [old, name] = [keyring.show(call.argument(0)).name, call.argument(1)];
    await confirm(call, terminal, `Rename ${old} to ${name}?`);
    await keyring.rename(old, name, () => readPassword(call, terminal));
    terminal.warn(`${old} is now ${name}`);
  },
};

export const deleteCommand: Command = {
  name: 'keys delete',
  summary: 'Delete account keys from a home for ever',
  arguments: ['<key...>'],
  options: { ...KEYRING_OPTIONS, ...YES_OPTION },
  examples: ['bitscale keys delete alice'],
  async run(call, terminal) {
    const keyring = openKeyring(call, terminal);
    const entries = call.rest(0).map((name) => keyring.show(name));
    for (const entry of entries) {
      await confirm(call, terminal, `Delete ${entry.name}, ${addressOf(entry)}, for ever?`);
      keyring.delete(entry.name);
      terminal.warn(`${entry.name} is deleted`);
    }
  },
};
