/** Evidence of double signing on its way from two votes to the application. */
import assert from 'node:assert/strict';
import { EMPTY, fromHex, toHex, utf8 } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import {
  MAX_EVIDENCE_PER_VALIDATOR,
  MAX_EVIDENCE_TOLD,
  MAX_PENDING_EVIDENCE,
  MAX_WAITING_CONFLICTS,
} from '../../../node/base/limits.ts';
import { ProtoReader } from '../../../node/base/proto-reader.ts';
import { addNanos } from '../../../node/base/time.ts';
import type { BlockRequest, Misbehavior } from '../../../node/app/abci.ts';
import {
  decodeDuplicateVoteEvidence,
  readFields,
  readTime,
} from '../../../node/consensus/decoding.ts';
import { encodeBlock, encodeEvidence } from '../../../node/consensus/encoding.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import {
  PRECOMMIT,
  PREVOTE,
  type DuplicateVoteEvidence,
  type Vote,
  type VoteType,
} from '../../../node/consensus/types.ts';
import {
  ErrEvidence,
  ErrStaleEvidence,
  isExpired,
  misbehaviorOf,
} from '../../../node/engine/evidence-pool.ts';
import { makeBlock } from '../../../node/engine/header.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { readVector, type Json } from '../consensus/vectors.ts';
import { genesisState, PARAMS, signedVote, testChain, type TestChain } from './chain-fixture.ts';

const MILLI = 1_000_000n;

function blockNamed(name: string) {
  const hash = sha256(utf8(name));
  return { hash, parts: { total: 1, hash } };
}

interface Made {
  readonly index?: number;
  readonly type?: VoteType;
  readonly other?: string;
}

/** Two votes of one validator at a height that is decided. */
function evidenceAt(chain: TestChain, height: number, made: Made = {}): DuplicateVoteEvidence {
  const { index = 1, type = PREVOTE, other = 'B' } = made;
  const validators = chain.store.validators(height)!;
  const { time } = chain.store.block(height)!.block.header;
  const vote = (name: string): Vote =>
    signedVote(validators, index, { type, height, round: 0, blockId: blockNamed(name), time });
  return makeEvidence([vote('A'), vote(other)], validators, time);
}

/** A block by an honest proposer but for its evidence. */
function problemOf(chain: TestChain, evidence: readonly DuplicateVoteEvidence[]) {
  const { block } = chain.make();
  const { time, proposerAddress } = block.header;
  const changed = makeBlock(chain.state(), { ...block, evidence, time, proposerAddress });
  return chain.executor.problem(chain.state(), changed, encodeBlock(changed));
}

function isKind(kind: object): (error: unknown) => boolean {
  return (error) => error instanceof BitscaleError && error.kind === kind;
}

