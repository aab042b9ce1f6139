/** bitscale keys: account keys in the encrypted keyring of a home folder. */
import { readFileSync } from 'node:fs';
import { fromBase64 } from '../../base/bytes.ts';
import { EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { accountAddress, valoperText } from '../../base/address.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { Keyring, type KeyEntry, type KeySecret } from '../keyring.ts';
import { HOME_OPTION, homeFolder, PASSWORD_OPTION, printJson } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';

const WORD_COUNTS = ['12', '24'];
/** Bytes of randomness for a number of words. */
const entropyBytes = (words: string): number => (words === '12' ? 16 : 32);

const PATH_OPTION = {
  index: { value: '<number>', help: "account number in m/44'/118'/0'/0/<number>", default: '0' },
};

function keyring(call: Call, terminal: Terminal): Keyring {
  return new Keyring(homeFolder(call, terminal));
}

/** From --password-file or the keyboard. */
export async function readPassword(call: Call, terminal: Terminal): Promise<string> {
  const file = call.optional('password-file');
  if (file === undefined) return terminal.readSecret('Password of the key: ');
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ExitError(EXIT_IO, `${file} cannot be read`, { cause });
  }
}

/** The private key of a mnemonic. Throws ExitError 65 when a word or the checksum is wrong. */
export async function secretOfMnemonic(mnemonic: string, index: number): Promise<KeySecret> {
  const { Bip39, EnglishMnemonic, Slip10, Slip10Curve, stringToPath } =
    await import('@cosmjs/crypto');
  let checked: InstanceType<typeof EnglishMnemonic>;
  try {
    checked = new EnglishMnemonic(mnemonic.trim().replace(/\s+/g, ' '));
  } catch (cause) {
    const detail = 'not a mnemonic: 12, 15, 18, 21 or 24 English words with a right checksum';
    throw new ExitError(EXIT_DATA, detail, { cause });
  }
  const seed = await Bip39.mnemonicToSeed(checked);
  const path = stringToPath(`m/44'/118'/0'/0/${index}`);
  const { privkey } = Slip10.derivePath(Slip10Curve.Secp256k1, seed, path);
  return { privateKey: privkey, mnemonic: checked.toString() };
}

function describe(entry: KeyEntry): Record<string, string> {
  const operator = valoperText(accountAddress(fromBase64(entry.publicKey)));
  return { name: entry.name, address: entry.address, operator, public_key: entry.publicKey };
}

const add: Command = {
  name: 'keys add',
  summary: 'Make a new account key and show its words once',
  arguments: ['<name>'],
  options: {
    ...HOME_OPTION,
    ...PASSWORD_OPTION,
    ...PATH_OPTION,
    words: { value: '<12|24>', help: 'how many words', default: '24' },
  },
  async run(call, terminal) {
    const words = call.text('words');
    if (!WORD_COUNTS.includes(words)) throw usageError('--words is 12 or 24');
    const { Bip39, Random } = await import('@cosmjs/crypto');
    const mnemonic = Bip39.encode(Random.getBytes(entropyBytes(words))).toString();
    const secret = await secretOfMnemonic(mnemonic, call.integer('index'));
    const password = await readPassword(call, terminal);
    const entry = keyring(call, terminal).add(call.argument(0), secret, password);
    printJson(terminal, describe(entry));
    terminal.warn(`\nWrite these words down; whoever has them has the account:\n\n${mnemonic}\n`);
  },
};

const importKey: Command = {
  name: 'keys import',
  summary: 'Take in an account key from its words, read from the keyboard or standard input',
  arguments: ['<name>'],
  options: { ...HOME_OPTION, ...PASSWORD_OPTION, ...PATH_OPTION },
  examples: ['bitscale keys import alice --index 1 --password-file pw.txt < words.txt'],
  async run(call, terminal) {
    const mnemonic = await terminal.readSecret('Words: ');
    const secret = await secretOfMnemonic(mnemonic, call.integer('index'));
    const password = await readPassword(call, terminal);
    const entry = keyring(call, terminal).add(call.argument(0), secret, password);
    printJson(terminal, describe(entry));
  },
};

const list: Command = {
  name: 'keys list',
  summary: 'List the account keys of a home',
  options: HOME_OPTION,
  run: (call, terminal) => printJson(terminal, keyring(call, terminal).list().map(describe)),
};

const show: Command = {
  name: 'keys show',
  summary: 'Show one account key; its secret only when asked',
  arguments: ['<name>'],
  options: {
    ...HOME_OPTION,
    ...PASSWORD_OPTION,
    address: { help: 'print only the address' },
    operator: { help: 'print only the validator operator address' },
    reveal: { help: 'also show the words and the private key' },
  },
  async run(call, terminal) {
    const name = call.argument(0);
    const shown = describe(keyring(call, terminal).show(name));
    if (call.flag('address')) return terminal.print(shown['address']!);
    if (call.flag('operator')) return terminal.print(shown['operator']!);
    if (!call.flag('reveal')) return printJson(terminal, shown);
    const password = await readPassword(call, terminal);
    const { privateKey, mnemonic } = keyring(call, terminal).unlock(name, password);
    const secret = { mnemonic, private_key: Buffer.from(privateKey).toString('hex') };
    printJson(terminal, { ...shown, ...secret });
  },
};

const deleteKey: Command = {
  name: 'keys delete',
  summary: 'Delete an account key from a home for ever',
  arguments: ['<name>'],
  options: { ...HOME_OPTION, yes: { help: 'do not ask' } },
  async run(call, terminal) {
    const name = call.argument(0);
    const { address } = keyring(call, terminal).show(name);
    if (!call.flag('yes')) {
      const typed = await terminal.readSecret(`Type ${name} to delete ${address} for ever: `);
      if (typed.trim() !== name) throw usageError('nothing was deleted');
    }
    keyring(call, terminal).delete(name);
    terminal.warn(`${name} is deleted`);
  },
};

export const keyCommands: readonly Command[] = [add, importKey, list, show, deleteKey];
