/** Good votes, commits, blocks and messages of consensus, to be bent. */
import { EMPTY, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import { PRECOMMIT, PREVOTE, type Block } from '../../../node/consensus/types.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';
import type { Payload } from '../../../node/engine/wire.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { chainOfBlocks } from '../../unit/consensus/light-chain.ts';
import { fullCommit, genesisState, signedVote } from '../../unit/engine/chain-fixture.ts';

export const STATE = genesisState();
const HASH = sha256(utf8('block'));
export const BLOCK_ID = { hash: HASH, parts: { total: 2, hash: sha256(HASH) } };
const { time } = STATE;
const place = { type: PREVOTE, height: 1, round: 2, blockId: BLOCK_ID, time } as const;
const nilPlace = { ...place, type: PRECOMMIT, blockId: NIL_BLOCK_ID } as const;

export const VOTE = signedVote(STATE.validators, 1, place);
export const NIL_VOTE = signedVote(STATE.validators, 2, nilPlace);
export const COMMIT = fullCommit(STATE, BLOCK_ID, time, 2);
export const EVIDENCE = makeEvidence(
  [VOTE, signedVote(STATE.validators, 1, { ...place, blockId: NIL_BLOCK_ID })],
  STATE.validators,
  time,
);
export const LIGHT_BLOCKS = [...chainOfBlocks(2, () => [0, 1, 2, 3]).values()];
export const HEADERS = LIGHT_BLOCKS.map(({ header }) => header);

const [first, second] = LIGHT_BLOCKS as [(typeof LIGHT_BLOCKS)[0], (typeof LIGHT_BLOCKS)[0]];
export const BLOCKS: readonly Block[] = [
  {
    header: first.header,
    txs: [],
    evidence: [],
    lastCommit: { height: 0, round: 0, blockId: NIL_BLOCK_ID, signatures: [] },
  },
  {
    header: second.header,
    txs: [utf8('one'), EMPTY, utf8('two')],
    evidence: [EVIDENCE],
    lastCommit: first.commit,
  },
];
export const BLOCK_BYTES: readonly Bytes[] = BLOCKS.map(encodeBlock);

export const PROPOSAL = {
  height: 1,
  round: 3,
  polRound: 2,
  blockId: BLOCK_ID,
  time,
  signature: VOTE.signature,
};
const timeouts = [NIL_VOTE, VOTE];
const MESSAGES: readonly ConsensusMessage[] = [
  { type: 'proposal', proposal: { ...PROPOSAL, polRound: -1 } },
  { type: 'proposal', proposal: PROPOSAL, justify: COMMIT, timeouts },
  { type: 'vote', vote: VOTE },
  { type: 'timeout', vote: NIL_VOTE, highQc: COMMIT },
  { type: 'newRound', height: 1, round: 3, highQc: COMMIT, timeouts },
  { type: 'quorum', qc: COMMIT },
  { type: 'commit', commit: COMMIT },
];
export const PAYLOADS: readonly Payload[] = [
  ...MESSAGES.map((message): Payload => ({ type: 'message', message })),
  { type: 'message', message: MESSAGES[1]!, block: BLOCK_BYTES[1]! },
  { type: 'evidence', evidence: EVIDENCE },
];
