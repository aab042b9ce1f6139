import assert from 'node:assert/strict';
import type { Proposal, QuorumCertificate } from '../../../node/consensus/messages.ts';
import {
  decidedVote,
  isAcceptable,
  isByLeader,
  isComplete,
  isFitToPrevote,
  isJustified,
  isRoundOver,
  mayLeadRound,
  mayPrecommit,
  mayPrevote,
  mayPropose,
  mustPrecommitNil,
  reachedRound,
  roundTimeoutMs,
} from '../../../node/consensus/rules.ts';
import type { BlockStatus, RoundState } from '../../../node/consensus/state.ts';
import type { BlockId } from '../../../node/consensus/types.ts';
import { addVote, emptyTally, isOverOneThird, isQuorum } from '../../../node/consensus/votes.ts';
import { A, B, NIL, SET, TIME, certificate, precommitOf, setOf } from './harness.ts';

function proposalFor(blockId: BlockId, round: number, polRound = -1): Proposal {
  return { height: 5, round, polRound, blockId, time: TIME, signature: new Uint8Array(64) };
}

const ROUND: RoundState = {
  round: 2,
  leader: new Uint8Array(20),
  prevotes: emptyTally(4),
  precommits: emptyTally(4),
  own: {},
  timedOut: false,
  reported: new Set(),
  reportsOver: false,
  building: false,
};

function tallyOf(...blocks: readonly (BlockId | undefined)[]) {
  let tally = emptyTally(SET.size);
  blocks.forEach((id, index) => {
    if (!id) return;
    const added = addVote(tally, precommitOf(index, id), 10n);
    assert.equal(added.result, 'added');
    if (added.result === 'added') tally = added.tally;
  });
  return tally;
}

describe('V1: a proposal is acceptable', () => {
  type Row = [string, BlockId, number, QuorumCertificate?, QuorumCertificate?];
  const cases: readonly [boolean, ...Row][] = [
    [true, 'when nothing is locked', A, 0],
    [true, 'when it is the locked block', A, 3, undefined, certificate(A, 1)],
    [false, 'not when another block is locked', B, 3, undefined, certificate(A, 1)],
    [true, 'with a certificate above the lock', B, 3, certificate(B, 2), certificate(A, 1)],
    [
      true,
      'with a certificate of the round of the lock',
      B,
      3,
      certificate(B, 1),
      certificate(A, 1),
    ],
    [false, 'not with one below the lock', B, 3, certificate(B, 1), certificate(A, 2)],
    [false, 'not with one of its own round', B, 3, certificate(B, 3), certificate(A, 1)],
    [false, 'not with one of a later round', B, 3, certificate(B, 4), certificate(A, 1)],
  ];
  for (const [expected, name, block, round, justify, lock] of cases) {
    it(name, () => assert.equal(isAcceptable(proposalFor(block, round), justify, lock), expected));
  }
});

describe('V1: a certificate justifies a proposal', () => {
  const cases: readonly [boolean, string, Proposal, QuorumCertificate?][] = [
    [true, 'fresh blocks need none', proposalFor(A, 2)],
    [false, 'fresh blocks bring none', proposalFor(A, 2), certificate(A, 1)],
    [true, 'of the named round and block', proposalFor(A, 2, 1), certificate(A, 1)],
    [false, 'not when missing', proposalFor(A, 2, 1)],
    [false, 'not for another block', proposalFor(A, 2, 1), certificate(B, 1)],
    [false, 'not of another round', proposalFor(A, 2, 1), certificate(A, 0)],
    [false, 'not of the proposal’s own round', proposalFor(A, 2, 2), certificate(A, 2)],
    [false, 'not of another height', proposalFor(A, 2, 1), { ...certificate(A, 1), height: 4 }],
  ];
  for (const [expected, name, proposal, justify] of cases) {
    it(name, () => assert.equal(isJustified(proposal, justify), expected));
  }
});

