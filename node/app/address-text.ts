/** How this chain writes account addresses. One instance per chain, handed to whatever needs it. */
import { ACCOUNT_PREFIX } from '../base/address.ts';
import { fromBech32, toBech32 } from '../base/bech32.ts';
import type { Bytes } from '../base/bytes.ts';

export interface AddressText {
  readonly prefix: string;
  write(address: Bytes): string;
  /** Throws sdk/7. */
  read(text: string): Bytes;
}

export function addressText(prefix: string): AddressText {
  return {
    prefix,
    write: (address) => toBech32(prefix, address),
    read: (text) => fromBech32(prefix, text),
  };
}

export const accountText: AddressText = addressText(ACCOUNT_PREFIX);
