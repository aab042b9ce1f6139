/**
 * Loaded into a node before its program (`node --import`): every signature that the signer hands out is first
 * appended to the file of BITSCALE_TEST_SIGNATURES, so that a test can look for contradictions over any
 * number of kills. Nothing else is different from a node without it.
 */
import { appendFileSync } from 'node:fs';
import { toHex } from '../../node/base/bytes.ts';
import { FileSigner, type Signed, type SignRequest } from '../../node/engine/signer.ts';

const file = process.env['BITSCALE_TEST_SIGNATURES'];
if (file === undefined) throw new Error('BITSCALE_TEST_SIGNATURES names no file');

const signer = FileSigner.prototype as { sign: (request: SignRequest) => Promise<Signed> };
const { sign } = signer;
signer.sign = async function (this: FileSigner, request) {
  const signed = await sign.call(this, request);
  const { height, round, step } = request;
  const bytes = toHex(request.bytesAt(signed.time));
  const line = [height, round, step, toHex(this.pubKey), bytes, toHex(signed.signature)];
  appendFileSync(file, `${line.join(' ')}\n`);
  return signed;
};
