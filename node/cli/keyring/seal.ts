/** A secret under a password: AES-256-GCM with a key that scrypt makes, and with both their parameters. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { concat, fromBase64, toBase64, type Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';

/** What a guess costs. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export interface Sealed {
  readonly kdf: ScryptCost & { readonly name: 'scrypt'; readonly salt: string };
  readonly cipher: 'aes-256-gcm';
  readonly nonce: string;
  /** With the tag at its end. */
  readonly text: string;
}

/** 128 MiB and some tenths of a second. */
const STANDARD_COST: ScryptCost = { N: 131_072, r: 8, p: 1 };
/** A file that asks for more is refused: a foreign file could take all memory. */
const MAX_SCRYPT_BYTES = 1024 * 1024 * 1024;
const MAX_P = 16;
const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;

function scryptKey(password: string, salt: Bytes, { N, r, p }: ScryptCost): Bytes {
  const bytes = 128 * N * r;
  const isSane = [N, r, p].every((value) => Number.isSafeInteger(value) && value > 0);
  if (!isSane || bytes > MAX_SCRYPT_BYTES || p > MAX_P) {
    throw new ExitError(EXIT_DATA, 'the parameters of scrypt in the file are out of bounds');
  }
  return scryptSync(password.normalize('NFKC'), salt, 32, { N, r, p, maxmem: bytes + 1_048_576 });
}

/** `bound` is not secret, and cannot be changed without the password. */
export function seal(plain: Bytes, password: string, bound: Bytes, cost = STANDARD_COST): Sealed {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv(CIPHER, scryptKey(password, salt, cost), nonce);
  cipher.setAAD(bound);
  const text = concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  const kdf = { name: 'scrypt', ...cost, salt: toBase64(salt) } as const;
  return { kdf, cipher: CIPHER, nonce: toBase64(nonce), text: toBase64(text) };
}

/** Throws when the password is wrong or anything was changed; ExitError 65 for parameters that nobody writes. */
export function open(sealed: Sealed, password: string, bound: Bytes): Bytes {
  const { kdf, cipher, nonce, text } = sealed;
  if (kdf.name !== 'scrypt' || cipher !== CIPHER) {
    throw new ExitError(EXIT_DATA, `unknown encryption ${String(kdf.name)} with ${String(cipher)}`);
  }
  const key = scryptKey(password, fromBase64(kdf.salt), kdf);
  const decipher = createDecipheriv(CIPHER, key, fromBase64(nonce));
  const bytes = fromBase64(text);
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.slice(-TAG_BYTES));
  return concat(decipher.update(bytes.slice(0, -TAG_BYTES)), decipher.final());
}