describe('evidence enters the chain', () => {
  let chain: TestChain;
  let requests: BlockRequest[];
  beforeEach(async () => {
    chain = await testChain();
    requests = [];
    const run = chain.app.finalizeBlock.bind(chain.app);
    chain.app.finalizeBlock = (request) => {
      requests.push(request);
      return run(request);
    };
    await chain.grow(3);
  });

  for (const type of [PREVOTE, PRECOMMIT] as const) {
    const name = type === PREVOTE ? 'prevotes' : 'precommits';
    it(`two ${name}: in the next block, once, told to the application, gone from the pool`, async () => {
      const evidence = evidenceAt(chain, 2, { type });
      chain.evidence.add(evidence);
      assert.equal(chain.evidence.pendingCount(), 1);
      await chain.grow(3);
      const carried = [4, 5, 6].map((at) => chain.store.block(at)!.block.evidence.length);
      assert.deepEqual(carried, [1, 0, 0]);
      assert.equal(chain.evidence.pendingCount(), 0);
      const told = requests.map(({ misbehavior }) => misbehavior.length);
      assert.deepEqual(told, [0, 0, 0, 1, 0, 0]);
      assert.throws(() => chain.evidence.add(evidence), isKind(ErrStaleEvidence));
      assert.match(problemOf(chain, [evidence]) ?? '', /already in a block/);
    });
  }

  it('the application hears of it in the order of the block, in the terms of ABCI', async () => {
    const list = [2, 0, 3].map((index) => evidenceAt(chain, 2, { index }));
    for (const one of list) chain.evidence.add(one);
    await chain.grow(1);
    const wanted = chain.store.block(4)!.block.evidence.map((one): Misbehavior => {
      const power = 10n;
      const { address, height } = one.voteA;
      const { time } = chain.store.block(2)!.block.header;
      return { kind: 'duplicate-vote', address, power, height, time, totalVotingPower: 40n };
    });
    assert.deepEqual(requests.at(-1)?.misbehavior, wanted);
    assert.deepEqual(
      wanted.map(({ address }) => address),
      list.map(({ voteA }) => voteA.address),
    );
  });

  it('two votes that the machine saw wait until their height is decided', async () => {
    const { validators, time } = chain.state();
    const vote = (name: string): Vote =>
      signedVote(validators, 0, {
        type: PREVOTE,
        height: 4,
        round: 0,
        blockId: blockNamed(name),
        time,
      });
    for (let times = 0; times < 3; times += 1) chain.evidence.report(vote('A'), vote('B'));
    assert.equal(chain.evidence.pendingCount(), 0);
    await chain.grow(2);
    assert.equal(chain.store.block(5)!.block.evidence.length, 1);
  });

  it('waits on disk over a restart', async () => {
    chain.evidence.add(evidenceAt(chain, 1));
    const again = await testChain(chain.blockDb.reopen(), chain.appDb.reopen());
    assert.equal(again.evidence.pendingCount(), 1);
  });
});

describe('evidence has the bytes and the meaning of the reference', () => {
  (readVector('simple-merkle/evidence.json').evidence as Json[]).forEach((one, index) => {
    it(`misbehaviour ${index}: ${one.note}`, () => {
      const evidence = decodeDuplicateVoteEvidence(fromHex(one.duplicate_vote_evidence));
      const expected = {
        type: 0,
        address: EMPTY,
        power: 0n,
        height: 0,
        time: evidence.time,
        total: 0n,
      };
      const reader = new ProtoReader(fromHex(one.abci_misbehavior));
      readFields(reader, {
        1: () => (expected.type = reader.int32()),
        2: () => {
          reader.message((inner) =>
            readFields(inner, {
              1: () => (expected.address = inner.bytes()),
              3: () => (expected.power = inner.int64()),
            }),
          );
        },
        3: () => (expected.height = reader.safeInteger()),
        4: () => (expected.time = reader.message(readTime)),
        5: () => (expected.total = reader.int64()),
      });
      const {
        kind,
        address,
        power,
        height,
        time,
        totalVotingPower: total,
      } = misbehaviorOf(evidence);
      assert.equal(kind === 'duplicate-vote' ? 1 : 0, expected.type);
      assert.equal(toHex(address), toHex(expected.address));
      assert.deepEqual(
        [power, height, time, total],
        [expected.power, expected.height, expected.time, expected.total],
      );
    });
  });
});

