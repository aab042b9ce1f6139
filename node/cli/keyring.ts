/**
 * Account keys on disk: one file per key, encrypted with AES-256-GCM under a key that scrypt makes from the
 * password. Name and address are readable without it, and bound to the secret so they cannot be swapped.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { accountText } from '../base/address.ts';
import { concat, fromBase64, fromUtf8, toBase64, utf8, type Bytes } from '../base/bytes.ts';
import {
  EXIT_CONFIG,
  EXIT_DATA,
  EXIT_IO,
  EXIT_USAGE,
  ExitError,
  systemCode,
} from '../base/exit.ts';
import { accountAddress } from '../base/address.ts';
import { secp256k1PublicKey } from '../base/secp256k1.ts';

/** 32 MiB and about 0.1 s per guess. */
const SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const CIPHER = 'aes-256-gcm';
const MIN_PASSWORD_CHARS = 8;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/;
const FORBIDDEN_MODE = 0o077;

/** What everybody may know of a key. */
export interface KeyEntry {
  readonly name: string;
  readonly address: string;
  /** Compressed secp256k1, base64. */
  readonly publicKey: string;
}

export interface KeySecret {
  readonly privateKey: Bytes;
  /** Empty for a key that was not made from words. */
  readonly mnemonic: string;
}

interface KeyFile extends KeyEntry {
  readonly version: 1;
  readonly salt: string;
  readonly nonce: string;
  readonly secret: string;
}

export class Keyring {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'keyring');
  }

  /** Throws ExitError 64 when the name is taken or cannot be one, or the password is short. */
  add(name: string, secret: KeySecret, password: string): KeyEntry {
    const path = this.#path(name);
    if (this.#names().includes(name)) {
      throw new ExitError(EXIT_USAGE, `there is already a key named ${name}`);
    }
    if (password.length < MIN_PASSWORD_CHARS) {
      throw new ExitError(EXIT_USAGE, `a password has at least ${MIN_PASSWORD_CHARS} characters`);
    }
    const publicKey = secp256k1PublicKey(secret.privateKey);
    const entry = {
      name,
      address: accountText(accountAddress(publicKey)),
      publicKey: toBase64(publicKey),
    };
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const content = `${JSON.stringify(encrypt(entry, secret, password), null, 2)}\n`;
    writeFileSync(`${path}.new`, content, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
    return entry;
  }

  /** Sorted by name. */
  list(): KeyEntry[] {
    return this.#names().map((name) => this.show(name));
  }

  /** Throws ExitError 65 when there is no such key. */
  show(name: string): KeyEntry {
    const { address, publicKey } = this.#read(name);
    return { name, address, publicKey };
  }

  /** Throws ExitError 65 when the password is wrong or the file was changed. */
  unlock(name: string, password: string): KeySecret {
    return decrypt(this.#read(name), password);
  }

  delete(name: string): void {
    this.#read(name);
    unlinkSync(this.#path(name));
  }

  #names(): string[] {
    try {
      const files = readdirSync(this.#folder).filter((file) => file.endsWith('.json'));
      return files.map((file) => file.slice(0, -'.json'.length)).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw new ExitError(EXIT_IO, `${this.#folder} cannot be read`, { cause: error });
    }
  }

  #path(name: string): string {
    if (!NAME.test(name)) {
      throw new ExitError(
        EXIT_USAGE,
        'a key name has 1 to 64 letters, digits, dashes, underscores',
      );
    }
    return join(this.#folder, `${name}.json`);
  }

  #read(name: string): KeyFile {
    const path = this.#path(name);
    try {
      const { mode } = statSync(path);
      if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
        throw new ExitError(EXIT_CONFIG, `${path} can be read by others; run: chmod 600 ${path}`);
      }
      const file = JSON.parse(readFileSync(path, 'utf8')) as KeyFile;
      if (file.version !== 1 || file.name !== name) throw new RangeError('another format or name');
      return file;
    } catch (error) {
      if (error instanceof ExitError) throw error;
      const why =
        systemCode(error) === 'ENOENT' ? `there is no key named ${name}` : `${path} is damaged`;
      throw new ExitError(EXIT_DATA, why, { cause: error });
    }
  }
}

const boundText = ({ name, address, publicKey }: KeyEntry): Bytes =>
  utf8(['bitscale-key-1', name, address, publicKey].join('\n'));

function encrypt(entry: KeyEntry, secret: KeySecret, password: string): KeyFile {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv(CIPHER, scryptSync(password, salt, 32, SCRYPT), nonce);
  cipher.setAAD(boundText(entry));
  const plain = concat(secret.privateKey, utf8(secret.mnemonic));
  const sealed = concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  return {
    version: 1,
    ...entry,
    salt: toBase64(salt),
    nonce: toBase64(nonce),
    secret: toBase64(sealed),
  };
}

function decrypt(file: KeyFile, password: string): KeySecret {
  try {
    const sealed = fromBase64(file.secret);
    const key = scryptSync(password, fromBase64(file.salt), 32, SCRYPT);
    const decipher = createDecipheriv(CIPHER, key, fromBase64(file.nonce));
    decipher.setAAD(boundText(file));
    decipher.setAuthTag(sealed.slice(-16));
    const plain = concat(decipher.update(sealed.slice(0, -16)), decipher.final());
    return { privateKey: plain.slice(0, 32), mnemonic: fromUtf8(plain.slice(32)) };
  } catch (cause) {
    throw new ExitError(EXIT_DATA, `wrong password for ${file.name}, or its file was changed`, {
      cause,
    });
  }
}
