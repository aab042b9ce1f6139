/**
 * Account keys on disk, one file per key. The backend `file` encrypts each secret under a password of its own
 * and binds name and public key to it, so that they cannot be swapped. The backend `test` encrypts nothing.
 */
import { join } from 'node:path';
import { parseAccount } from '../../base/address.ts';
import { concat, fromBase64, fromUtf8, toBase64, utf8, type Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, EXIT_USAGE, ExitError } from '../../base/exit.ts';
import { secp256k1PublicKey } from '../../base/secp256k1.ts';
import { singleKey } from '../../app/public-key.ts';
import { addressOf, KEY_TYPES, keyJson, readKeyJson, type KeyEntry } from './entry.ts';
import { KeyFolder } from './key-folder.ts';
import { open, seal, type Sealed } from './seal.ts';

export const BACKENDS = ['file', 'test'] as const;
export type Backend = (typeof BACKENDS)[number];

const FOLDERS: Readonly<Record<Backend, string>> = { file: 'keyring', test: 'keyring-test' };
const MIN_PASSWORD_CHARS = 8;
const VERSION = 2;

export interface KeySecret {
  readonly privateKey: Bytes;
  /** Empty for a key that was not made from words. */
  readonly mnemonic: string;
}

/** Asked for only when a password is needed. */
export type AskPassword = () => Promise<string>;

/** A key whose secret comes into the keyring. */
export function localEntry(name: string, privateKey: Bytes, path?: string): KeyEntry {
  const publicKey = singleKey(secp256k1PublicKey(privateKey));
  return { name, type: 'local', publicKey, ...(path !== undefined && { path }) };
}

interface KeyFile {
  readonly version: number;
  readonly name: string;
  readonly type: KeyEntry['type'];
  readonly address: string;
  readonly pubkey: unknown;
  readonly path?: string;
  /** Of a local key. */
  readonly secret?: Sealed | { readonly cipher: 'none'; readonly text: string };
}

export class Keyring {
  readonly backend: Backend;
  readonly #folder: KeyFolder;

  constructor(home: string, backend: Backend = 'file') {
    this.backend = backend;
    this.#folder = new KeyFolder(join(home, FOLDERS[backend]));
  }

  /** Throws ExitError 64 when the name is taken or cannot be one. */
  checkNew(name: string): void {
    this.#folder.checkNew(name);
  }

  /** Throws ExitError 64 as checkNew, and when the password is short. */
  async add(entry: KeyEntry, secret: KeySecret, ask: AskPassword): Promise<void> {
    this.#folder.checkNew(entry.name);
    this.#write(entry, await this.#seal(entry, secret, ask));
  }

  /** A key whose secret is elsewhere. Throws ExitError 64 as add. */
  watch(entry: KeyEntry): void {
    this.#folder.checkNew(entry.name);
    this.#write(entry);
  }

  /** Sorted by name. */
  list(): KeyEntry[] {
    return this.#folder.names().map((name) => this.show(name));
  }

