/** What a validator signs when a proposed block carries evidence. */
import assert from 'node:assert/strict';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import { PREVOTE, type DuplicateVoteEvidence, type Vote } from '../../../node/consensus/types.ts';
import { isNil } from '../../../node/consensus/votes.ts';
import { genesisState, signedVote } from './chain-fixture.ts';
import { DriverBench } from './driver-bench.ts';

/** A position that proposes none of the first blocks. */
const SEAT = ((): number => {
  const leaders = new Set<string>();
  let set = genesisState().validators;
  for (let height = 1; height <= 3; height += 1, set = set.advance(1)) {
    leaders.add(toHex(set.proposer.address));
  }
  return set.validators.findIndex(({ address }) => !leaders.has(toHex(address)));
})();

type Change = (good: DuplicateVoteEvidence) => readonly DuplicateVoteEvidence[];

describe('a validator votes for a block', () => {
  let bench: DriverBench;
  let good: DuplicateVoteEvidence;

  beforeEach(async () => {
    bench = await DriverBench.start({ seat: SEAT });
    const first = bench.blockWith();
    bench.propose(first);
    for (const index of [0, 1, 2, 3].filter((one) => one !== SEAT)) {
      bench.receive({ type: 'vote', vote: bench.precommit(index, first) });
    }
    await bench.settled();
    assert.equal(bench.chain.store.height(), 1);
    const validators = bench.chain.store.validators(1)!;
    const { time } = bench.chain.store.block(1)!.block.header;
    const vote = (name: string): Vote => {
      const hash = sha256(utf8(name));
      const blockId = { hash, parts: { total: 1, hash } };
      return signedVote(validators, 0, { type: PREVOTE, height: 1, round: 0, blockId, time });
    };
    good = makeEvidence([vote('A'), vote('B')], validators, time);
    bench.sent.length = 0;
  });
  afterEach(() => bench.stop());

  /** What it said about the block: a vote, or that it gives the round up. */
  async function answer(evidence: readonly DuplicateVoteEvidence[]): Promise<string[]> {
    bench.propose(bench.blockOf([], evidence));
    await bench.settled();
    return bench.sent.flatMap((one) => {
      if (one.type !== 'message') return [];
      const { message } = one;
      if (message.type === 'vote') return [`vote ${message.vote.type}`];
      return message.type === 'timeout' && isNil(message.vote.blockId) ? ['nil'] : [];
    });
  }

  const cases: readonly [string, Change, readonly string[]][] = [
    ['without evidence', () => [], ['vote 1']],
    ['with evidence that holds, though it is news here', (one) => [one], ['vote 1']],
    ['with the same twice', (one) => [one, one], ['nil']],
    ['with a wrong power', (one) => [{ ...one, validatorPower: 11n }], ['nil']],
    [
      'with a forged signature',
      (one) => [{ ...one, voteA: { ...one.voteA, signature: new Uint8Array(64) } }],
      ['nil'],
    ],
  ];
  for (const [name, change, expected] of cases) {
    it(`${name}: ${expected[0] === 'nil' ? 'no, nil at once' : 'yes'}`, async () => {
      assert.deepEqual(await answer(change(good)), expected);
    });
  }

  it('with evidence that is in the chain already: no, nil at once', async () => {
    const made = bench.blockOf([], [good]);
    bench.propose(made);
    for (const index of [0, 1, 2, 3].filter((one) => one !== SEAT)) {
      bench.receive({ type: 'vote', vote: bench.precommit(index, made) });
    }
    await bench.settled();
    assert.equal(bench.chain.store.height(), 2);
    bench.sent.length = 0;
    assert.deepEqual(await answer([good]), ['nil']);
  });
});