describe('evidence expires when it is too old in blocks and in time', () => {
  const { maxAgeNumBlocks, maxAgeDurationNanos } = PARAMS.evidence;
  const blocks = Number(maxAgeNumBlocks);
  const cases: readonly [string, number, bigint, boolean][] = [
    ['both at the limit', blocks, maxAgeDurationNanos, false],
    ['blocks one past it', blocks + 1, maxAgeDurationNanos, false],
    ['time one past it', blocks, maxAgeDurationNanos + 1n, false],
    ['both one past it', blocks + 1, maxAgeDurationNanos + 1n, true],
  ];
  for (const [name, ageBlocks, ageNanos, expired] of cases) {
    it(`${name}: ${expired ? 'too old' : 'good'}`, async () => {
      const chain = await testChain();
      await chain.grow(1);
      const evidence = evidenceAt(chain, 1);
      const state = {
        ...chain.state(),
        height: 1 + ageBlocks,
        time: addNanos(evidence.time, ageNanos),
      };
      assert.equal(isExpired(state, evidence), expired);
    });
  }

  it('proposer, voter and pool agree on the last block that may carry it', async () => {
    const chain = await testChain();
    await chain.grow(blocks + 1);
    const evidence = evidenceAt(chain, 1);
    const late = evidenceAt(chain, 1, { other: 'C' });
    assert.equal(problemOf(chain, [evidence]), undefined);
    chain.evidence.add(evidence);
    assert.equal(chain.make().block.evidence.length, 1);
    await chain.grow(1);
    assert.equal(chain.store.block(blocks + 2)!.block.evidence.length, 1);
    assert.match(problemOf(chain, [late]) ?? '', /too old/);
    assert.throws(() => chain.evidence.add(late), isKind(ErrStaleEvidence));
  });

  it('what grew too old while it waited makes room, also on disk', async () => {
    const params = { ...PARAMS, evidence: { ...PARAMS.evidence, maxBytes: 0n } };
    const chain = await testChain(new MemoryDb(), new MemoryDb(), genesisState(4, params));
    await chain.grow(1);
    for (let at = 0; at < 8; at += 1) chain.evidence.add(evidenceAt(chain, 1, { other: `B${at}` }));
    await chain.grow(blocks);
    assert.equal(chain.evidence.pendingCount(), 8);
    await chain.grow(1);
    assert.equal(chain.evidence.pendingCount(), 0);
    const again = await testChain(chain.blockDb.reopen(), chain.appDb.reopen());
    assert.equal(again.evidence.pendingCount(), 0);
  });
});

describe('a block whose evidence does not hold is not voted for', () => {
  let chain: TestChain;
  let good: DuplicateVoteEvidence;
  before(async () => {
    chain = await testChain();
    await chain.grow(3);
    good = evidenceAt(chain, 2);
  });

  const cases: readonly [
    string,
    RegExp,
    (good: DuplicateVoteEvidence) => DuplicateVoteEvidence[],
  ][] = [
    ['twice in one block', /twice in one block/, (one) => [one, one]],
    [
      'a forged signature',
      /wrong signature/,
      (one) => [{ ...one, voteA: { ...one.voteA, signature: new Uint8Array(64) } }],
    ],
    ['another power', /validator power/, (one) => [{ ...one, validatorPower: 11n }]],
    ['another total', /total power/, (one) => [{ ...one, totalVotingPower: 41n }]],
    ['another time', /wrong time/, (one) => [{ ...one, time: addNanos(one.time, MILLI) }]],
    [
      'the votes in wrong order',
      /wrong order/,
      (one) => [{ ...one, voteA: one.voteB, voteB: one.voteA }],
    ],
    ['one vote twice', /same block/, (one) => [{ ...one, voteB: one.voteA }]],
    [
      'votes of two rounds',
      /not for the same/,
      (one) => [{ ...one, voteB: { ...one.voteB, round: 1 } }],
    ],
    [
      'a prevote and a precommit',
      /not for the same/,
      (one) => [{ ...one, voteB: { ...one.voteB, type: PRECOMMIT } }],
    ],
    [
      'a voter who was no validator',
      /not a validator/,
      (one) => {
        const address = sha256(utf8('nobody')).slice(0, 20);
        return [{ ...one, voteA: { ...one.voteA, address }, voteB: { ...one.voteB, address } }];
      },
    ],
    [
      'another index, which is not signed',
      /index/,
      (one) => [{ ...one, voteA: { ...one.voteA, index: 3 }, voteB: { ...one.voteB, index: 3 } }],
    ],
    [
      'a height to come',
      /not known/,
      (one) => [
        { ...one, voteA: { ...one.voteA, height: 99 }, voteB: { ...one.voteB, height: 99 } },
      ],
    ],
    [
      'a height before the first',
      /not known/,
      (one) => [{ ...one, voteA: { ...one.voteA, height: 0 }, voteB: { ...one.voteB, height: 0 } }],
    ],
  ];
  for (const [name, why, change] of cases) {
    it(name, () => {
      assert.match(problemOf(chain, change(good)) ?? '', why);
      assert.equal(problemOf(chain, [good]), undefined);
    });
  }

  it('more bytes than the parameter allows, to the byte', async () => {
    const size = BigInt(encodeEvidence(good).length);
    for (const [maxBytes, fits] of [
      [2n * size, true],
      [2n * size - 1n, false],
    ] as const) {
      const params = { ...PARAMS, evidence: { ...PARAMS.evidence, maxBytes } };
      const small = await testChain(new MemoryDb(), new MemoryDb(), genesisState(4, params));
      await small.grow(2);
      const two = [1, 2].map((index) => evidenceAt(small, 1, { index }));
      assert.deepEqual(
        two.map((one) => encodeEvidence(one).length),
        [Number(size), Number(size)],
      );
      const problem = problemOf(small, two);
      if (fits) assert.equal(problem, undefined);
      else assert.match(problem ?? '', /more bytes than allowed/);
      for (const one of two) small.evidence.add(one);
      assert.equal(small.make().block.evidence.length, fits ? 2 : 1);
    }
  });
});

