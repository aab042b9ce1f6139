/** Evidence of double signing, as CometBFT's DuplicateVoteEvidence. */
import { compare, equal } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import type { Time } from '../base/time.ts';
import { encodePartSetHeader } from './encoding.ts';
import { voteSignBytes } from './sign-bytes.ts';
import type { BlockId, DuplicateVoteEvidence, Vote } from './types.ts';
import type { ValidatorSet } from './validator-set.ts';
import { sameBlock } from './votes.ts';

export const ErrInvalidEvidence = defineError('consensus', 6, 'invalid evidence');

/** CometBFT's order of block ids: by hash, then by the bytes of the part set header; nil first. */
export function compareBlockIds(a: BlockId, b: BlockId): number {
  return (
    compare(a.hash, b.hash) || compare(encodePartSetHeader(a.parts), encodePartSetHeader(b.parts))
  );
}

/** Two conflicting votes as evidence; `time` is the time of the block at their height. */
export function makeEvidence(
  votes: readonly [Vote, Vote],
  validators: ValidatorSet,
  time: Time,
): DuplicateVoteEvidence {
  const [voteA, voteB] = [...votes].sort((a, b) => compareBlockIds(a.blockId, b.blockId));
  const validator = voteA && validators.byAddress(voteA.address);
  if (!voteA || !voteB || !validator) return refuse('the voter is not in the set');
  return {
    voteA,
    voteB,
    totalVotingPower: validators.totalPower,
    validatorPower: validator.power,
    time,
  };
}

function refuse(why: string): never {
  throw new BitscaleError(ErrInvalidEvidence, why);
}

/** Against the set of the votes' height and the time of that block. Throws BitscaleError. */
export function verifyEvidence(
  chainId: string,
  evidence: DuplicateVoteEvidence,
  expected: { readonly validators: ValidatorSet; readonly blockTime: Time },
): void {
  const { voteA, voteB } = evidence;
  const { validators, blockTime } = expected;
  const same =
    voteA.height === voteB.height &&
    voteA.round === voteB.round &&
    voteA.type === voteB.type &&
    equal(voteA.address, voteB.address) &&
    voteA.index === voteB.index;
  if (!same) refuse('the votes are not for the same height, round and type by one validator');
  if (sameBlock(voteA.blockId, voteB.blockId)) refuse('the votes are for the same block');
  if (compareBlockIds(voteA.blockId, voteB.blockId) > 0) refuse('the votes are in wrong order');
  const validator = validators.byAddress(voteA.address);
  if (!validator) return refuse('the voter was not a validator');
  // Not signed: any other index would make new evidence of the same two votes.
  if (voteA.index !== validators.indexOf(voteA.address)) refuse('wrong validator index');
  if (evidence.validatorPower !== validator.power) refuse('wrong validator power');
  if (evidence.totalVotingPower !== validators.totalPower) refuse('wrong total power');
  const { time } = evidence;
  if (time.seconds !== blockTime.seconds || time.nanos !== blockTime.nanos) refuse('wrong time');
  for (const vote of [voteA, voteB]) {
    if (!verifyEd25519(validator.pubKey, voteSignBytes(chainId, vote), vote.signature)) {
      refuse('wrong signature');
    }
  }
}
