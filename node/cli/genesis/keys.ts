/** The keys of the keyring that the genesis commands need. */
import { parseAccount } from '../../base/address.ts';
import { secp256k1PublicKey } from '../../base/secp256k1.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Call } from '../command.ts';
import { addressOf } from '../keyring/entry.ts';
import { openKeyring, readPassword } from '../keyring/options.ts';
import type { Terminal } from '../terminal.ts';

/** A text that is meant as an address, if perhaps a wrong one. */
const LIKE_ADDRESS = /^[a-z]+1[a-z0-9]{20,}$/;

/** A key of the keyring, or an address. Throws ExitError 65. */
export function accountNamed(call: Call, terminal: Terminal, text: string): Bytes {
  const keyring = openKeyring(call, terminal);
  const entry = keyring.find(text);
  if (entry === undefined && LIKE_ADDRESS.test(text)) return parseAccount(text);
  return parseAccount(addressOf(entry ?? keyring.show(text)));
}

export interface SigningKey {
  /** Compressed secp256k1. */
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

export async function unlockKey(call: Call, terminal: Terminal, name: string): Promise<SigningKey> {
  const keyring = openKeyring(call, terminal);
  const { privateKey } = await keyring.unlock(name, () => readPassword(call, terminal));
  return { publicKey: secp256k1PublicKey(privateKey), privateKey };
}