describe('a node that does not have the old blocks any more', () => {
  it('does not vote for evidence about them, and accepts what more than 2/3 decide', async () => {
    const chain = await testChain();
    await chain.grow(5);
    const evidence = evidenceAt(chain, 2);
    assert.equal(chain.evidence.canCheck([evidence]), true);
    await chain.store.prune(4);
    assert.equal(chain.evidence.canCheck([evidence]), false);
    assert.equal(problemOf(chain, [evidence]), undefined);
    assert.throws(() => chain.evidence.add(evidence), isKind(ErrEvidence));
  });
});

describe('the pool of evidence is bounded', () => {
  it(`${MAX_EVIDENCE_PER_VALIDATOR} pieces against one validator, and room for others`, async () => {
    const chain = await testChain();
    await chain.grow(1);
    const add = (at: number, index = 1) =>
      chain.evidence.add(evidenceAt(chain, 1, { index, other: `B${at}` }));
    for (let at = 0; at < MAX_EVIDENCE_PER_VALIDATOR; at += 1) add(at);
    assert.throws(() => add(MAX_EVIDENCE_PER_VALIDATOR), isKind(ErrEvidence));
    assert.ok(add(0).length > 0, 'the same again is no news and no fault');
    add(0, 2);
    assert.equal(chain.evidence.pendingCount(), MAX_EVIDENCE_PER_VALIDATOR + 1);
  });

  it(`${MAX_PENDING_EVIDENCE} pieces in all`, async () => {
    const size = Math.ceil(MAX_PENDING_EVIDENCE / MAX_EVIDENCE_PER_VALIDATOR) + 1;
    const chain = await testChain(new MemoryDb(), new MemoryDb(), genesisState(size));
    await chain.grow(1);
    const add = (at: number) => {
      const index = Math.floor(at / MAX_EVIDENCE_PER_VALIDATOR);
      chain.evidence.add(evidenceAt(chain, 1, { index, other: `B${at}` }));
    };
    for (let at = 0; at < MAX_PENDING_EVIDENCE; at += 1) add(at);
    assert.throws(() => add(MAX_PENDING_EVIDENCE), /full/);
    assert.equal(chain.evidence.waiting().length, MAX_EVIDENCE_TOLD);
    assert.equal(chain.evidence.pendingCount(), MAX_PENDING_EVIDENCE);
  }).timeout(30_000);

  it(`${MAX_WAITING_CONFLICTS} conflicts of heights that are not decided, each step once`, async () => {
    const chain = await testChain();
    const { validators, time } = chain.state();
    const conflict = (round: number): void => {
      const place = { type: PREVOTE, height: 1, round, time } as const;
      const [first, second] = ['A', 'B'].map((name) =>
        signedVote(validators, round % 4, { ...place, blockId: blockNamed(name) }),
      );
      chain.evidence.report(first!, second!);
      chain.evidence.report(second!, first!);
    };
    for (let round = 0; round <= MAX_WAITING_CONFLICTS; round += 1) conflict(round);
    const found: number[] = [];
    chain.evidence.onAdded(({ voteA }) => found.push(voteA.round));
    await chain.grow(1);
    assert.equal(found.length, 4 * MAX_EVIDENCE_PER_VALIDATOR);
    assert.equal(new Set(found).size, found.length);
    assert.ok(!found.includes(MAX_WAITING_CONFLICTS));
  });
});
