/**
 * Checking certificates: commits and quorum certificates. The signature does not cover the address, so the
 * address must be that of the validator at the same position: otherwise a forged last commit hash or time
 * could be slipped in.
 */
import { equal, type Bytes } from '../base/bytes.ts';
import { verifyEd25519 } from '../base/ed25519.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import type { QuorumCertificate } from './messages.ts';
import { voteSignBytes } from './sign-bytes.ts';
import {
  BLOCK_ID_FLAG_ABSENT,
  BLOCK_ID_FLAG_COMMIT,
  BLOCK_ID_FLAG_NIL,
  PRECOMMIT,
  PREVOTE,
  type BlockId,
  type Commit,
  type CommitSig,
  type VoteType,
} from './types.ts';
import type { ValidatorSet } from './validator-set.ts';
import { NIL_BLOCK_ID, isQuorum, sameBlock } from './votes.ts';

export const ErrInvalidCommit = defineError('consensus', 4, 'invalid commit');
export const ErrNotEnoughPower = defineError('consensus', 5, 'not enough voting power');

/** One signature to verify; independent of all others, so a pool of workers may share them out. */
export interface SignatureCheck {
  readonly pubKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
}

export interface CertificateContext {
  readonly chainId: string;
  readonly validators: ValidatorSet;
  readonly voteType: VoteType;
}

function refuse(why: string): never {
  throw new BitscaleError(ErrInvalidCommit, why);
}

function checkAbsent(sig: CommitSig): void {
  if (sig.address.length !== 0 || sig.signature.length !== 0) {
    refuse('an absent entry has an address or a signature');
  }
}

/**
 * Everything about a certificate but its signatures: size, addresses, flags, more than 2/3 of the power.
 * Returns the signatures left to verify (nil votes too). Throws BitscaleError.
 */
export function certificateChecks(
  { chainId, validators, voteType }: CertificateContext,
  certificate: Commit | QuorumCertificate,
): SignatureCheck[] {
  const { height, round, blockId, signatures } = certificate;
  if (blockId.hash.length !== 32) refuse('a certificate names a block');
  if (signatures.length !== validators.size) {
    refuse(`expected ${validators.size} signatures, got ${signatures.length}`);
  }
  let power = 0n;
  const checks: SignatureCheck[] = [];
  validators.validators.forEach((validator, index) => {
    const sig = signatures[index]!;
    if (sig.flag === BLOCK_ID_FLAG_ABSENT) return checkAbsent(sig);
    if (!equal(sig.address, validator.address)) refuse(`wrong address at index ${index}`);
    if (sig.flag === BLOCK_ID_FLAG_NIL && voteType === PREVOTE) {
      refuse('a quorum certificate holds no nil votes');
    }
    if (sig.flag === BLOCK_ID_FLAG_COMMIT) power += validator.power;
    const voted = sig.flag === BLOCK_ID_FLAG_COMMIT ? blockId : NIL_BLOCK_ID;
    const vote = { type: voteType, height, round, blockId: voted, time: sig.time };
    const message = voteSignBytes(chainId, vote);
    checks.push({ pubKey: validator.pubKey, message, signature: sig.signature });
  });
  if (!isQuorum(power, validators.totalPower)) {
    throw new BitscaleError(ErrNotEnoughPower, `got ${power} of ${validators.totalPower}`);
  }
  return checks;
}

export interface CommitCheck {
  readonly chainId: string;
  readonly validators: ValidatorSet;
  readonly height: number;
  readonly blockId: BlockId;
  readonly commit: Commit;
}

/** Does this one signature hold? The engine passes in one that remembers what it has verified. */
export type VerifyOne = (check: SignatureCheck) => boolean;

const verifyOne: VerifyOne = ({ pubKey, message, signature }) =>
  verifyEd25519(pubKey, message, signature);

/** Full verification, as a block's last commit and synced blocks need it. Throws BitscaleError. */
export function verifyCommit(expected: CommitCheck, verify: VerifyOne = verifyOne): void {
  const { chainId, validators, height, blockId, commit } = expected;
  if (commit.height !== height) refuse(`expected height ${height}, got ${commit.height}`);
  if (!sameBlock(commit.blockId, blockId)) refuse('the commit is for another block');
  const checks = certificateChecks({ chainId, validators, voteType: PRECOMMIT }, commit);
  checks.forEach((check, index) => {
    if (!verify(check)) refuse(`wrong signature (#${index})`);
  });
}

/** More than 2/3 of the power prevoted for the block at this height and round. Throws BitscaleError. */
export function verifyQuorumCertificate(
  chainId: string,
  validators: ValidatorSet,
  qc: QuorumCertificate,
): void {
  const checks = certificateChecks({ chainId, validators, voteType: PREVOTE }, qc);
  checks.forEach(({ pubKey, message, signature }, index) => {
    if (!verifyEd25519(pubKey, message, signature)) refuse(`wrong signature (#${index})`);
  });
}

/** The commit of nothing: the last commit of the first block. */
export const EMPTY_COMMIT: Commit = {
  height: 0,
  round: 0,
  blockId: NIL_BLOCK_ID,
  signatures: [],
};