describe('V1: a block is fit to prevote', () => {
  const cases: readonly [boolean, BlockStatus, number][] = [
    [true, 'valid', -1],
    [true, 'valid', 0],
    [false, 'untimely', -1],
    [true, 'untimely', 0],
    [false, 'invalid', 0],
    [false, 'requested', 0],
    [false, 'validating', 0],
  ];
  for (const [expected, status, polRound] of cases) {
    it(`${status}, justified by round ${polRound}: ${expected}`, () =>
      assert.equal(isFitToPrevote(status, proposalFor(A, 2, polRound)), expected));
  }
});

describe('V1: a block names the leader who proposes it', () => {
  const [own, other] = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)];
  const cases: readonly [boolean, string, Uint8Array | undefined, number][] = [
    [true, 'a fresh one by its leader', own, -1],
    [false, 'a fresh one by somebody else', other, -1],
    [false, 'a fresh one of unknown origin', undefined, -1],
    [true, 'one proposed again keeps its first proposer', other, 0],
  ];
  for (const [expected, name, proposer, polRound] of cases) {
    it(name, () => assert.equal(isByLeader(proposalFor(A, 2, polRound), proposer, own), expected));
  }
});

describe('V1, V2, P: once per round, in the order of steps', () => {
  const cases: readonly [boolean, boolean, boolean, string, Partial<RoundState>][] = [
    [true, true, true, 'nothing said yet', {}],
    [false, true, false, 'prevoted', { own: { prevote: A } }],
    [false, false, false, 'precommitted', { own: { precommit: A } }],
    [false, false, false, 'precommitted nil', { own: { precommit: NIL } }],
    [false, true, false, 'given up, but nil not signed yet', { timedOut: true }],
    [true, true, false, 'proposed', { own: { proposal: { blockId: A, polRound: -1 } } }],
  ];
  for (const [prevote, precommit, propose, name, changes] of cases) {
    const round: RoundState = { ...ROUND, qc: certificate(A, 2), ...changes };
    it(`${name}: prevote ${prevote}`, () => assert.equal(mayPrevote(round), prevote));
    it(`${name}: precommit ${precommit}`, () =>
      assert.equal(mayPrecommit(round, 2, 'valid'), precommit));
    it(`${name}: propose ${propose}`, () => assert.equal(mayPropose(round), propose));
  }
});

describe('V2: a precommit needs', () => {
  const round: RoundState = { ...ROUND, qc: certificate(A, 2) };
  it('the current round', () => assert.equal(mayPrecommit(round, 3, 'valid'), false));
  it('the certificate', () => assert.equal(mayPrecommit(ROUND, 2, 'valid'), false));
  it('the certificate of this very round', () =>
    assert.equal(mayPrecommit({ ...round, qc: certificate(A, 1) }, 2, 'valid'), false));
  for (const status of ['requested', 'validating', 'invalid', undefined] as const) {
    it(`the block, not ${status}`, () => assert.equal(mayPrecommit(round, 2, status), false));
  }
  it('no timely block', () => assert.equal(mayPrecommit(round, 2, 'untimely'), true));
});

describe('TO: nil is precommitted', () => {
  it('when the round is given up', () => assert.equal(mustPrecommitNil({}, true), true));
  it('not before', () => assert.equal(mustPrecommitNil({}, false), false));
  it('not after a precommit', () => assert.equal(mustPrecommitNil({ precommit: A }, true), false));
});

describe('D and the end of a round', () => {
  const cases: readonly [boolean, boolean, string, ReturnType<typeof tallyOf>][] = [
    [true, true, 'three of four for one block', tallyOf(A, A, A)],
    [false, false, 'two of four', tallyOf(A, A)],
    [false, true, 'two for it, one nil', tallyOf(A, A, NIL)],
    [false, true, 'all nil', tallyOf(NIL, NIL, NIL)],
    [false, true, 'split', tallyOf(A, B, NIL)],
    [true, true, 'three for it, one nil', tallyOf(A, A, A, NIL)],
  ];
  for (const [decided, over, name, tally] of cases) {
    it(`${name}: decided ${decided}, over ${over}`, () => {
      assert.equal(decidedVote(tally, 40n) !== undefined, decided);
      assert.equal(isRoundOver(tally, 40n), over);
    });
  }
});

