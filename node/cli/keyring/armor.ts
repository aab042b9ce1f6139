/**
 * Private keys as text that the Cosmos SDK reads and writes: RFC 4880's armor around an encrypted key. Written
 * as SDK 0.50 does (argon2id, ChaCha20-Poly1305); what older ones wrote (bcrypt, XSalsa20-Poly1305) is read, too.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { argon2id } from '@noble/hashes/argon2.js';
import {
  concat,
  equal,
  fromBase64,
  fromHex,
  toBase64,
  toUpperHex,
  utf8,
  type Bytes,
} from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { sha256 } from '../../base/hash.ts';

const TITLE = 'TENDERMINT PRIVATE KEY';
const ALGORITHM = 'secp256k1';
/** What amino puts before the 32 bytes of a secp256k1 secret. */
const AMINO_PREFIX = fromHex('e1b0f79b20');
const SALT_BYTES = 16;
/** 64 MiB. */
const ARGON2 = { t: 1, m: 65_536, p: 4, dkLen: 32 };
const BCRYPT_ROUNDS = 12;
/** The salt is new for each key, so its key is used once. */
const CHACHA_NONCE = new Uint8Array(12);
const XSALSA_NONCE_BYTES = 24;
const TAG_BYTES = 16;
const LINE_CHARS = 64;

export function armorPrivateKey(privateKey: Bytes, password: string): string {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  const key = argon2id(utf8(password), salt, ARGON2);
  const cipher = createCipheriv('chacha20-poly1305', key, CHACHA_NONCE, {
    authTagLength: TAG_BYTES,
  });
  const plain = concat(AMINO_PREFIX, privateKey);
  const sealed = concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  const headers = { kdf: 'argon2', salt: toUpperHex(salt), type: ALGORITHM };
  return encodeArmor(headers, sealed);
}

/** Throws ExitError 65 for text that is no such key, and for a wrong password. */
export async function unarmorPrivateKey(text: string, password: string): Promise<Bytes> {
  const { headers, body } = decodeArmor(text);
  const { kdf, salt = '', type = ALGORITHM } = headers;
  if (type !== ALGORITHM) throw refused(`a key of type ${type}, not ${ALGORITHM}`);
  let plain: Bytes | undefined;
  if (kdf === 'argon2') plain = openArgon2(body, readSalt(salt), password);
  else if (kdf === 'bcrypt') plain = await openBcrypt(body, readSalt(salt), password);
  else throw refused(`an unknown kdf "${kdf ?? ''}"`);
  if (plain === undefined) throw new ExitError(EXIT_DATA, 'wrong password for the key file');
  const secret = plain.slice(AMINO_PREFIX.length);
  const isKey = equal(plain.slice(0, AMINO_PREFIX.length), AMINO_PREFIX) && secret.length === 32;
  if (!isKey) throw refused(`no ${ALGORITHM} key inside`);
  return secret;
}

const refused = (why: string): ExitError =>
  new ExitError(EXIT_DATA, `the key file cannot be used: ${why}`);

function readSalt(hex: string): Bytes {
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) throw refused('no salt of 16 bytes');
  return fromHex(hex.toLowerCase());
}

function openArgon2(body: Bytes, salt: Bytes, password: string): Bytes | undefined {
  const key = argon2id(utf8(password), salt, ARGON2);
  try {
    const cipher = createDecipheriv('chacha20-poly1305', key, CHACHA_NONCE, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAuthTag(body.slice(-TAG_BYTES));
    return concat(cipher.update(body.slice(0, -TAG_BYTES)), cipher.final());
  } catch {
    return undefined;
  }
}

async function openBcrypt(body: Bytes, salt: Bytes, password: string): Promise<Bytes | undefined> {
  const { encodeBase64, hashSync } = await import('bcryptjs');
  const settings = `$2a$${BCRYPT_ROUNDS}$${encodeBase64([...salt], SALT_BYTES)}`;
  const key = sha256(utf8(hashSync(password, settings)));
  try {
    const nonce = body.slice(0, XSALSA_NONCE_BYTES);
    return xsalsa20poly1305(key, nonce).decrypt(body.slice(XSALSA_NONCE_BYTES));
  } catch {
    return undefined;
  }
}

function encodeArmor(headers: Readonly<Record<string, string>>, body: Bytes): string {
  const lines = toBase64(body).match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? [];
  return [
    `-----BEGIN ${TITLE}-----`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    ...lines,
    `=${toBase64(crc24(body))}`,
    `-----END ${TITLE}-----`,
  ].join('\n');
}

interface Armored {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

const BLOCK = new RegExp(
  `^-----BEGIN ${TITLE}-----\n((?:[a-z]+: [^\n]*\n)*)\n([A-Za-z0-9+/=\n]+)\n=([A-Za-z0-9+/]{4})\n-----END ${TITLE}-----$`,
);

function decodeArmor(text: string): Armored {
  const plain = text.replace(/[ \t]*\r?\n/g, '\n').trim();
  const [, head = '', base64 = '', sum = ''] = BLOCK.exec(plain) ?? [];
  if (base64 === '') throw refused(`it has no block "${TITLE}"`);
  const headers = head
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(': ') as [string, string]);
  let body: Bytes;
  try {
    body = fromBase64(base64.replaceAll('\n', ''));
  } catch (cause) {
    throw new ExitError(EXIT_DATA, 'the key file is not base64', { cause });
  }
  if (toBase64(crc24(body)) !== sum) throw refused('its check sum is wrong');
  return { headers: Object.fromEntries(headers), body };
}

/** The check sum of RFC 4880, section 6.1. */
function crc24(bytes: Bytes): Bytes {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return Uint8Array.of((crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff);
}
