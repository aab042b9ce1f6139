/** bitscale keys add: new keys, keys from words, and keys whose secret is elsewhere. */
import { compare } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { addressOfKey, multiKey, singleKey } from '../../app/public-key.ts';
import { usageError, type Call, type Command } from '../command.ts';
import { readKeyJson, type KeyEntry } from '../keyring/entry.ts';
import { answered, openHardware } from '../keyring/hardware.ts';
import { localEntry, type Keyring } from '../keyring/keyring.ts';
import {
  accountPath,
  COIN_TYPE,
  newWords,
  privateKeyOf,
  readPath,
  readWords,
} from '../keyring/mnemonic.ts';
import { KEYRING_OPTIONS, openKeyring, readNewPassword } from '../keyring/options.ts';
import { outputOption, printResult } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { readWhole } from '../whole-file.ts';
import { describeKey } from './keys-show.ts';

const PATH_OPTIONS = {
  account: { value: '<number>', help: "account in m/44'/118'/<account>'/0/0", default: '0' },
  index: { value: '<number>', help: "index in m/44'/118'/0'/0/<index>", default: '0' },
  'coin-type': { value: '<number>', help: 'coin type in the path', default: String(COIN_TYPE) },
  'hd-path': { value: '<path>', help: 'the whole path instead' },
};

async function pathOf(call: Call): Promise<string> {
  const [account, index] = [call.integer('account'), call.integer('index')];
  const path = call.optional('hd-path') ?? accountPath(account, index, call.integer('coin-type'));
  await readPath(path);
  return path;
}

async function wordsFor(call: Call, terminal: Terminal): Promise<string> {
  const source = call.optional('source');
  if (source !== undefined) return readWords(readWhole(source));
  if (call.flag('interactive')) {
    const typed = await terminal.readSecret('Words, or nothing for new ones: ');
    if (typed.trim() !== '') return readWords(typed);
  }
  if (call.flag('recover')) return readWords(await terminal.readSecret('Words: '));
  return newWords(call.text('words') === '12' ? 12 : 24);
}

function jsonKey(text: string) {
  try {
    return readKeyJson(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof ExitError) throw cause;
    throw new ExitError(EXIT_DATA, '--pubkey is not JSON', { cause });
  }
}

async function deviceKey(call: Call, terminal: Terminal, name: string): Promise<KeyEntry> {
  const path = await pathOf(call);
  const given = call.optional('pubkey');
  if (given !== undefined) return { name, type: 'ledger', publicKey: jsonKey(given), path };
  const device = await openHardware(terminal.environment['BITSCALE_LEDGER']);
  const publicKey = readKeyOf(await answered(device.publicKey(path)));
  await device.close?.();
  return { name, type: 'ledger', publicKey, path };
}

function readKeyOf(bytes: Uint8Array) {
  return readKeyJson({
    '@type': '/cosmos.crypto.secp256k1.PubKey',
    key: Buffer.from(bytes).toString('base64'),
  });
}

/** The members are keys of the keyring, in the order of their addresses unless that is not wanted. */
function groupKey(call: Call, keyring: Keyring, name: string): KeyEntry {
  const members = call
    .text('multisig')
    .split(',')
    .map((member) => {
      const { publicKey } = keyring.show(member.trim());
      if (publicKey.multi) throw usageError(`${member} is a multisig itself`);
      return publicKey.members[0]!;
    });
  if (!call.flag('nosort')) {
    members.sort((a, b) => compare(addressOfKey(singleKey(a)), addressOfKey(singleKey(b))));
  }
  try {
    const publicKey = multiKey(members, call.integer('multisig-threshold'));
    return { name, type: 'multi', publicKey };
  } catch (cause) {
    throw usageError(`no such multisig: ${(cause as Error).message}`);
  }
}

