/**
 * Bad consensus messages of peers and what comes of each, by the real driver: rows 11 to 24 of the list
 * whose other rows are in test/integration/p2p-bad-inputs.test.ts.
 */
import assert from 'node:assert/strict';
import { utf8, toHex, type Bytes } from '../../../node/base/bytes.ts';
import { signEd25519 } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import { blockIdOf } from '../../../node/consensus/hashing.ts';
import type { QuorumCertificate } from '../../../node/consensus/messages.ts';
import { proposalSignBytes, voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import { PREVOTE, type Block, type Vote } from '../../../node/consensus/types.ts';
import { verifyQuorumCertificate } from '../../../node/consensus/verify-commit.ts';
import type { MadeBlock } from '../../../node/engine/executor.ts';
import { makeBlock } from '../../../node/engine/header.ts';
import {
  CHAIN_ID,
  GENESIS_TIME,
  genesisState,
  MORE_SEEDS,
  PARAMS,
  seedOf,
  signedVote,
} from './chain-fixture.ts';
import { DriverBench, type BenchOptions } from './driver-bench.ts';

/** Prevotes of these validators as a certificate. */
function certificate(
  votes: readonly (Vote | undefined)[],
  made: MadeBlock,
  round = 0,
): QuorumCertificate {
  const { height } = made.block.header;
  const signatures = votes.map((vote) =>
    vote === undefined
      ? { flag: 1 as const, address: new Uint8Array(0), time: ZERO, signature: new Uint8Array(0) }
      : { flag: 2 as const, address: vote.address, time: vote.time, signature: vote.signature },
  );
  return { height, round, blockId: made.blockId, signatures };
}
const ZERO = { seconds: -62_135_596_800n, nanos: 0 };

function remade(change: Partial<Block['header']>, { block }: MadeBlock): MadeBlock {
  const changed = { ...block, header: { ...block.header, ...change } };
  const bytes = encodeBlock(changed);
  return { block: changed, bytes, blockId: blockIdOf(changed, bytes) };
}

type Scene = DriverBench;
type Check = (bench: Scene) => Promise<void>;
interface Row {
  readonly name: string;
  readonly seat?: number;
  readonly lagMs?: number;
  readonly run: Check;
}

/** Neither voted for nor passed on, and the machine is as before. */
async function comesToNothing(bench: Scene, act: () => void): Promise<void> {
  const before = bench.driver.state;
  act();
  await bench.settled();
  assert.deepEqual(bench.driver.state, before);
  assert.deepEqual(bench.relayed, []);
}
const isBlamed = (bench: Scene, reason: RegExp): void => assert.match(bench.strikes.join(), reason);
const isNotBlamed = (bench: Scene): void => assert.deepEqual(bench.strikes, []);
const prevotes = (bench: Scene): string[] =>
  bench.sent.flatMap((payload) => {
    if (payload.type !== 'message' || payload.message.type !== 'vote') return [];
    const { vote } = payload.message;
    return vote.type === PREVOTE ? [toHex(vote.blockId.hash)] : [];
  });

async function oneBlock(bench: Scene): Promise<MadeBlock> {
  const made = bench.blockWith();
  bench.propose(made);
  bench.decide(made);
  await bench.settled();
  return made;
}

/** Proposed to a node with a vote, which must not vote for it. */
async function isNotVotedFor(bench: Scene, made: MadeBlock, problem?: RegExp): Promise<void> {
  bench.propose(made);
  await bench.settled();
  assert.ok(!prevotes(bench).includes(toHex(made.blockId.hash)), 'no prevote for it');
  if (problem !== undefined) {
    assert.match(bench.warnings.map(([, fields]) => String(fields?.['problem'])).join(), problem);
  }
}

/** Not the leader of round 0. */
const VOTER = 3;
const FAR = 5_000;

const ROWS: readonly Row[] = [
  {
    name: '11 a vote of who is no validator is dropped, and its sender blamed',
    run: async (bench) => {
      const vote = bench.precommit(1, bench.blockWith());
      const signature = signEd25519(MORE_SEEDS[0]!, voteSignBytes(CHAIN_ID, vote));
      await comesToNothing(bench, () => {
        bench.receive({ type: 'vote', vote: { ...vote, signature } });
        bench.receive({ type: 'vote', vote: { ...vote, address: sha256(utf8('x')).slice(0, 20) } });
        bench.receive({ type: 'vote', vote: { ...vote, index: 4 } });
      });
      assert.equal(bench.strikes.length, 3);
    },
  },
  {
    name: '12 a vote of a height that is over is ignored',
    run: async (bench) => {
      const first = await oneBlock(bench);
      await oneBlock(bench);
      await oneBlock(bench);
      bench.relayed.length = 0;
      const old = bench.precommit(0, first);
      await comesToNothing(bench, () => bench.receive({ type: 'vote', vote: old }));
      isNotBlamed(bench);
    },
  },
  {
    name: '13 a vote far ahead is ignored and not kept',
    run: async (bench) => {
      const { type, height, blockId, time } = bench.prevote(1, bench.blockWith());
      const { validators, height: before } = bench.chain.state();
      const places = [
        { height, round: 1_001 },
        { height, round: FAR },
        { height: FAR, round: 0 },
      ];
      for (const place of places) {
        const vote = signedVote(validators, 1, { type, blockId, time, ...place });
        bench.receive({ type: 'vote', vote });
      }
      await bench.settled();
      const { round, rounds } = bench.driver.state;
      const kept = [...rounds.values()].flatMap(({ prevotes: votes }) =>
        votes.votes.filter(Boolean),
      );
      assert.deepEqual({ round, kept, before }, { round: 0, kept: [], before: 0 });
      isNotBlamed(bench);
    },
  },
  {
    name: '14 a vote of another chain is refused',
    run: async (bench) => {
      const vote = bench.precommit(1, bench.blockWith());
      const { pubKey } = bench.chain.state().validators.validators[1]!;
      const signature = signEd25519(seedOf(pubKey), voteSignBytes('another-1', vote));
      await comesToNothing(bench, () =>
        bench.receive({ type: 'vote', vote: { ...vote, signature } }),
      );
      isBlamed(bench, /bad signature in vote/);
    },
  },
  {
    name: '15 two votes of one validator for one round are evidence',
    run: async (bench) => {
      const [made, other] = [bench.blockWith(utf8('a=1')), bench.blockWith(utf8('b=1'))];
      bench.receive({ type: 'vote', vote: bench.prevote(1, made) });
      bench.receive({ type: 'vote', vote: bench.prevote(1, other) });
      bench.propose(made);
      bench.decide(made);
      await bench.settled();
      assert.equal(bench.chain.evidence.pendingCount(), 1);
      isNotBlamed(bench);
    },
  },
  {
    name: '16 a certificate of exactly 2/3, or less, is refused; one vote more is enough',
    run: async (bench) => {
      const made = bench.blockWith();
      const { validators } = genesisState(3);
      const { height, time } = made.block.header;
      const place = { type: PREVOTE, height, round: 0, blockId: made.blockId, time } as const;
      const [a, b, c] = [0, 1, 2].map((index) => signedVote(validators, index, place));
      const verify = (votes: readonly (Vote | undefined)[]): void =>
        verifyQuorumCertificate(CHAIN_ID, validators, certificate(votes, made));
      assert.throws(() => verify([a, b, undefined]), /not enough voting power/);
      verify([a, b, c]);
      const half = [0, 1].map((index) => bench.prevote(index, made));
      const qc = certificate([...half, undefined, undefined], made);
      await comesToNothing(bench, () => bench.receive({ type: 'quorum', qc }));
      isBlamed(bench, /not enough voting power/);
    },
  },
  {
    name: '17 a certificate with a signer twice, or not one place per validator, is refused',
    run: async (bench) => {
      const made = bench.blockWith();
      const [a, b, c] = [0, 1, 2].map((index) => bench.prevote(index, made));
      await comesToNothing(bench, () => {
        for (const votes of [
          [a, b, b, undefined],
          [a, a, b, c],
          [a, b, c],
          [a, b, c, undefined, a],
        ]) {
          bench.receive({ type: 'quorum', qc: certificate(votes, made) });
        }
      });
      assert.equal(bench.strikes.length, 4);
      isBlamed(bench, /wrong address at index 2.*expected 4 signatures, got 3/);
    },
  },
  {
    name: '18 a proposal of who does not lead is refused',
    run: async (bench) => {
      const { bytes, blockId, block } = bench.blockWith(utf8('a=1'));
      const { height, time } = block.header;
      const fields = { height, round: 0, polRound: -1, blockId, time };
      const { proposer, validators } = bench.chain.state().validators;
      const other = validators.find((one) => one !== proposer)!;
      const signature = signEd25519(seedOf(other.pubKey), proposalSignBytes(CHAIN_ID, fields));
      await comesToNothing(bench, () => {
        bench.receive({ type: 'proposal', proposal: { ...fields, signature } }, bytes);
      });
      isBlamed(bench, /bad signature in proposal/);
    },
  },
  {
    name: '19 of two proposals of a leader the first is kept',
    seat: VOTER,
    run: async (bench) => {
      const [first, second] = [bench.blockWith(utf8('a=1')), bench.blockWith(utf8('b=1'))];
      bench.propose(first);
      bench.propose(second);
      await bench.settled();
      assert.deepEqual(prevotes(bench), [toHex(first.blockId.hash)]);
      assert.equal(bench.relayed.length, 2, 'both are passed on: that is the proof');
    },
  },
  {
    name: '20 a proposal that is justified by less than the own lock gets no vote',
    seat: VOTER,
    run: async (bench) => {
      const locked = bench.blockWith(utf8('a=1'));
      bench.propose(locked);
      for (const index of [0, 1, 2])
        bench.receive({ type: 'vote', vote: bench.prevote(index, locked) });
      await bench.settled();
      assert.deepEqual(bench.driver.state.lock?.blockId, locked.blockId);
      const timeouts = [0, 1, 2].map((index) => bench.nilPrecommit(index));
      for (const vote of timeouts) bench.receive({ type: 'timeout', vote });
      await bench.settled();
      assert.equal(bench.driver.state.round, 1);
      const other = bench.blockWith(utf8('b=1'));
      bench.propose(other, 1);
      await bench.settled();
      assert.ok(!prevotes(bench).includes(toHex(other.blockId.hash)));
      assert.deepEqual(bench.driver.state.lock?.blockId, locked.blockId);
    },
  },
  {
    name: '21 a block that is too large gets no vote',
    seat: VOTER,
    run: async (bench) => {
      const text = `a=${'1'.repeat(Number(PARAMS.block.maxBytes))}`;
      await isNotVotedFor(bench, bench.blockWith(utf8(text)), /block too large/);
    },
  },
  {
    name: '21 nor one whose header names other transactions',
    seat: VOTER,
    run: async (bench) => {
      const made = remade({ dataHash: sha256(utf8('others')) }, bench.blockWith(utf8('a=1')));
      await isNotVotedFor(bench, made, /header: dataHash/);
    },
  },
  {
    name: '21 a proposal that comes with another block than it names costs its sender',
    seat: VOTER,
    run: async (bench) => {
      const { bytes } = bench.blockWith(utf8('b=1'));
      await isNotVotedFor(bench, { ...bench.blockWith(utf8('a=1')), bytes });
      isBlamed(bench, /the block is not the proposed one/);
    },
  },
  {
    name: '22 a block from eleven seconds ahead gets no vote',
    seat: VOTER,
    lagMs: 11_000,
    run: async (bench) => isNotVotedFor(bench, bench.blockWith(utf8('a=1'))),
  },
  {
    name: '22 nor one that is not later than the one before it',
    seat: VOTER,
    run: async (bench) => {
      const { block } = await oneBlock(bench);
      const { time } = block.header;
      const { txs, evidence, lastCommit, header } = bench.blockWith(utf8('a=1')).block;
      const { proposerAddress } = header;
      const made = makeBlock(bench.chain.state(), {
        time,
        txs,
        evidence,
        lastCommit,
        proposerAddress,
      });
      const bytes = encodeBlock(made);
      const blockId = blockIdOf(made, bytes);
      await isNotVotedFor(bench, { block: made, bytes, blockId }, /time does not increase/);
    },
  },
  {
    name: '23 a block with another application hash gets no vote, and both hashes are told',
    seat: VOTER,
    run: async (bench) => {
      await oneBlock(bench);
      const appHash = sha256(utf8('another state'));
      const here = toHex(bench.chain.state().appHash).toUpperCase();
      const there = toHex(appHash).toUpperCase();
      const told = new RegExp(`header: appHash ${there}, here ${here}`);
      await isNotVotedFor(bench, remade({ appHash }, bench.blockWith()), told);
    },
  },
  {
    name: '24 forged evidence costs its sender, the same twice is one, and too old is refused',
    run: async (bench) => {
      const made = bench.blockWith();
      const { validators } = bench.chain.state();
      const votes = [utf8('A'), utf8('B')].map((text) => {
        const blockId = { hash: sha256(text), parts: { total: 1, hash: sha256(text) } };
        const place = { type: PREVOTE, height: 1, round: 0, blockId, time: GENESIS_TIME } as const;
        return signedVote(validators, 1, place);
      }) as [Vote, Vote];
      bench.propose(made);
      bench.decide(made);
      await bench.settled();
      const evidence = makeEvidence(votes, validators, made.block.header.time);
      bench.receiveEvidence({
        ...evidence,
        voteA: { ...evidence.voteA, signature: new Uint8Array(64) },
      });
      await bench.settled();
      isBlamed(bench, /wrong signature/);
      const before = bench.strikes.length;
      bench.receiveEvidence(evidence);
      bench.receiveEvidence(evidence);
      await bench.settled();
      assert.equal(bench.chain.evidence.pendingCount(), 1);
      assert.equal(bench.strikes.length, before);
    },
  },
];

describe('bad inputs from peers: consensus', () => {
  let bench: DriverBench;
  afterEach(async () => {
    await bench.stop();
    assert.deepEqual(bench.fatal, [], 'nothing of it stops the node');
  });

  for (const { name, run, ...options } of ROWS) {
    it(name, async () => {
      bench = await DriverBench.start(options satisfies BenchOptions);
      await run(bench);
    });
  }

  it('any bytes as a message cost their sender and nobody else anything', async () => {
    bench = await DriverBench.start();
    const payloads: Bytes[] = [
      new Uint8Array(0),
      utf8('garbage'),
      Uint8Array.of(0x12, 0x7f),
      new Uint8Array(300),
    ];
    for (const payload of payloads) bench.driver.receive('peer', payload);
    await bench.settled();
    assert.equal(bench.strikes.length, payloads.length);
  });
});
