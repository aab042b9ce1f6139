/** Evidence as clients hand it in over JSON-RPC. */
import { toBase64, toUpperHex } from '../../../node/base/bytes.ts';
import { formatTime } from '../../../node/base/time.ts';
import type { Vote } from '../../../node/consensus/types.ts';
import { EVIDENCE } from './consensus-values.ts';

function voteJson({ type, height, round, blockId, time, address, index, signature }: Vote): object {
  const { hash, parts } = blockId;
  return {
    type,
    height: String(height),
    round,
    block_id: {
      hash: toUpperHex(hash),
      parts: { total: parts.total, hash: toUpperHex(parts.hash) },
    },
    timestamp: formatTime(time),
    validator_address: toUpperHex(address),
    validator_index: index,
    signature: toBase64(signature),
  };
}

export const EVIDENCE_JSON = {
  type: 'tendermint/DuplicateVoteEvidence',
  value: {
    vote_a: voteJson(EVIDENCE.voteA),
    vote_b: voteJson(EVIDENCE.voteB),
    total_voting_power: String(EVIDENCE.totalVotingPower),
    validator_power: String(EVIDENCE.validatorPower),
    timestamp: formatTime(EVIDENCE.time),
  },
};
