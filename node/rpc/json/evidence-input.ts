/** Reads evidence that a client hands in as CometBFT's JSON. Every field is checked; throws RpcError. */
import { fromBase64, fromHex, type Bytes } from '../../base/bytes.ts';
import { parseTime, type Time } from '../../base/time.ts';
import type { BlockId, CommitSig, DuplicateVoteEvidence, Vote } from '../../consensus/types.ts';
import { invalidParams, RpcError } from '../errors.ts';
import type { LightClientAttack } from '../light-attack.ts';

export type EvidenceInput =
  { readonly votes: DuplicateVoteEvidence } | { readonly attack: LightClientAttack };

export function evidenceFromJson(value: unknown): EvidenceInput {
  try {
    const evidence = member(value);
    const body = member(evidence('value'));
    switch (evidence('type')) {
      case 'tendermint/DuplicateVoteEvidence':
        return { votes: doubleVoteFromJson(body) };
      case 'tendermint/LightClientAttackEvidence':
        return { attack: attackFromJson(body) };
      default:
        throw invalidParams(
          'evidence: neither DuplicateVoteEvidence nor LightClientAttackEvidence',
        );
    }
  } catch (error) {
    if (error instanceof RangeError) throw invalidParams(`evidence: ${error.message}`);
    throw error;
  }
}

type Members = (name: string) => unknown;

function doubleVoteFromJson(body: Members): DuplicateVoteEvidence {
  return {
    voteA: voteFromJson(body('vote_a')),
    voteB: voteFromJson(body('vote_b')),
    totalVotingPower: BigInt(integerText(body('total_voting_power'))),
    validatorPower: BigInt(integerText(body('validator_power'))),
    time: timeOf(body('timestamp')),
  };
}

/** Only the commit counts: its signatures are over the hash of the other header. */
function attackFromJson(body: Members): LightClientAttack {
  const signed = member(member(body('ConflictingBlock'))('signed_header'));
  const commit = member(signed('commit'));
  const signatures = commit('signatures');
  if (!Array.isArray(signatures)) throw invalidParams('evidence: signatures are missing');
  return {
    commonHeight: Number(integerText(body('CommonHeight'))),
    commit: {
      height: Number(integerText(commit('height'))),
      round: small(commit('round')),
      blockId: blockIdFromJson(commit('block_id')),
      signatures: signatures.map(signatureFromJson),
    },
  };
}

function signatureFromJson(value: unknown): CommitSig {
  const entry = member(value);
  const flag = small(entry('block_id_flag'));
  if (flag !== 1 && flag !== 2 && flag !== 3) throw invalidParams('evidence: no such flag');
  return {
    flag,
    address: hexOf(entry('validator_address')),
    time: timeOf(entry('timestamp')),
    signature: fromBase64(entry('signature') === null ? '' : text(entry('signature'))),
  };
}

function voteFromJson(value: unknown): Vote {
  const vote = member(value);
  const type = small(vote('type'));
  if (type !== 1 && type !== 2) throw invalidParams('evidence: vote type must be 1 or 2');
  return {
    type,
    height: Number(integerText(vote('height'))),
    round: small(vote('round')),
    blockId: blockIdFromJson(vote('block_id')),
    time: timeOf(vote('timestamp')),
    address: hexOf(vote('validator_address')),
    index: small(vote('validator_index')),
    signature: fromBase64(text(vote('signature'))),
  };
}

function blockIdFromJson(value: unknown): BlockId {
  const id = member(value);
  const parts = member(id('parts'));
  return {
    hash: hexOf(id('hash')),
    parts: { total: small(parts('total')), hash: hexOf(parts('hash')) },
  };
}

function member(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidParams('evidence: an object is missing');
  }
  const object = value as Record<string, unknown>;
  return (name) => (Object.hasOwn(object, name) ? object[name] : undefined);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw invalidParams('evidence: a text field is missing');
  return value;
}

function integerText(value: unknown): string {
  const digits = text(value);
  if (!/^(0|[1-9][0-9]{0,17})$/.test(digits)) {
    throw new RpcError(-32602, `evidence: not an integer: ${digits.slice(0, 32)}`);
  }
  return digits;
}

function small(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalidParams('evidence: a number is missing');
  }
  return value;
}

const hexOf = (value: unknown): Bytes => fromHex(text(value));
const timeOf = (value: unknown): Time => parseTime(text(value));
