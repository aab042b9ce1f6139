/** The keys of the keyring that the genesis commands need. */
import { parseAccount } from '../../base/address.ts';
import { secp256k1PublicKey } from '../../base/secp256k1.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Call } from '../command.ts';
import { openKeyring, readPassword } from '../keyring/options.ts';
import type { Terminal } from '../terminal.ts';
import { findSender } from '../tx/signer.ts';

/** A key of the keyring, or an address. Throws ExitError 65. */
export function accountNamed(call: Call, terminal: Terminal, text: string): Bytes {
  return parseAccount(findSender(call, terminal, text).address);
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
