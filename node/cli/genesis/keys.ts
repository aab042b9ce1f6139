/** The keys of the keyring that the genesis commands need. */
import { parseAccount } from '../../base/address.ts';
import { fromBase64, type Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import type { Call } from '../command.ts';
import { readPassword } from '../commands/keys.ts';
import { Keyring } from '../keyring.ts';
import { homeFolder } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';

/** An address, or the address of a key. Throws ExitError 65. */
export function accountNamed(call: Call, terminal: Terminal, text: string): Bytes {
  try {
    return parseAccount(text);
  } catch (error) {
    // A key's name cannot look like a bech32 text with a separator.
    if (!(error instanceof BitscaleError) || text.includes('1')) throw error;
  }
  return parseAccount(new Keyring(homeFolder(call, terminal)).show(text).address);
}

export interface SigningKey {
  /** Compressed secp256k1. */
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

export async function unlockKey(call: Call, terminal: Terminal, name: string): Promise<SigningKey> {
  const keyring = new Keyring(homeFolder(call, terminal));
  const publicKey = fromBase64(keyring.show(name).publicKey);
  const { privateKey } = keyring.unlock(name, await readPassword(call, terminal));
  return { publicKey, privateKey };
}
