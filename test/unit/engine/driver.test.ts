import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import { MAX_HELD_BLOCKS } from '../../../node/base/limits.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import { PREVOTE, type DuplicateVoteEvidence, type Vote } from '../../../node/consensus/types.ts';
import { signedVote } from './chain-fixture.ts';
import { DriverBench } from './driver-bench.ts';

describe('driver', () => {
  let bench: DriverBench;
  let stopped = false;
  beforeEach(async () => {
    bench = await DriverBench.start();
    stopped = false;
  });
  afterEach(async () => {
    if (!stopped) await bench.stop();
    assert.deepEqual(bench.fatal, []);
  });

  it('follows: a proposal and three precommits are a block', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    bench.decide(made);
    await bench.settled();
    assert.equal(bench.chain.store.height(), 1);
  });

  it('a leader that sends many blocks after its proposal cannot push the proposal out', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    await bench.settled();
    for (let i = 0; i < MAX_HELD_BLOCKS + 4; i += 1) {
      bench.propose(bench.blockWith(utf8(`b=${i}`)));
    }
    await bench.settled();
    bench.decide(made);
    await bench.settled();
    assert.deepEqual(bench.fatal, []);
    assert.equal(bench.chain.store.height(), 1);
  });

  it('reports that anybody can make up are not passed on', async () => {
    for (let round = 0; round < 50; round += 1) {
      bench.receive({ type: 'newRound', height: 1, round });
    }
    await bench.settled();
    assert.deepEqual(bench.relayed, []);
    assert.deepEqual(bench.strikes, []);
  });

  it('a validator’s vote is passed on once, however often it signs it anew', async () => {
    const made = bench.blockWith(utf8('a=1'));
    for (let laterBy = 0n; laterBy < 50n; laterBy += 1n) {
      bench.receive({ type: 'vote', vote: bench.precommit(1, made, laterBy) });
    }
    await bench.settled();
    assert.equal(bench.relayed.length, 1);
  });

  it('E9: of a leader’s proposals for a round two are passed on, which is proof, and no more', async () => {
    for (let i = 0; i < 5; i += 1) bench.propose(bench.blockWith(utf8(`a=${i}`)));
    await bench.settled();
    assert.equal(bench.relayed.length, 2);
    assert.deepEqual(bench.strikes, []);
  });

  it('a vote for the next height waits here and is passed on', async () => {
    const made = bench.blockWith(utf8('a=1'));
    const next = { ...made, block: { ...made.block, header: { ...made.block.header, height: 2 } } };
    bench.receive({ type: 'vote', vote: bench.precommit(1, next) });
    await bench.settled();
    assert.equal(bench.relayed.length, 1);
  });

  it('goes on after a pause for blocks that were decided meanwhile', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    bench.decide(made);
    await bench.settled();
    await bench.driver.pause(1);
    await bench.driver.resume();
    await bench.settled();
    const next = bench.blockWith(utf8('b=1'));
    bench.propose(next);
    bench.decide(next);
    await bench.settled();
    assert.equal(bench.chain.store.height(), 2);
  });

  it('an old message that is replayed does not make this node flood its signer with answers', async () => {
    const [first, ...rest] = [0, 1, 2].map((index) => bench.nilPrecommit(index)) as [Vote, Vote];
    for (const vote of [first, ...rest]) bench.receive({ type: 'timeout', vote });
    await bench.settled();
    assert.equal(bench.driver.state.round, 1);
    assert.equal(bench.answers, 0);
    for (let times = 0; times < 100; times += 1) bench.receive({ type: 'timeout', vote: first });
    await bench.settled();
    assert.equal(bench.answers, 1);
  });

  describe('evidence of a peer', () => {
    async function decided(): Promise<DuplicateVoteEvidence> {
      for (let height = 1; height <= 2; height += 1) {
        const made = bench.blockWith();
        bench.propose(made);
        bench.decide(made);
        await bench.settled();
      }
      const { store } = bench.chain;
      const validators = store.validators(1)!;
      const { time } = store.block(1)!.block.header;
      const vote = (name: string): Vote => {
        const hash = sha256(utf8(name));
        const blockId = { hash, parts: { total: 1, hash } };
        return signedVote(validators, 2, { type: PREVOTE, height: 1, round: 0, blockId, time });
      };
      return makeEvidence([vote('A'), vote('B')], validators, time);
    }

    it('that holds waits here and costs nothing, also when it comes again', async () => {
      const evidence = await decided();
      bench.receiveEvidence(evidence);
      bench.receiveEvidence(evidence);
      await bench.settled();
      assert.equal(bench.chain.evidence.pendingCount(), 1);
      assert.deepEqual(bench.strikes, []);
    });

    it('that is forged costs its sender more than one that comes too late', async () => {
      const evidence = await decided();
      bench.receiveEvidence({ ...evidence, validatorPower: 11n });
      await bench.settled();
      assert.equal(bench.points, 20);
      bench.receiveEvidence(evidence);
      await bench.settled();
      const made = bench.blockWith();
      assert.equal(made.block.evidence.length, 1);
      bench.propose(made);
      bench.decide(made);
      await bench.settled();
      bench.receiveEvidence(evidence);
      await bench.settled();
      assert.equal(bench.points, 21);
      assert.match(bench.strikes.at(-1) ?? '', /already in a block/);
    });

    it('about a height that is not here yet costs nothing', async () => {
      const evidence = await decided();
      const [voteA, voteB] = [evidence.voteA, evidence.voteB].map((one) => ({ ...one, height: 9 }));
      bench.receiveEvidence({ ...evidence, voteA: voteA!, voteB: voteB! });
      await bench.settled();
      assert.deepEqual(bench.strikes, []);
      assert.equal(bench.chain.evidence.pendingCount(), 0);
    });
  });

  it('after stop nobody is asked for blocks any more', async () => {
    bench.propose(bench.blockWith(utf8('a=1')), 0, false);
    await bench.settled();
    assert.equal(bench.fetches, 1);
    await bench.stop();
    stopped = true;
    const before = bench.fetches;
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(bench.fetches, before);
  });
});
