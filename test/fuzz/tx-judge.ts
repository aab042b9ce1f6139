/** Judges bytes offered as a transaction: by an independent table of encodings, and by what CheckTx does. */
import type { TxDecoder } from '../../node/app/tx.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { notCanonical } from './canonical.ts';

const PANIC = 111_222;

type Check = (tx: Bytes) => { readonly code: number; readonly codespace: string };

/** Codespace and code of CheckTx. Throws when a second encoding was taken, or anything but a refusal came. */
export function judgeTx(bytes: Bytes, check: Check, decoder: TxDecoder): string {
  const isTx = decodes(bytes, decoder);
  const wrong = isTx ? notCanonical(bytes) : undefined;
  if (wrong !== undefined) throw new TypeError(`not canonical, ${wrong}`);
  const { code, codespace } = check(bytes);
  if (code === PANIC) throw new TypeError('CheckTx met a bug');
  if (!isTx && code === 0) throw new TypeError('accepted what is no transaction');
  return `${isTx ? 'transaction ' : ''}${codespace}/${code}`;
}

function decodes(bytes: Bytes, decoder: TxDecoder): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof BitscaleError) return false;
    throw error;
  }
}
