/** CometBFT's JSON of where consensus stands: consensus_state (short) and dump_consensus_state (long). */
import { EMPTY, equal, toUpperHex, type Bytes } from '../../base/bytes.ts';
import { formatTime } from '../../base/time.ts';
import type { Proposal } from '../../consensus/messages.ts';
import { PREVOTE, type Commit, type PartSetHeader, type Vote } from '../../consensus/types.ts';
import type { ConsensusStateView, RoundVotes, ValidatorSetView } from '../expected.ts';
import { blockIdJson, blockJson, validatorJson, validatorsJson } from './block.ts';
import { base64, hex, int64, time, type Json, type JsonObject } from './scalars.ts';

export function consensusStateJson(state: ConsensusStateView): JsonObject {
  const { validators } = state.validators;
  return {
    'height/round/step': `${state.height}/${state.round}/${state.step}`,
    start_time: time(state.startTime),
    proposal_block_hash: hex(state.proposal?.blockId.hash ?? EMPTY),
    locked_block_hash: hex(state.lockedHash),
    valid_block_hash: hex(state.validHash),
    height_vote_set: state.votes.map((votes) => roundVotesJson(votes, state.validators)),
    proposer: {
      address: hex(state.proposer),
      index: validators.findIndex(({ address }) => equal(address, state.proposer)),
    },
  };
}

export function dumpConsensusStateJson(state: ConsensusStateView): JsonObject {
  const { lastCommit, lastValidators, proposal, proposalBlock, lockedBlock } = state;
  const locked = lockedBlock ? blockJson(lockedBlock) : null;
  const lockedParts = partsJson(state.lockedParts, lockedBlock !== undefined);
  return {
    height: int64(state.height),
    round: state.round,
    step: state.step,
    start_time: time(state.startTime),
    commit_time: time(state.commitTime),
    validators: setJson(state.validators),
    proposal: proposal ? proposalJson(proposal) : null,
    proposal_block: proposalBlock ? blockJson(proposalBlock) : null,
    proposal_block_parts: partsJson(proposal?.blockId.parts, proposalBlock !== undefined),
    locked_round: state.lockedRound,
    locked_block: locked,
    locked_block_parts: lockedParts,
    valid_round: state.validRound,
    valid_block: locked,
    valid_block_parts: lockedParts,
    votes: state.votes.map((votes) => roundVotesJson(votes, state.validators)),
    commit_round: state.commitRound,
    last_commit: lastCommit ? lastCommitJson(lastCommit, lastValidators) : null,
    last_validators: lastValidators ? setJson(lastValidators) : null,
    triggered_timeout_precommit: state.timedOut,
  };
}

const PROPOSAL_TYPE = 32;

function proposalJson(proposal: Proposal): JsonObject {
  return {
    Type: PROPOSAL_TYPE,
    height: int64(proposal.height),
    round: proposal.round,
    pol_round: proposal.polRound,
    block_id: blockIdJson(proposal.blockId),
    timestamp: time(proposal.time),
    signature: base64(proposal.signature),
  };
}

/** Blocks travel whole: all of their parts are here, or none. */
function partsJson(parts: PartSetHeader | undefined, isHere: boolean): Json {
  if (parts === undefined) return null;
  const bits = (isHere ? 'x' : '_').repeat(parts.total);
  return {
    'count/total': `${isHere ? parts.total : 0}/${parts.total}`,
    parts_bit_array: `BA{${parts.total}:${bits}}`,
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