  /** Throws ExitError 65 when there is no such key. */
  show(name: string): KeyEntry {
    return entryOf(this.#read(name));
  }

  /** By name or by address; undefined when no key is meant. */
  find(nameOrAddress: string): KeyEntry | undefined {
    if (this.#folder.names().includes(nameOrAddress)) return this.show(nameOrAddress);
    const isAddress = nameOrAddress.includes('1') && isAccount(nameOrAddress);
    if (!isAddress) return undefined;
    return this.list().find((entry) => addressOf(entry) === nameOrAddress);
  }

  /** Throws ExitError 65 when the password is wrong, the file was changed, or there is no secret here. */
  async unlock(name: string, ask: AskPassword): Promise<KeySecret> {
    const file = this.#read(name);
    const { secret } = file;
    if (secret === undefined) {
      throw new ExitError(EXIT_DATA, `${name} has no secret here: it is of type ${file.type}`);
    }
    const bound = boundText(file);
    const password = secret.cipher === 'none' ? '' : await ask();
    try {
      const plain =
        secret.cipher === 'none' ? fromBase64(secret.text) : open(secret, password, bound);
      return splitSecret(plain, file);
    } catch (cause) {
      if (cause instanceof ExitError) throw cause;
      throw new ExitError(EXIT_DATA, `wrong password for ${name}, or its file was changed`, {
        cause,
      });
    }
  }

  /** The new name is bound to the secret anew, so a local key needs its password. */
  async rename(name: string, newName: string, ask: AskPassword): Promise<KeyEntry> {
    this.#folder.checkNew(newName);
    const entry = { ...this.show(name), name: newName };
    if (entry.type !== 'local') {
      this.#write(entry);
    } else {
      let given = '';
      const remembered = async (): Promise<string> => (given = await ask());
      const secret = await this.unlock(name, remembered);
      this.#write(entry, await this.#seal(entry, secret, () => Promise.resolve(given)));
    }
    this.#folder.delete(name);
    return entry;
  }

  delete(name: string): void {
    this.#read(name);
    this.#folder.delete(name);
  }

  async #seal(
    entry: KeyEntry,
    { privateKey, mnemonic }: KeySecret,
    ask: AskPassword,
  ): Promise<NonNullable<KeyFile['secret']>> {
    const plain = concat(privateKey, utf8(mnemonic));
    if (this.backend === 'test') return { cipher: 'none', text: toBase64(plain) };
    const password = await ask();
    if ([...password].length < MIN_PASSWORD_CHARS) {
      throw new ExitError(EXIT_USAGE, `a password has at least ${MIN_PASSWORD_CHARS} characters`);
    }
    return seal(plain, password, boundText(fileOf(entry)));
  }

  #write(entry: KeyEntry, secret?: KeyFile['secret']): void {
    const file = { ...fileOf(entry), ...(secret !== undefined && { secret }) };
    this.#folder.write(entry.name, `${JSON.stringify(file, null, 2)}\n`);
  }

  #read(name: string): KeyFile {
    return this.#folder.read(name, (text) => {
      const file = JSON.parse(text) as KeyFile;
      if (file.version < VERSION) {
        const again = `bitscale keys delete ${name}; bitscale keys add ${name} --recover`;
        throw new RangeError(`it is of an older version; make it anew from its words: ${again}`);
      }
      const isKnown = file.version === VERSION && KEY_TYPES.includes(file.type);
      if (!isKnown || file.name !== name) throw new RangeError('another format or name');
      if (typeof (file.secret ?? {}) !== 'object' || file.secret === null) {
        throw new RangeError('a secret of another format');
      }
      if (addressOf(entryOf(file)) !== file.address) throw new RangeError('another key');
      return file;
    });
  }
}

function isAccount(text: string): boolean {
  try {
    return parseAccount(text).length > 0;
  } catch {
    return false;
  }
}

function fileOf(entry: KeyEntry): KeyFile {
  const { name, type, publicKey, path } = entry;
  const pubkey = keyJson(publicKey);
  const head = { version: VERSION, name, type, address: addressOf(entry), pubkey };
  return path === undefined ? head : { ...head, path };
}

function entryOf({ name, type, pubkey, path }: KeyFile): KeyEntry {
  const entry = { name, type, publicKey: readKeyJson(pubkey) };
  return path === undefined ? entry : { ...entry, path };
}

/** All but the secret, in one order. */
function boundText({ version, name, type, address, pubkey, path = '' }: KeyFile): Bytes {
  return utf8(JSON.stringify(['bitscale-key', version, name, type, address, pubkey, path]));
}

function splitSecret(plain: Bytes, { name, pubkey }: KeyFile): KeySecret {
  const [privateKey, mnemonic] = [plain.slice(0, 32), fromUtf8(plain.slice(32))];
  const [member] = readKeyJson(pubkey).members;
  if (toBase64(secp256k1PublicKey(privateKey)) !== toBase64(member!)) {
    throw new ExitError(EXIT_DATA, `the file of ${name} holds the secret of another key`);
  }
  return { privateKey, mnemonic };
}
