/** A signer's signature taken apart: which member of the key signed what in which mode. */
import {
  MultiSignature,
  type CompactBitArray,
} from 'cosmjs-types/cosmos/crypto/multisig/v1beta1/multisig';
import type { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import type { ModeInfo, SignerInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { strictDecode } from '../base/strict-decode.ts';
import type { PublicKey } from './public-key.ts';

export interface SignaturePart {
  /** Position in the members of the key. */
  readonly member: number;
  readonly mode: SignMode | undefined;
  readonly signature: Bytes;
}

export interface TakenApart {
  readonly parts: readonly SignaturePart[];
  /** False when the shape alone shows that the signature cannot hold. */
  readonly fits: boolean;
}

/** The list of signatures inside a multisig signature; throws sdk/2 when it is not canonical. */
export function innerSignatures(
  info: Pick<SignerInfo, 'modeInfo'> | undefined,
  signature: Bytes,
): readonly Bytes[] {
  if (!info?.modeInfo?.multi || signature.length === 0) return [];
  return strictDecode(MultiSignature, signature, 1).signatures;
}

export function takeApart(
  key: PublicKey,
  mode: ModeInfo | undefined,
  signature: { readonly whole: Bytes; readonly inner: readonly Bytes[] },
): TakenApart {
  if (!key.multi) {
    const part = { member: 0, mode: mode?.single?.mode, signature: signature.whole };
    return { parts: [part], fits: mode?.single !== undefined };
  }
  const modes = mode?.multi?.modeInfos ?? [];
  const bits = mode?.multi?.bitarray;
  const signed = bits ? setBits(bits) : [];
  const parts = signed.map((member, i) => ({
    member,
    mode: modes[i]?.single?.mode,
    signature: signature.inner[i] ?? EMPTY,
  }));
  const fits =
    bits !== undefined &&
    bitCount(bits) === key.members.length &&
    signed.length === modes.length &&
    signed.length === signature.inner.length &&
    signed.length >= key.threshold;
  return { parts, fits };
}

function bitCount({ extraBitsStored, elems }: CompactBitArray): number {
  return extraBitsStored === 0 ? elems.length * 8 : (elems.length - 1) * 8 + extraBitsStored;
}

/** Positions of the bits that are set, the highest bit of the first byte being 0. */
function setBits(bits: CompactBitArray): number[] {
  const set: number[] = [];
  for (let i = 0; i < bitCount(bits) && i < bits.elems.length * 8; i++) {
    if (((bits.elems[i >> 3] as number) & (0x80 >> (i % 8))) !== 0) set.push(i);
  }
  return set;
}
