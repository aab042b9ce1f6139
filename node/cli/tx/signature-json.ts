/** Signatures without their transaction, as members of a multisig hand them in. */
import { SignMode, SignatureDescriptors } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { BitscaleError } from '../../base/errors.ts';
import type { Bytes } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { readPublicKey, type PublicKey } from '../../app/public-key.ts';
import type { JsonCodec } from '../../gateway/expected.ts';
import { toJson, type Json, type TypeFinder } from '../../gateway/json/to-json.ts';
import { readProtoJson } from './proto-json.ts';

export interface LooseSignature {
  readonly publicKey: PublicKey;
  readonly mode: SignMode;
  readonly signature: Bytes;
  readonly sequence: bigint;
}

export function signaturesJson(list: readonly LooseSignature[], types: TypeFinder): Json {
  const signatures = list.map(({ publicKey, mode, signature, sequence }) => ({
    publicKey: publicKey.any,
    data: { single: { mode, signature } },
    sequence,
  }));
  return toJson(SignatureDescriptors as unknown as JsonCodec, { signatures }, types);
}

/** Throws ExitError 65. */
export function readSignaturesJson(json: unknown): LooseSignature[] {
  const bytes = readProtoJson('cosmos.tx.signing.v1beta1.SignatureDescriptors', json);
  return SignatureDescriptors.decode(bytes).signatures.map(({ publicKey, data, sequence }) => {
    const key = publicKey && readPublicKey(publicKey, 0);
    if (!key || key instanceof BitscaleError || key.multi || !data?.single) {
      throw new ExitError(EXIT_DATA, 'not a signature of one key');
    }
    const { mode, signature } = data.single;
    return { publicKey: key, mode, signature, sequence };
  });
}
