/** What the driver's check lets through, the bounds of the machine's memory, and that no input makes it throw. */
import assert from 'node:assert/strict';
import {
  MAX_AHEAD_ROUNDS,
  MAX_NEXT_HEIGHT_MESSAGES,
  MAX_ROUND,
  MAX_ROUNDS_KEPT,
} from '../../../node/base/limits.ts';
import type { Input } from '../../../node/consensus/inputs.ts';
import { INITIAL_STATE, step } from '../../../node/consensus/machine.ts';
import { messageChecks } from '../../../node/consensus/message-signatures.ts';
import type { ConsensusMessage, Proposal } from '../../../node/consensus/messages.ts';
import { Random } from '../../simulation/random.ts';
import {
  A,
  B,
  Bench,
  FOLLOWER,
  NIL,
  P,
  Q,
  SET,
  TIME,
  certificate,
  follower,
  precommitOf,
  prevoteOf,
} from './harness.ts';

const context = { chainId: 'chain-1', validators: SET, round: 0 };
const checks = (message: ConsensusMessage) => messageChecks(context, message);

function proposal(changes: Partial<Proposal> = {}): ConsensusMessage {
  const signature = new Uint8Array(64);
  const fields = { height: 5, round: 0, polRound: -1, blockId: A, time: TIME, signature };
  return { type: 'proposal', proposal: { ...fields, ...changes } };
}

describe('the check before a message becomes an input', () => {
  it('lists one signature per vote and per signer of a certificate', () => {
    assert.equal(checks({ type: 'vote', vote: prevoteOf(P, A) }).length, 1);
    assert.equal(checks({ type: 'quorum', qc: certificate(A, 0) }).length, 3);
    const highQc = certificate(A, 0);
    assert.equal(checks({ type: 'timeout', vote: precommitOf(P, NIL), highQc }).length, 4);
    assert.deepEqual(checks(proposal())[0]?.pubKey, SET.proposer.pubKey);
  });

  const refused: readonly [string, ConsensusMessage][] = [
    ['a vote by nobody', { type: 'vote', vote: { ...prevoteOf(P, A), index: 9 } }],
    [
      'a vote under another address',
      { type: 'vote', vote: { ...prevoteOf(P, A), address: SET.validators[Q]!.address } },
    ],
    ['a negative round', { type: 'vote', vote: prevoteOf(P, A, { round: -1 }) }],
    ['a fractional round', { type: 'vote', vote: prevoteOf(P, A, { round: 0.5 }) }],
    ['a round beyond the limit', { type: 'vote', vote: prevoteOf(P, A, { round: MAX_ROUND + 1 }) }],
    ['height 0', { type: 'vote', vote: prevoteOf(P, A, { height: 0 }) }],
    ['nil with parts', { type: 'vote', vote: prevoteOf(P, { ...A, hash: NIL.hash }) }],
    ['a prevote as a timeout', { type: 'timeout', vote: prevoteOf(P, NIL) }],
    ['a certificate of 2/3 or less', { type: 'quorum', qc: certificate(A, 0, [0, 1]) }],
    [
      'a certificate of the wrong size (E14)',
      { type: 'quorum', qc: { ...certificate(A, 0), signatures: [] } },
    ],
    ['a certificate for nil', { type: 'quorum', qc: certificate(NIL, 0) }],
    [
      'a certificate of another height',
      {
        type: 'timeout',
        vote: precommitOf(P, NIL),
        highQc: { ...certificate(A, 0), height: 4 },
      },
    ],
    ['a proposal of nil', proposal({ blockId: NIL })],
    ['a proposal justified by its own round', proposal({ round: 1, polRound: 1 })],
    ['a proposal too far ahead', proposal({ round: MAX_AHEAD_ROUNDS + 1 })],
    [
      'more timeouts than validators',
      { ...proposal({ round: 1 }), timeouts: [0, 1, 2, 3, 3].map((i) => precommitOf(i, NIL)) },
    ] as [string, ConsensusMessage],
  ];
  for (const [name, message] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => checks(message)));
  }

  it('accepts rounds at their limits', () => {
    checks(proposal({ round: MAX_AHEAD_ROUNDS }));
    checks({ type: 'vote', vote: prevoteOf(P, A, { round: MAX_ROUND }) });
  });
});

