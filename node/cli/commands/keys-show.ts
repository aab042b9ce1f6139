/** bitscale keys list, show, parse, mnemonic: what may be seen of keys and addresses. */
import {
  ACCOUNT_PREFIX,
  accountText,
  VALCONS_PREFIX,
  valconsText,
  VALOPER_PREFIX,
  valoperText,
} from '../../base/address.ts';
import { fromBech32, toBech32 } from '../../base/bech32.ts';
import { fromHex, toHex, toUpperHex } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { addressOfKey } from '../../app/public-key.ts';
import type { Command } from '../command.ts';
import { addressOf, keyJson, type KeyEntry } from '../keyring/entry.ts';
import { newWords } from '../keyring/mnemonic.ts';
import { findKey, KEYRING_OPTIONS, openKeyring, readPassword } from '../keyring/options.ts';
import { outputOption, printResult } from '../output.ts';

/** As `simd` shows a key. */
export function describeKey(entry: KeyEntry): Record<string, unknown> {
  const { name, type, publicKey, path } = entry;
  const pubkey = JSON.stringify(keyJson(publicKey));
  return { name, type, address: addressOf(entry), pubkey, ...(path !== undefined && { path }) };
}

export const listCommand: Command = {
  name: 'keys list',
  summary: 'List the account keys of a home',
  options: {
    ...KEYRING_OPTIONS,
    ...outputOption('text'),
    'list-names': { help: 'only the names', short: 'n' },
  },
  examples: ['bitscale keys list', 'bitscale keys list --list-names'],
  run(call, terminal) {
    const entries = openKeyring(call, terminal).list();
    if (!call.flag('list-names')) return printResult(call, terminal, entries.map(describeKey));
    for (const { name } of entries) terminal.print(name);
  },
};

const BECH = {
  acc: accountText,
  val: valoperText,
  cons: valconsText,
} as const;

export const showCommand: Command = {
  name: 'keys show',
  summary: 'Show one account key, by name or address; its secret only when asked',
  arguments: ['<name_or_address>'],
  options: {
    ...KEYRING_OPTIONS,
    ...outputOption('text'),
    address: { help: 'print only the address', short: 'a' },
    pubkey: { help: 'print only the public key', short: 'p' },
    bech: {
      value: '<acc|val|cons>',
      help: 'address of the account, the operator or the consensus key',
      default: 'acc',
      choices: Object.keys(BECH),
    },
    reveal: { help: 'also show the words and the private key' },
  },
  examples: ['bitscale keys show alice -a', 'bitscale keys show alice -a --bech val'],
  async run(call, terminal) {
    const keyring = openKeyring(call, terminal);
    const entry = findKey(keyring, call.argument(0));
    const address = BECH[call.text('bech') as keyof typeof BECH](addressOfKey(entry.publicKey));
    if (call.flag('address')) return terminal.print(address);
    if (call.flag('pubkey')) return terminal.print(JSON.stringify(keyJson(entry.publicKey)));
    const shown = { ...describeKey(entry), address };
    if (!call.flag('reveal')) return printResult(call, terminal, shown);
    const ask = (): Promise<string> => readPassword(call, terminal);
    const { privateKey, mnemonic } = await keyring.unlock(entry.name, ask);
    printResult(call, terminal, { ...shown, mnemonic, private_key: toHex(privateKey) });
  },
};

const PREFIXES = [ACCOUNT_PREFIX, VALOPER_PREFIX, VALCONS_PREFIX];

export const parseCommand: Command = {
  name: 'keys parse',
  summary: 'Write an address in all its forms',
  arguments: ['<hex_or_bech32>'],
  options: outputOption('text'),
  examples: ['bitscale keys parse bitscale1...', 'bitscale keys parse 6AF9D5...'],
  run(call, terminal) {
    const text = call.argument(0);
    if (/^(?:[0-9a-fA-F]{2})+$/.test(text)) {
      const bytes = fromHex(text.toLowerCase());
      const formats = PREFIXES.map((prefix) => toBech32(prefix, bytes));
      return printResult(call, terminal, { formats });
    }
    const human = text.slice(0, text.lastIndexOf('1'));
    if (human === '') throw new ExitError(EXIT_DATA, 'neither hexadecimal nor bech32');
    printResult(call, terminal, { human, bytes: toUpperHex(fromBech32(human, text)) });
  },
};

export const mnemonicCommand: Command = {
  name: 'keys mnemonic',
  summary: 'Make 24 words, and keep nothing',
  examples: ['bitscale keys mnemonic > words.txt'],
  async run(_call, terminal) {
    terminal.print(await newWords(24));
  },
};
