/** Words and paths: how private keys follow from them (BIP-39, BIP-32, BIP-44). */
import type { HdPath } from '@cosmjs/crypto';
import type { Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';

/** Registered for Cosmos. */
export const COIN_TYPE = 118;

/** m/44'/coin'/account'/0/index. */
export function accountPath(account: number, index: number, coinType = COIN_TYPE): string {
  return `m/44'/${coinType}'/${account}'/0/${index}`;
}

const PATH = /^m(?:\/(?:0|[1-9][0-9]{0,9})'?)+$/;

/** Throws ExitError 65. */
export async function readPath(path: string): Promise<HdPath> {
  const { stringToPath } = await import('@cosmjs/crypto');
  try {
    if (!PATH.test(path)) throw new RangeError('syntax');
    return stringToPath(path);
  } catch (cause) {
    throw new ExitError(EXIT_DATA, `not a path such as ${accountPath(0, 0)}: ${path}`, { cause });
  }
}

/** Single spaces. Throws ExitError 65 for a word that is none, another number of words or a wrong checksum. */
export async function readWords(words: string): Promise<string> {
  const { EnglishMnemonic } = await import('@cosmjs/crypto');
  try {
    return new EnglishMnemonic(words.trim().replace(/\s+/g, ' ')).toString();
  } catch (cause) {
    const detail = 'not a mnemonic: 12, 15, 18, 21 or 24 English words with a right checksum';
    throw new ExitError(EXIT_DATA, detail, { cause });
  }
}

export async function newWords(count: 12 | 24): Promise<string> {
  const { Bip39, Random } = await import('@cosmjs/crypto');
  return Bip39.encode(Random.getBytes((count / 3) * 4)).toString();
}

/** Throws ExitError 65 for words or a path that are none. */
export async function privateKeyOf(words: string, path: string, passphrase = ''): Promise<Bytes> {
  const { Bip39, EnglishMnemonic, Slip10, Slip10Curve } = await import('@cosmjs/crypto');
  const mnemonic = new EnglishMnemonic(await readWords(words));
  const seed = await Bip39.mnemonicToSeed(mnemonic, passphrase);
  return Slip10.derivePath(Slip10Curve.Secp256k1, seed, await readPath(path)).privkey;
}
