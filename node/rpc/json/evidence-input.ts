/** Reads evidence that a client hands in as CometBFT's JSON. Every field is checked; throws RpcError. */
import { fromBase64, fromHex, type Bytes } from '../../base/bytes.ts';
import { parseTime, type Time } from '../../base/time.ts';
import type { BlockId, DuplicateVoteEvidence, Vote } from '../../consensus/types.ts';
import { invalidParams, RpcError } from '../errors.ts';

export function evidenceFromJson(value: unknown): DuplicateVoteEvidence {
  try {
    const evidence = member(value);
    if (evidence('type') !== 'tendermint/DuplicateVoteEvidence') {
      throw invalidParams(
        'only tendermint/DuplicateVoteEvidence is accepted: an attack on light clients must be shown ' +
          'by the votes that were signed twice',
      );
    }
    const body = member(evidence('value'));
    return {
      voteA: voteFromJson(body('vote_a')),
      voteB: voteFromJson(body('vote_b')),
      totalVotingPower: BigInt(integerText(body('total_voting_power'))),
      validatorPower: BigInt(integerText(body('validator_power'))),
      time: timeOf(body('timestamp')),
    };
  } catch (error) {
    if (error instanceof RangeError) throw invalidParams(`evidence: ${error.message}`);
    throw error;
  }
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

function member(value: unknown): (name: string) => unknown {
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
