/** Who may change the chain itself: its parameters, its program. One address for all modules. */
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import type { AddressText } from './address-text.ts';
import type { Context } from './context.ts';

/** What the Cosmos SDK answers when somebody else asks. */
export const INVALID_SIGNER = defineError(
  'gov',
  13,
  'expected gov account as only signer for proposal message',
);

export interface Authority {
  authority(context: Context): Bytes;
}

/** Throws gov/13 unless this is how the authority is written. */
export function requireAuthority(
  context: Context,
  { authority, addresses }: { readonly authority: Authority; readonly addresses: AddressText },
  written: string,
): void {
  const expected = addresses.write(authority.authority(context));
  if (written === expected) return;
  const detail = `invalid authority; expected ${expected}, got ${written}`;
  throw new BitscaleError(INVALID_SIGNER, detail);
}
