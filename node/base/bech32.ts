/** Bech32 text of addresses. Bech32m, mixed case, a wrong prefix and odd lengths are refused. */
import { bech32 } from '@scure/base';
import type { Bytes } from './bytes.ts';
import { BitscaleError } from './errors.ts';
import { MAX_BECH32_CHARS } from './limits.ts';
import { INVALID_ADDRESS } from './sdk-errors.ts';

/** Key hashes and validators have 20 bytes, derived module and interchain accounts 32. */
const ADDRESS_LENGTHS = [20, 32];

export function toBech32(prefix: string, bytes: Bytes): string {
  return bech32.encode(prefix, bech32.toWords(bytes), MAX_BECH32_CHARS);
}

/** The 20 or 32 bytes of an address with this very prefix. Throws sdk/7. */
export function fromBech32(prefix: string, text: string): Bytes {
  if (text.trim() === '') {
    throw new BitscaleError(INVALID_ADDRESS, 'empty address string is not allowed');
  }
  const decoded = decode(text);
  if (decoded.prefix !== prefix) {
    const detail = `invalid Bech32 prefix; expected ${prefix}, got ${decoded.prefix}`;
    throw new BitscaleError(INVALID_ADDRESS, detail);
  }
  if (!ADDRESS_LENGTHS.includes(decoded.bytes.length)) {
    const detail = `address must be 20 or 32 bytes, got ${decoded.bytes.length}`;
    throw new BitscaleError(INVALID_ADDRESS, detail);
  }
  return decoded.bytes;
}

function decode(text: string): { prefix: string; bytes: Bytes } {
  try {
    if (text.length > MAX_BECH32_CHARS) throw new RangeError('bech32 string too long');
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, MAX_BECH32_CHARS);
    return { prefix, bytes: bech32.fromWords(words) };
  } catch (cause) {
    const detail = `decoding bech32 failed: ${(cause as Error).message}`;
    throw new BitscaleError(INVALID_ADDRESS, detail, { cause });
  }
}
