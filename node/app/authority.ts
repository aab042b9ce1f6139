/** Who may change the chain itself: its parameters, its program. */
import type { Bytes } from '../base/bytes.ts';
import { defineError } from '../base/errors.ts';
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
