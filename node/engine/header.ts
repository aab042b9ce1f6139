/** The header that follows from a chain state: every field but the proposer's choices is dictated. */
import { equal, toUpperHex, type Bytes } from '../base/bytes.ts';
import { addNanos, compareTime, timeFromMillis, type Time } from '../base/time.ts';
import { commitHash, consensusHash, dataHash, evidenceHash } from '../consensus/hashing.ts';
import type { Block, Commit, DuplicateVoteEvidence, Header } from '../consensus/types.ts';
import { sameBlock } from '../consensus/votes.ts';
import type { ChainState } from './chain-state.ts';

/** The only block format there is. */
const BLOCK_VERSION = 11n;
const NANOS_PER_MILLI = 1_000_000n;

/** What the proposer chooses. */
export interface BlockContent {
  readonly time: Time;
  readonly txs: readonly Bytes[];
  readonly evidence: readonly DuplicateVoteEvidence[];
  readonly lastCommit: Commit;
  readonly proposerAddress: Bytes;
}

function makeHeader(state: ChainState, content: BlockContent): Header {
  return {
    version: { block: BLOCK_VERSION, app: state.params.version.app },
    chainId: state.chainId,
    height: state.height + 1,
    time: content.time,
    lastBlockId: state.blockId,
    lastCommitHash: commitHash(content.lastCommit),
    dataHash: dataHash(content.txs),
    validatorsHash: state.validators.hash(),
    nextValidatorsHash: state.nextValidators.hash(),
    consensusHash: consensusHash(state.params),
    appHash: state.appHash,
    lastResultsHash: state.resultsHash,
    evidenceHash: evidenceHash(content.evidence),
    proposerAddress: content.proposerAddress,
  };
}

export function makeBlock(state: ChainState, content: BlockContent): Block {
  const { txs, evidence, lastCommit } = content;
  return { header: makeHeader(state, content), txs, evidence, lastCommit };
}

/** The first field of a header that does not follow from the state and the block's content. */
export function headerProblem(state: ChainState, block: Block): string | undefined {
  const { header, txs, evidence, lastCommit } = block;
  const { time, proposerAddress } = header;
  const expected = makeHeader(state, { time, txs, evidence, lastCommit, proposerAddress });
  if (header.version.block !== expected.version.block) return 'block version';
  if (header.version.app !== expected.version.app) return 'application version';
  if (header.chainId !== expected.chainId) return 'chain id';
  if (header.height !== expected.height) return 'height';
  if (!sameBlock(header.lastBlockId, expected.lastBlockId)) return 'last block id';
  for (const field of HASH_FIELDS) {
    if (equal(header[field], expected[field])) continue;
    return field === 'appHash' ? appHashProblem(header.appHash, expected.appHash) : field;
  }
  if (state.validators.byAddress(proposerAddress) === undefined) return 'proposer';
  if (compareTime(time, earliestTime(state)) < 0) return 'time does not increase';
  return undefined;
}

const HASH_FIELDS = [
  'lastCommitHash',
  'dataHash',
  'validatorsHash',
  'nextValidatorsHash',
  'consensusHash',
  'appHash',
  'lastResultsHash',
  'evidenceHash',
] as const;

/** Block time strictly increases, by a millisecond at least. */
function earliestTime(state: ChainState): Time {
  return addNanos(state.time, NANOS_PER_MILLI);
}

/** The later of the local clock and the earliest allowed time. */
export function proposalTime(state: ChainState, nowMs: number): Time {
  return laterTime(timeFromMillis(nowMs), earliestTime(state));
}

/** The time of a vote: never before the time of the block it is for. */
export function voteTime(blockTime: Time | undefined, nowMs: number): Time {
  const now = timeFromMillis(nowMs);
  return blockTime === undefined ? now : laterTime(now, addNanos(blockTime, NANOS_PER_MILLI));
}

function laterTime(a: Time, b: Time): Time {
  return compareTime(a, b) >= 0 ? a : b;
}

/** The one difference that shows two machines computing differently: whoever looks for it needs both. */
function appHashProblem(proposed: Bytes, here: Bytes): string {
  return `appHash ${toUpperHex(proposed)}, here ${toUpperHex(here)}`;
}
