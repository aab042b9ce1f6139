/** Is this proof of a double vote sound, and may it be in this block? */
import { PRECOMMIT, PREVOTE } from './commit.ts';
import { nanosOf, sameBlockId, writeBlockId, type DuplicateVotes, type Vote } from './formats.ts';
import type { Params } from './genesis.ts';
import { powerOf, type Validator } from './hashes.ts';
import { hex, join, same, type Bytes } from './proto.ts';

export interface EvidenceContext {
  /** Of the block it is in. */
  readonly height: number;
  /** Of the block before, in nanoseconds. */
  readonly timeBefore: bigint;
  /** Undefined where history does not reach. */
  readonly timeOf: (height: number) => bigint | undefined;
  readonly setAt: (height: number) => readonly Validator[] | undefined;
  readonly params: Params | undefined;
  readonly isSigned: (pubKey: Bytes, vote: Vote) => boolean;
}

/** Tag and length of the part set header inside of a block id. */
const PARTS_PREFIX_BYTES = 2;

/** What CometBFT orders two votes by: the hash and the bare header of the parts; nothing for nil. */
function orderKey({ blockId }: Vote): Bytes {
  const parts = writeBlockId({ ...blockId, hash: new Uint8Array(0) }).slice(PARTS_PREFIX_BYTES);
  return join([blockId.hash, parts]);
}

export function evidenceProblems(evidence: DuplicateVotes, context: EvidenceContext): string[] {
  const { voteA, voteB } = evidence;
  const problems: string[] = [];
  const sameStep =
    voteA.height === voteB.height && voteA.round === voteB.round && voteA.type === voteB.type;
  if (!sameStep) problems.push('votes of different steps');
  if (voteA.type !== PREVOTE && voteA.type !== PRECOMMIT) problems.push('not votes');
  if (!same(voteA.address, voteB.address)) problems.push('votes of two validators');
  if (sameBlockId(voteA.blockId, voteB.blockId)) problems.push('votes for the same block');
  if (Buffer.compare(orderKey(voteA), orderKey(voteB)) >= 0) problems.push('votes out of order');
  return [...problems, ...historyProblems(evidence, context)];
}

function historyProblems(evidence: DuplicateVotes, context: EvidenceContext): string[] {
  const { voteA, voteB } = evidence;
  const { height, timeBefore, timeOf, setAt, params, isSigned } = context;
  const problems: string[] = [];
  const at = Number(voteA.height);
  if (at >= height) problems.push(`of height ${at}, which is not before this block`);
  const time = timeOf(at);
  if (time !== undefined && nanosOf(evidence.time) !== time) problems.push('another time');
  if (params !== undefined) {
    const isOld = BigInt(height - 1 - at) > params.maxAgeBlocks;
    if (isOld && timeBefore - nanosOf(evidence.time) > params.maxAgeNanos) problems.push('too old');
  }
  const set = setAt(at);
  if (set === undefined) return problems;
  const index = set.findIndex(({ address }) => same(address, voteA.address));
  const validator = set[index];
  if (validator === undefined) return [...problems, `${hex(voteA.address)} was no validator`];
  if (voteA.index !== index || voteB.index !== index) problems.push('another place in the set');
  if (evidence.totalPower !== powerOf(set)) problems.push('another total power');
  if (evidence.validatorPower !== validator.power) problems.push('another power of the validator');
  for (const vote of [voteA, voteB]) {
    if (!isSigned(validator.pubKey, vote)) problems.push('a vote with a wrong signature');
  }
  return problems;
}
