/** Signatures of members of a multisig, put together to one. */
import {
  CompactBitArray,
  MultiSignature,
} from 'cosmjs-types/cosmos/crypto/multisig/v1beta1/multisig';
import type { SignerInfo } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { accountText } from '../../base/address.ts';
import { equal } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { sha256 } from '../../base/hash.ts';
import { verifySecp256k1 } from '../../base/secp256k1.ts';
import { addressOfKey, type PublicKey } from '../../app/public-key.ts';
import { signBytes, type SignerFacts } from '../../app/sign-bytes.ts';
import type { ChainTypes } from './chain-types.ts';
import type { TxParts } from './parts.ts';
import { readTxParts, withSignature } from './sign.ts';
import type { LooseSignature } from './signature-json.ts';

/** Throws ExitError 65 for a signature that does not hold or is of nobody in the group, and for too few. */
export function combine(
  parts: TxParts,
  { group, signatures }: { group: PublicKey; signatures: readonly LooseSignature[] },
  facts: SignerFacts,
  chain: Pick<ChainTypes, 'decoder'>,
): TxParts {
  const tx = readTxParts(parts, chain);
  const byMember = new Map<number, LooseSignature>();
  for (const one of signatures) {
    const [key] = one.publicKey.members;
    const member = group.members.findIndex((each) => equal(each, key!));
    const who = accountText(addressOfKey(one.publicKey));
    if (member < 0) throw new ExitError(EXIT_DATA, `${who} is not in the multisig`);
    const bytes = signBytes(one.mode, tx, facts);
    if (bytes === undefined || !verifySecp256k1(key!, sha256(bytes), one.signature)) {
      const why = 'other transaction, chain, account number or sequence';
      throw new ExitError(EXIT_DATA, `the signature of ${who} does not hold: ${why}`);
    }
    byMember.set(member, one);
  }
  if (byMember.size < group.threshold) {
    const detail = `${byMember.size} signatures, ${group.threshold} are needed`;
    throw new ExitError(EXIT_DATA, detail);
  }
  const inOrder = [...byMember].sort(([a], [b]) => a - b);
  const info: SignerInfo = {
    publicKey: group.any,
    modeInfo: {
      multi: {
        bitarray: bits(group.members.length, [...byMember.keys()]),
        modeInfos: inOrder.map(([, { mode }]) => ({ single: { mode } })),
      },
    },
    sequence: facts.sequence,
  };
  const inner = inOrder.map(([, { signature }]) => signature);
  const signature = MultiSignature.encode({ signatures: inner }).finish();
  return withSignature(parts, tx, { address: addressOfKey(group), info, signature });
}

/** The highest bit of the first byte is the first member. */
function bits(count: number, set: readonly number[]): CompactBitArray {
  const elems = new Uint8Array(Math.ceil(count / 8));
  for (const index of set) elems[index >> 3]! |= 0x80 >> (index % 8);
  return { extraBitsStored: count % 8, elems };
}
