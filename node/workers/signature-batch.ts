/** A batch of signatures as one buffer, which moves between threads without being copied. */
import type { Bytes } from '../base/bytes.ts';

export type Scheme = 'ed25519' | 'secp256k1';

export interface Check {
  readonly pubKey: Bytes;
  /** For secp256k1 its hash. */
  readonly message: Bytes;
  readonly signature: Bytes;
}

export interface Question {
  readonly id: number;
  readonly scheme: Scheme;
  readonly batch: Uint8Array<ArrayBuffer>;
}

export interface Answer {
  readonly id: number;
  readonly good: Uint8Array<ArrayBuffer>;
}

const LENGTH_BYTES = 4;
const PARTS = ['pubKey', 'message', 'signature'] as const;

/** Each part with its length before it. */
export function packChecks(checks: readonly Check[]): Uint8Array<ArrayBuffer> {
  const size = checks.reduce(
    (sum, check) => PARTS.reduce((all, part) => all + LENGTH_BYTES + check[part].length, sum),
    0,
  );
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const check of checks) {
    for (const part of PARTS) {
      view.setUint32(at, check[part].length);
      out.set(check[part], at + LENGTH_BYTES);
      at += LENGTH_BYTES + check[part].length;
    }
  }
  return out;
}

export function unpackChecks(batch: Bytes): Check[] {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  const checks: Check[] = [];
  let at = 0;
  const next = (): Bytes => {
    const from = at + LENGTH_BYTES;
    at = from + view.getUint32(at);
    return batch.subarray(from, at);
  };
  while (at < batch.length) checks.push({ pubKey: next(), message: next(), signature: next() });
  return checks;
}