describe('the memory of the machine', () => {
  it(`keeps votes ${MAX_AHEAD_ROUNDS} rounds ahead and no further`, () => {
    const bench = follower();
    bench.receiveVotes(prevoteOf(P, A, { round: MAX_AHEAD_ROUNDS }));
    assert.ok(bench.state.rounds.has(MAX_AHEAD_ROUNDS));
    bench.receiveVotes(prevoteOf(P, A, { round: MAX_AHEAD_ROUNDS + 1 }));
    assert.ok(!bench.state.rounds.has(MAX_AHEAD_ROUNDS + 1));
  });

  it(`keeps ${MAX_ROUNDS_KEPT} rounds behind`, () => {
    const bench = follower();
    const round = MAX_ROUNDS_KEPT + 1;
    bench.receiveVotes(precommitOf(P, NIL, { round }), precommitOf(Q, NIL, { round }));
    assert.equal(bench.state.round, round);
    assert.ok(!bench.state.rounds.has(0));
    assert.equal(
      bench.receive({ type: 'vote', vote: prevoteOf(P, A) }),
      'a vote of a round too far away',
    );
  });

  it('keeps a bounded number of messages of the next height', () => {
    const bench = follower();
    for (let sender = 0; sender < 100; sender++) {
      for (let copy = 0; copy < 20; copy++) {
        const message: ConsensusMessage = { type: 'newRound', height: 6, round: copy };
        bench.receive(message, Uint8Array.of(sender));
      }
    }
    assert.equal(bench.state.nextHeight.length, MAX_NEXT_HEIGHT_MESSAGES * (SET.size + 1));
  });
});

function anyInput(random: Random): Input {
  const round = random.pick([0, 0, 1, 2, 3, 7, 40, 100_000]);
  const height = random.pick([4, 5, 5, 5, 5, 6, 9]);
  const blockId = random.pick([A, B, NIL]);
  const block = random.pick([A, B]);
  const index = random.below(5);
  const where = { round, height };
  const type = random.pick([prevoteOf, precommitOf]);
  const vote = index < 4 ? type(index, blockId, where) : { ...type(0, blockId, where), index };
  const qc = { ...certificate(block, round), height };
  const request = {
    type: 'vote',
    voteType: random.pick([1, 2] as const),
    height,
    round,
    blockId,
    address: SET.validators[FOLLOWER]!.address,
    index: FOLLOWER,
  } as const;
  const signature = new Uint8Array(64);
  const fields = { height, round, polRound: random.pick([-1, 0, 1]), blockId: block, time: TIME };
  const from = random.pick([SET.validators[0]!.address, new Uint8Array(20)]);
  const message = random.pick<ConsensusMessage>([
    { type: 'vote', vote },
    { type: 'timeout', vote: { ...vote, type: 2 }, highQc: qc },
    { type: 'quorum', qc },
    { type: 'commit', commit: qc },
    { type: 'newRound', height, round, highQc: qc, timeouts: [{ ...vote, type: 2 }] },
    { type: 'proposal', proposal: { ...fields, signature }, justify: qc },
    { type: 'proposal', proposal: { ...fields, polRound: -1, signature } },
  ]);
  const kind = random.pick(['round', 'newRound', 'pace', 'grace', 'resend'] as const);
  const valid = random.chance(0.8);
  const timely = random.chance(0.5);
  const proposer = SET.leader(random.below(3)).address;
  return random.pick<Input>([
    { type: 'received', message, from },
    { type: 'received', message },
    { type: 'timeout', kind, height, round },
    { type: 'blockBuilt', height, round, blockId: block },
    { type: 'blockReceived', height, blockId: block },
    { type: 'blockValidated', height, blockId: block, valid, timely, proposer },
    { type: 'signed', request, time: TIME, signature },
    { type: 'signRefused', request },
    { type: 'synced', height: random.pick([1, 4]) },
    { type: 'start', context: { ...new Bench().context, height }, records: [] },
  ]);
}

describe('any sequence of inputs', () => {
  it('is answered without an exception, and a rejection leaves no trace', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = new Random(seed);
      let state = random.chance(0.1) ? INITIAL_STATE : follower().state;
      for (let i = 0; i < 60; i++) {
        const input = anyInput(random);
        const result = step(state, input);
        if (result.rejected !== undefined) {
          assert.equal(result.state, state, `seed ${seed}`);
          assert.equal(result.effects.length, 0, `seed ${seed}`);
        }
        assert.deepEqual(step(state, input), result, `seed ${seed}: the same input twice`);
        state = result.state;
      }
    }
  });
});
