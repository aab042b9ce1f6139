/** CometBFT's JSON of where consensus stands: consensus_state (short) and dump_consensus_state (long). */
import { equal, toUpperHex, type Bytes } from '../../base/bytes.ts';
import { formatTime } from '../../base/time.ts';
import { PREVOTE, type Commit, type Vote } from '../../consensus/types.ts';
import type { ConsensusStateView, RoundVotes, ValidatorSetView } from '../expected.ts';
import { validatorJson, validatorsJson } from './block.ts';
import { hex, int64, time, type JsonObject } from './scalars.ts';

export function consensusStateJson(state: ConsensusStateView): JsonObject {
  const { proposer, validators } = state.validators;
  return {
    'height/round/step': `${state.height}/${state.round}/${state.step}`,
    start_time: time(state.startTime),
    proposal_block_hash: hex(state.proposalHash),
    locked_block_hash: hex(state.lockedHash),
    valid_block_hash: hex(state.validHash),
    height_vote_set: state.votes.map((votes) => roundVotesJson(votes, state.validators)),
    proposer: {
      address: hex(proposer.address),
      index: validators.findIndex(({ address }) => equal(address, proposer.address)),
    },
  };
}

/** Blocks themselves are not dumped: they are served by `block` once committed. */
export function dumpConsensusStateJson(state: ConsensusStateView): JsonObject {
  const { lastCommit, lastValidators } = state;
  return {
    height: int64(state.height),
    round: state.round,
    step: state.step,
    start_time: time(state.startTime),
    commit_time: time(state.commitTime),
    validators: setJson(state.validators),
    proposal: null,
    proposal_block: null,
    proposal_block_parts: null,
    locked_round: state.lockedRound,
    locked_block: null,
    locked_block_parts: null,
    valid_round: state.validRound,
    valid_block: null,
    valid_block_parts: null,
    votes: state.votes.map((votes) => roundVotesJson(votes, state.validators)),
    commit_round: state.commitRound,
    last_commit: lastCommit ? lastCommitJson(lastCommit, lastValidators) : null,
    last_validators: lastValidators ? setJson(lastValidators) : null,
    triggered_timeout_precommit: false,
  };
}

function setJson(view: ValidatorSetView): JsonObject {
  return { validators: validatorsJson(view), proposer: validatorJson(view.proposer) };
}

function roundVotesJson(votes: RoundVotes, set: ValidatorSetView): JsonObject {
  return {
    round: votes.round,
    prevotes: votes.prevotes.map(voteText),
    prevotes_bit_array: bitArrayText(votes.prevotes.map(Boolean), set),
    precommits: votes.precommits.map(voteText),
    precommits_bit_array: bitArrayText(votes.precommits.map(Boolean), set),
  };
}

function lastCommitJson(commit: Commit, set: ValidatorSetView | undefined): JsonObject {
  const votes = commit.signatures.map((entry, index): Vote | undefined => {
    if (entry.flag === 1) return undefined;
    const none = { hash: new Uint8Array(0), parts: { total: 0, hash: new Uint8Array(0) } };
    const { height, round } = commit;
    const blockId = entry.flag === 2 ? commit.blockId : none;
    return { ...entry, type: 2, height, round, blockId, index };
  });
  return {
    votes: votes.map(voteText),
    votes_bit_array: set ? bitArrayText(votes.map(Boolean), set) : '',
    peer_maj_23s: {},
  };
}

const FINGERPRINT_BYTES = 6;

function fingerprint(bytes: Bytes): string {
  const cut = new Uint8Array(FINGERPRINT_BYTES);
  cut.set(bytes.subarray(0, FINGERPRINT_BYTES));
  return toUpperHex(cut);
}

function voteText(vote: Vote | undefined): string {
  if (!vote) return 'nil-Vote';
  const [type, name] =
    vote.type === PREVOTE
      ? ['SIGNED_MSG_TYPE_PREVOTE', 'Prevote']
      : ['SIGNED_MSG_TYPE_PRECOMMIT', 'Precommit'];
  const round = String(vote.round).padStart(2, '0');
  const hash = fingerprint(vote.blockId.hash);
  const signature = fingerprint(vote.signature);
  const where = `${vote.height}/${round}/${type}(${name})`;
  const extension = fingerprint(new Uint8Array(0));
  const when = formatTime(vote.time);
  return `Vote{${vote.index}:${fingerprint(vote.address)} ${where} ${hash} ${signature} ${extension} @ ${when}}`;
}

/** For example "BA{4:xx_x} 30/40 = 0.75": who voted, their power, the whole power. */
function bitArrayText(present: readonly boolean[], set: ValidatorSetView): string {
  const bits = present.map((voted) => (voted ? 'x' : '_')).join('');
  let power = 0n;
  present.forEach((voted, i) => {
    if (voted) power += set.validators[i]?.power ?? 0n;
  });
  const hundredths = set.totalPower === 0n ? 0n : (power * 100n) / set.totalPower;
  const share = (Number(hundredths) / 100).toFixed(2);
  return `BA{${present.length}:${bits}} ${power}/${set.totalPower} = ${share}`;
}
