/** The other end of signature-workers.ts: verifies a batch and answers one byte for each signature. */
import { parentPort } from 'node:worker_threads';
import type { Bytes } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { verifySecp256k1 } from '../base/secp256k1.ts';
import { unpackChecks, type Answer, type Question } from './signature-batch.ts';

const VERIFY = { ed25519: verifyEd25519, secp256k1: verifySecp256k1 } as const;

parentPort?.on('message', ({ id, scheme, batch }: Question) => {
  const verify: (pubKey: Bytes, message: Bytes, signature: Bytes) => boolean = VERIFY[scheme];
  const good = Uint8Array.from(unpackChecks(batch), ({ pubKey, message, signature }) =>
    verify(pubKey, message, signature) ? 1 : 0,
  );
  parentPort?.postMessage({ id, good } satisfies Answer, [good.buffer]);
});