describe('thresholds are strict', () => {
  it('exactly two thirds are no quorum', () => assert.equal(isQuorum(20n, 30n), false));
  it('one more is', () => assert.equal(isQuorum(21n, 30n), true));
  it('exactly one third is not enough to jump', () =>
    assert.equal(isOverOneThird(10n, 30n), false));
  it('one more is', () => assert.equal(isOverOneThird(11n, 30n), true));
  it('hold for the largest powers', () => {
    const total = (1n << 60n) - 1n;
    assert.equal(isQuorum((total * 2n) / 3n, total), false);
    assert.equal(isQuorum((total * 2n) / 3n + 1n, total), true);
  });
});

describe('the round that more than 1/3 have reached', () => {
  const cases: readonly [number, string, number[]][] = [
    [-1, 'nobody seen', [-1, -1, -1, -1]],
    [-1, 'one of four is not enough', [9, -1, -1, -1]],
    [5, 'the lower of the two highest', [9, 5, -1, -1]],
    [7, 'three ahead', [9, 7, 3, -1]],
    [3, 'everybody', [3, 3, 3, 3]],
  ];
  for (const [expected, name, seen] of cases) {
    it(name, () => assert.equal(reachedRound(seen, SET), expected));
  }
  it('goes by power', () => {
    const set = setOf([50n, 30n, 10n, 10n]);
    const heavy = set.validators.findIndex(({ power }) => power === 50n);
    const seen = [0, 1, 2, 3].map((index) => (index === heavy ? 4 : 0));
    assert.equal(reachedRound(seen, set), 4);
  });
});

describe('P: the leader of a later round begins', () => {
  it('at once with the certificate of the round before', () =>
    assert.equal(mayLeadRound(ROUND, certificate(A, 1), 4), true));
  it('not at once with an older one', () =>
    assert.equal(mayLeadRound(ROUND, certificate(A, 0), 4), false));
  it('when all have reported', () => {
    const round = { ...ROUND, reported: new Set([0, 1, 2, 3]) };
    assert.equal(mayLeadRound(round, undefined, 4), true);
  });
  it('not when one is missing', () =>
    assert.equal(mayLeadRound({ ...ROUND, reported: new Set([0, 1, 2]) }, undefined, 4), false));
  it('when waiting is over', () =>
    assert.equal(mayLeadRound({ ...ROUND, reportsOver: true }, undefined, 4), true));
});

describe('the last commit is complete', () => {
  const decision = (voters: number[]) => {
    const commit = certificate(A, 0, voters);
    return { height: 4, round: 0, blockId: A, commit, led: false };
  };
  const complete = (voters: number[], ...quiet: number[]) =>
    isComplete(decision(voters), new Set(quiet));
  it('at the first height', () => assert.equal(isComplete(undefined, new Set()), true));
  it('with everybody in it', () => assert.equal(complete([0, 1, 2, 3]), true));
  it('not with one absent', () => assert.equal(complete([0, 1, 2]), false));
  it('with the absent one quiet', () => assert.equal(complete([0, 1, 2], 3), true));
  it('not with another one quiet', () => assert.equal(complete([0, 1, 2], 2), false));
});

describe('round timeouts', () => {
  const timeouts = {
    roundMs: 1_000,
    roundDeltaMs: 500,
    roundMaxMs: 4_000,
    newRoundMs: 300,
    graceMs: 100,
  };
  it('round 0 leaves room for pace and grace', () =>
    assert.equal(roundTimeoutMs(timeouts, 0, 700), 1_800));
  it('later rounds grow', () => assert.equal(roundTimeoutMs(timeouts, 2, 700), 2_300));
  it('up to a cap', () => assert.equal(roundTimeoutMs(timeouts, 1_000, 700), 4_300));
});