function watched(
  call: Call,
  terminal: Terminal,
  keyring: Keyring,
): Promise<KeyEntry> | KeyEntry | undefined {
  const name = call.argument(0);
  if (call.flag('ledger')) return deviceKey(call, terminal, name);
  if (call.optional('multisig') !== undefined) return groupKey(call, keyring, name);
  const text = call.optional('pubkey');
  return text === undefined ? undefined : { name, type: 'offline', publicKey: jsonKey(text) };
}

async function addWatched(call: Call, terminal: Terminal, keyring: Keyring): Promise<boolean> {
  const entry = await watched(call, terminal, keyring);
  if (entry === undefined) return false;
  if (!call.flag('dry-run')) keyring.watch(entry);
  printResult(call, terminal, describeKey(entry));
  return true;
}

/** BIP-39's passphrase; another one, even a misspelt one, leads to other keys. */
async function extraWord(call: Call, terminal: Terminal): Promise<string> {
  if (!call.flag('interactive')) return '';
  const first = await terminal.readSecret('BIP-39 passphrase, mostly nothing: ');
  if (first === '' || !terminal.interactive) return first;
  const second = await terminal.readSecret('The same again: ');
  if (first !== second) throw new ExitError(EXIT_DATA, 'the two passphrases differ');
  return first;
}

async function addSecret(call: Call, terminal: Terminal, keyring: Keyring): Promise<void> {
  const [name, path] = [call.argument(0), await pathOf(call)];
  const mnemonic = await wordsFor(call, terminal);
  const privateKey = await privateKeyOf(mnemonic, path, await extraWord(call, terminal));
  const ask = (): Promise<string> => readNewPassword(call, terminal);
  const entry = localEntry(name, privateKey, path);
  if (!call.flag('dry-run')) await keyring.add(entry, { privateKey, mnemonic }, ask);
  const isNew = !call.flag('recover') && call.optional('source') === undefined;
  const shown = isNew && !call.flag('no-backup');
  const form = call.optional('output') ?? terminal.environment['BITSCALE_OUTPUT'];
  const asJson = form === 'json';
  printResult(call, terminal, { ...describeKey(entry), ...(shown && asJson && { mnemonic }) });
  if (!shown || asJson) return;
  terminal.warn(`\nWrite these words down; whoever has them has the account:\n\n${mnemonic}\n`);
}

export const addCommand: Command = {
  name: 'keys add',
  summary: 'Add an account key: a new one, one from words, or one whose secret is elsewhere',
  arguments: ['<name>'],
  options: {
    ...KEYRING_OPTIONS,
    ...outputOption('text'),
    interactive: { help: "also ask for BIP-39's passphrase, the 25th word", short: 'i' },
    recover: { help: 'from words, read from the keyboard or standard input' },
    source: { value: '<file>', help: 'from the words in a file' },
    ...PATH_OPTIONS,
    words: { value: '<12|24>', help: 'how many words', default: '24', choices: ['12', '24'] },
    'no-backup': { help: 'do not show the words' },
    pubkey: { value: '<json>', help: 'a public key only, to watch or to make others sign' },
    multisig: { value: '<names>', help: 'several keys together, with commas between them' },
    'multisig-threshold': { value: '<number>', help: 'how many of them must sign', default: '1' },
    nosort: { help: 'keep the order of --multisig, not that of the addresses' },
    ledger: { help: 'a key in a device; with --pubkey without asking it' },
    'dry-run': { help: 'show the key, keep nothing' },
  },
  examples: [
    'bitscale keys add alice',
    'bitscale keys add alice --recover --index 1',
    'bitscale keys add board --multisig alice,bob,carol --multisig-threshold 2',
    `bitscale keys add bob --pubkey '{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"A..."}'`,
  ],
  async run(call, terminal) {
    const keyring = openKeyring(call, terminal);
    keyring.checkNew(call.argument(0));
    if (!(await addWatched(call, terminal, keyring))) await addSecret(call, terminal, keyring);
  },
};
