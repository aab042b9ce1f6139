/** Judges bytes offered as a transaction: by an independent table of encodings, and by what CheckTx does. */
import type { Tx, TxDecoder } from '../../node/app/tx.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { notCanonical } from './canonical.ts';

const PANIC = 111_222;

type Check = (tx: Bytes) => { readonly code: number; readonly codespace: string };

/** Codespace and code of CheckTx. Throws when a second encoding was taken, or anything but a refusal came. */
export function judgeTx(bytes: Bytes, check: Check, decoder: TxDecoder): string {
  const tx = decoded(bytes, decoder);
  const isTx = tx !== undefined;
  // A key that cannot be read is refused behind the decoder, and what is inside it is nobody's key.
  const hasBadKey = tx?.pubKeys?.some((key) => key instanceof BitscaleError) === true;
  const wrong = isTx && !hasBadKey ? notCanonical(bytes) : undefined;
  if (wrong !== undefined) throw new TypeError(`not canonical, ${wrong}`);
  const { code, codespace } = check(bytes);
  if (code === PANIC) throw new TypeError('CheckTx met a bug');
  if (hasBadKey && code === 0) throw new TypeError('accepted a key that cannot be read');
  if (!isTx && code === 0) throw new TypeError('accepted what is no transaction');
  return `${isTx ? 'transaction ' : ''}${codespace}/${code}`;
}

function decoded(bytes: Bytes, decoder: TxDecoder): Tx | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof BitscaleError) return undefined;
    throw error;
  }
}
