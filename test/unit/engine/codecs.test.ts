import assert from 'node:assert/strict';
import fc from 'fast-check';
import { equal, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { ProtoReader } from '../../../node/base/proto-reader.ts';
import type { FinalizeBlockResponse } from '../../../node/app/abci.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import { PRECOMMIT, PREVOTE } from '../../../node/consensus/types.ts';
import { NIL_BLOCK_ID } from '../../../node/consensus/votes.ts';
import { encodeParams, readParams } from '../../../node/engine/params-codec.ts';
import { decodeResults, encodeResults } from '../../../node/engine/results-codec.ts';
import {
  decodeChainState,
  encodeChainState,
  sealed,
  unsealed,
} from '../../../node/engine/state-codec.ts';
import { decodePayload, encodePayload, type Payload } from '../../../node/engine/wire.ts';
import { decodeLogEntry, encodeLogEntry, type LogEntry } from '../../../node/engine/wal-record.ts';
import { fullCommit, genesisState, PARAMS, signedVote, testChain } from './chain-fixture.ts';

const HASH = sha256(utf8('block'));
const BLOCK_ID = { hash: HASH, parts: { total: 2, hash: sha256(HASH) } };
const STATE = genesisState();
const TIME = STATE.time;
const PREVOTED = { type: PREVOTE, height: 1, round: 2, blockId: BLOCK_ID, time: TIME } as const;
const VOTE = signedVote(STATE.validators, 1, PREVOTED);
const NIL = signedVote(STATE.validators, 2, {
  ...PREVOTED,
  type: PRECOMMIT,
  blockId: NIL_BLOCK_ID,
});
const QC = fullCommit(STATE, BLOCK_ID, TIME, 2);
const PROPOSAL = {
  height: 1,
  round: 3,
  polRound: -1,
  blockId: BLOCK_ID,
  time: TIME,
  signature: VOTE.signature,
};

const MESSAGES: ConsensusMessage[] = [
  { type: 'proposal', proposal: PROPOSAL },
  {
    type: 'proposal',
    proposal: { ...PROPOSAL, polRound: 2 },
    justify: QC,
    timeouts: [NIL, VOTE],
  },
  { type: 'vote', vote: VOTE },
  { type: 'vote', vote: NIL },
  { type: 'timeout', vote: NIL },
  { type: 'timeout', vote: NIL, highQc: QC },
  { type: 'newRound', height: 1, round: 3 },
  { type: 'newRound', height: 1, round: 3, highQc: QC, timeouts: [NIL] },
  { type: 'quorum', qc: QC },
  { type: 'commit', commit: QC },
];

const conflicting = signedVote(STATE.validators, 1, { ...PREVOTED, blockId: NIL_BLOCK_ID });
const PAYLOADS: Payload[] = [
  ...MESSAGES.map((message): Payload => ({ type: 'message', message })),
  { type: 'message', message: MESSAGES[0]!, block: utf8('block bytes') },
  { type: 'evidence', evidence: makeEvidence([VOTE, conflicting], STATE.validators, TIME) },
];

const { address, index } = VOTE;
const ENTRIES: LogEntry[] = [
  { type: 'block', block: utf8('bytes of a block') },
  { type: 'record', record: { type: 'lock', qc: QC } },
  {
    type: 'record',
    record: {
      type: 'vote',
      request: {
        type: 'vote',
        voteType: PREVOTE,
        height: 1,
        round: 0,
        blockId: BLOCK_ID,
        address,
        index,
      },
    },
  },
  {
    type: 'record',
    record: {
      type: 'proposal',
      request: { type: 'proposal', height: 1, round: 0, polRound: -1, blockId: BLOCK_ID },
    },
  },
];

const RESULTS: FinalizeBlockResponse = {
  events: [{ type: 'begin', attributes: [{ key: 'k', value: 'v', index: true }] }],
  txResults: [
    {
      code: 5,
      data: utf8('data'),
      log: 'log',
      info: '',
      gasWanted: 10n,
      gasUsed: 9n,
      events: [{ type: 'tx', attributes: [] }],
      codespace: 'sdk',
    },
  ],
  validatorUpdates: [{ pubKey: HASH, power: 0n }],
  consensusParamUpdates: PARAMS,
  appHash: HASH,
};

/** A decoder that takes changed bytes must give back exactly them. */
function mutate(originals: readonly Bytes[], decode: (bytes: Bytes) => Bytes): void {
  fc.assert(
    fc.property(fc.nat(originals.length - 1), fc.nat(), fc.nat(255), (which, at, value) => {
      const changed = originals[which]!.slice();
      changed[at % changed.length] = value;
      try {
        assert.ok(equal(decode(changed), changed), 'accepted, but reads as something else');
      } catch (error) {
        if (!(error instanceof BitscaleError)) throw error;
      }
    }),
    { numRuns: 3_000 },
  );
}

describe('codecs of the engine', () => {
  for (const payload of PAYLOADS) {
    const name = payload.type === 'evidence' ? 'evidence' : payload.message.type;
    it(`a ${name} payload comes back as it was`, () => {
      assert.deepEqual(decodePayload(encodePayload(payload)), payload);
    });
  }

  it('a changed payload is refused or is another payload in its only form', () => {
    mutate(PAYLOADS.map(encodePayload), (bytes) => encodePayload(decodePayload(bytes)));
  });

  it('cut, empty and doubled payloads are refused', () => {
    for (const payload of PAYLOADS) {
      const bytes = encodePayload(payload);
      for (const cut of [0, 1, bytes.length >> 1, bytes.length - 1]) {
        assert.throws(() => decodePayload(bytes.subarray(0, cut)), BitscaleError);
      }
      assert.throws(() => decodePayload(Buffer.concat([bytes, bytes])), BitscaleError);
    }
  });

  for (const entry of ENTRIES) {
    it(`a log entry (${entry.type === 'block' ? 'block' : entry.record.type}) comes back`, () => {
      assert.deepEqual(decodeLogEntry(encodeLogEntry(entry)), entry);
    });
  }

  it('results and parameters come back', () => {
    assert.deepEqual(decodeResults(encodeResults(RESULTS)), RESULTS);
    const { consensusParamUpdates: _, ...without } = RESULTS;
    assert.deepEqual(decodeResults(encodeResults(without)), without);
    assert.deepEqual(readParams(new ProtoReader(encodeParams(PARAMS))), PARAMS);
  });

  it('chain states come back, before and after the first block', async () => {
    const chain = await testChain();
    for (const blocks of [0, 2]) {
      await chain.grow(blocks);
      const bytes = encodeChainState(chain.state());
      assert.ok(equal(encodeChainState(decodeChainState(bytes)), bytes));
    }
  });

  it('any changed byte breaks the seal', () => {
    const bytes = sealed(utf8('a record'));
    assert.deepEqual(Buffer.from(unsealed(bytes)!).toString(), 'a record');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at]! ^= 0x10;
      assert.equal(unsealed(changed), undefined);
    }
  });
});
