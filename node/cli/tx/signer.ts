/** The key behind --from: who it is, and how it signs. */
import { accountText, parseAccount } from '../../base/address.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { sha256 } from '../../base/hash.ts';
import { signSecp256k1 } from '../../base/secp256k1.ts';
import type { Call } from '../command.ts';
import { addressOf, type KeyEntry } from '../keyring/entry.ts';
import { answered, openHardware } from '../keyring/hardware.ts';
import { findKey, openKeyring, readPassword } from '../keyring/options.ts';
import type { Terminal } from '../terminal.ts';
import type { Signer } from './sign.ts';

export interface Sender {
  readonly address: string;
  /** Absent for an address that the keyring does not know: it can only stand in unsigned transactions. */
  readonly key?: KeyEntry;
}

/** A text that is meant as an address, if perhaps a wrong one. */
const LIKE_ADDRESS = /^[a-z]+1[a-z0-9]{20,}$/;

/** Throws ExitError 65 for a name that is no key, and no address. */
export function findSender(call: Call, terminal: Terminal, nameOrAddress: string): Sender {
  const keyring = openKeyring(call, terminal);
  const key = keyring.find(nameOrAddress);
  if (key !== undefined) return { address: addressOf(key), key };
  if (!LIKE_ADDRESS.test(nameOrAddress)) findKey(keyring, nameOrAddress);
  return { address: accountText(parseAccount(nameOrAddress)) };
}

/** Asks for the password of a key that has one. Throws ExitError 65 for a key that cannot sign here. */
export async function openSigner(call: Call, terminal: Terminal, key: KeyEntry): Promise<Signer> {
  const { name, type, publicKey, path } = key;
  if (type === 'local') {
    const keyring = openKeyring(call, terminal);
    const { privateKey } = await keyring.unlock(name, () => readPassword(call, terminal));
    const sign = (doc: Uint8Array) => Promise.resolve(signSecp256k1(privateKey, sha256(doc)));
    return { publicKey, aminoOnly: false, sign };
  }
  if (type === 'ledger' && path !== undefined) {
    const device = await openHardware(terminal.environment['BITSCALE_LEDGER']);
    return {
      publicKey,
      aminoOnly: true,
      sign: async (doc) => {
        terminal.warn('Look at the device and confirm there.');
        const signature = await answered(device.sign(path, doc));
        await device.close?.();
        return signature;
      },
    };
  }
  const how = type === 'multi' ? 'let its members sign: tx sign --multisig, tx multisign' : '';
  throw new ExitError(EXIT_DATA, `${name} is of type ${type} and cannot sign here; ${how}`.trim());
}
