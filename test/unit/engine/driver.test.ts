import assert from 'node:assert/strict';
import { toUpperHex, utf8 } from '../../../node/base/bytes.ts';
import { MAX_AHEAD_ROUNDS, MAX_HELD_BLOCKS, MAX_ROUND_LEAP } from '../../../node/base/limits.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import {
  PRECOMMIT,
  PREVOTE,
  type DuplicateVoteEvidence,
  type Vote,
} from '../../../node/consensus/types.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { blockIdOf } from '../../../node/consensus/hashing.ts';
import type { MadeBlock } from '../../../node/engine/executor.ts';
import { makeBlock } from '../../../node/engine/header.ts';
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

  it('the commit inside a block for the next height decides this one', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    await bench.settled();
    const ahead = bench.blockAfter(made);
    bench.propose(ahead);
    await bench.settled();
    assert.equal(bench.chain.store.height(), 1);
    assert.equal(bench.driver.state.context?.height, 2);
    assert.ok(bench.driver.state.rounds.get(0)?.proposal, 'and the proposal is not lost');
  });

  it('a commit inside that is forged decides nothing and leaves the proposal as it is', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    await bench.settled();
    bench.propose(bench.blockAfter(made, (sig) => ({ ...sig, signature: new Uint8Array(64) })));
    await bench.settled();
    assert.equal(bench.chain.store.height(), 0);
    assert.equal(bench.driver.state.nextHeight.length, 1);
  });

  describe('messages of rounds far ahead', () => {
    const far = MAX_ROUND_LEAP + 1;

    it('at the bound a vote is kept as a sign of its round; nothing costs its sender anything', async () => {
      for (const index of [0, 1]) {
        bench.receive({ type: 'vote', vote: bench.nilPrecommit(index, MAX_ROUND_LEAP) });
      }
      await bench.settled();
      assert.equal(bench.driver.state.round, MAX_ROUND_LEAP);
      assert.deepEqual(bench.strikes, []);
    });

    it('one past it the node goes no further, and no signature of a certificate is checked', async () => {
      const votes = [0, 1].map((index) => bench.nilPrecommit(index, far));
      const { validators } = bench.chain.state();
      const forged = validators.validators.map(({ address }) => {
        return { flag: 2 as const, address, time: votes[0]!.time, signature: new Uint8Array(64) };
      });
      const { blockId } = bench.blockWith();
      const qc = { height: 1, round: far, blockId, signatures: forged };
      bench.receive({ type: 'quorum', qc });
      bench.receive({ type: 'newRound', height: 1, round: far, highQc: qc });
      for (const vote of votes) bench.receive({ type: 'timeout', vote, highQc: qc });
      await bench.settled();
      assert.equal(bench.driver.state.round, MAX_ROUND_LEAP);
      assert.equal(bench.driver.state.lock, undefined);
      assert.deepEqual(bench.strikes, [], 'a forged certificate that is checked costs points');
    });

    it('proposals at their bound are kept; one past it they cost their sender nothing', async () => {
      const made = bench.blockWith();
      bench.propose(made, MAX_AHEAD_ROUNDS);
      bench.propose(made, MAX_AHEAD_ROUNDS + 1);
      await bench.settled();
      const { rounds } = bench.driver.state;
      assert.ok(rounds.get(MAX_AHEAD_ROUNDS)?.proposal);
      assert.equal(rounds.get(MAX_AHEAD_ROUNDS + 1), undefined);
      assert.deepEqual(bench.strikes, []);
    });
  });

  describe('the last commit of a proposed block', () => {
    /** Height 1 is decided by three, and the fourth comes late; then a block of height 2 with three. */
    async function withoutTheFourth(): Promise<MadeBlock> {
      const first = bench.blockWith();
      bench.propose(first);
      bench.decide(first);
      const late = bench.precommit(3, first);
      await bench.settled();
      const made = bench.blockWith();
      bench.receive({ type: 'vote', vote: late });
      await bench.settled();
      return made;
    }

    it('that leaves out a precommit which was here is counted, and its proposer named', async () => {
      const made = await withoutTheFourth();
      assert.deepEqual(
        made.block.lastCommit.signatures.map(({ flag }) => flag),
        [2, 2, 2, 1],
      );
      bench.propose(made);
      bench.decide(made);
      await bench.settled();
      assert.equal(bench.chain.store.height(), 2);
      const { validators } = bench.chain.store.validators(1)!;
      const proposer = toUpperHex(made.block.header.proposerAddress);
      const left = [toUpperHex(validators[3]!.address)];
      const told = [
        'precommits left out of a last commit',
        { height: 2, proposer, validators: left },
      ];
      assert.deepEqual(bench.warnings, [told]);
      const counter = `bitscale_consensus_omitted_precommits_total ${proposer}`;
      assert.equal(bench.counted.get(counter), 1);
    });

    it('that has all that came here is not', async () => {
      const made = await withoutTheFourth();
      const { time, proposerAddress, lastBlockId } = made.block.header;
      const state = bench.chain.state();
      const lastCommit = { ...made.block.lastCommit };
      const vote = signedVote(state.lastValidators!, 3, {
        type: PRECOMMIT,
        height: 1,
        round: 0,
        blockId: lastBlockId,
        time,
      });
      const { address, signature } = vote;
      const signatures = lastCommit.signatures.with(3, { flag: 2, address, time, signature });
      const content = {
        ...made.block,
        time,
        proposerAddress,
        lastCommit: { ...lastCommit, signatures },
      };
      const block = makeBlock(state, content);
      const bytes = encodeBlock(block);
      const full = { block, bytes, blockId: blockIdOf(block, bytes) };
      bench.propose(full);
      bench.decide(full);
      await bench.settled();
      assert.equal(bench.chain.store.height(), 2);
      assert.deepEqual(bench.warnings, []);
    });
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
