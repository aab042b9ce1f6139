import assert from 'node:assert/strict';
import { EMPTY, fromUtf8, utf8 } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { addNanos, parseTime, timeToNanos } from '../../../node/base/time.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { commitHash } from '../../../node/consensus/hashing.ts';
import type { Block, Header } from '../../../node/consensus/types.ts';
import { BlockBudget } from '../../../node/engine/block-budget.ts';
import { Executor } from '../../../node/engine/executor.ts';
import { makeBlock, proposalTime, voteTime } from '../../../node/engine/header.ts';
import { isTimely } from '../../../node/engine/run-effect.ts';
import { SignatureChecks } from '../../../node/engine/signature-checks.ts';
import { NO_BUDGET, testChain, type TestChain } from './chain-fixture.ts';

const HASH = sha256(utf8('another'));
const MILLI = 1_000_000n;

describe('executor: which blocks may be voted for', () => {
  let chain: TestChain;
  beforeEach(async () => {
    chain = await testChain();
    await chain.grow(3);
    chain.txs = [utf8('a=1')];
  });

  const problem = (block: Block): string | undefined =>
    chain.executor.problem(chain.state(), block, encodeBlock(block));
  const withHeader = (change: Partial<Header>): Block => {
    const { block } = chain.make();
    return { ...block, header: { ...block.header, ...change } };
  };

  it('its own block is valid', () => {
    assert.equal(problem(chain.make().block), undefined);
  });

  const WRONG: [string, Partial<Header>][] = [
    ['block version', { version: { block: 10n, app: 3n } }],
    ['application version', { version: { block: 11n, app: 2n } }],
    ['chain id', { chainId: 'other-1' }],
    ['height', { height: 9 }],
    ['last block id', { lastBlockId: { hash: HASH, parts: { total: 1, hash: HASH } } }],
    ['lastCommitHash', { lastCommitHash: HASH }],
    ['dataHash', { dataHash: HASH }],
    ['validatorsHash', { validatorsHash: HASH }],
    ['nextValidatorsHash', { nextValidatorsHash: HASH }],
    ['consensusHash', { consensusHash: HASH }],
    ['appHash', { appHash: HASH }],
    ['lastResultsHash', { lastResultsHash: HASH }],
    ['evidenceHash', { evidenceHash: HASH }],
    ['proposer', { proposerAddress: HASH.slice(0, 20) }],
  ];
  for (const [what, change] of WRONG) {
    it(`a header with another ${what} is refused`, () => {
      const told = problem(withHeader(change)) ?? '';
      // Of the application hash both are told as well.
      assert.ok(`${told} `.startsWith(`header: ${what} `), told);
    });
  }

  it('time must grow by a millisecond', () => {
    const { time } = chain.state();
    assert.equal(problem(withHeader({ time: addNanos(time, MILLI) })), undefined);
    const late = 'header: time does not increase';
    assert.equal(problem(withHeader({ time: addNanos(time, MILLI - 1n) })), late);
    assert.equal(problem(withHeader({ time })), late);
  });

  it('a last commit without quorum, with a bad signature or of another size is refused', () => {
    const { block } = chain.make();
    const { signatures } = block.lastCommit;
    const absent = { flag: 1 as const, address: EMPTY, time: parseTime('0001-01-01T00:00:00Z') };
    const none = { ...absent, signature: EMPTY };
    const forged = { ...signatures[0]!, signature: new Uint8Array(64) };
    const cases = [
      [none, none, ...signatures.slice(2)],
      [forged, ...signatures.slice(1)],
      signatures.slice(1),
      [...signatures, signatures[0]!],
    ];
    for (const changed of cases) {
      const lastCommit = { ...block.lastCommit, signatures: changed };
      const header = { ...block.header, lastCommitHash: commitHash(lastCommit) };
      assert.match(problem({ ...block, header, lastCommit }) ?? '', /commit|power|signature/);
    }
  });

  it('three of four signatures are enough', () => {
    const { block } = chain.make();
    const time = { seconds: -62_135_596_800n, nanos: 0 };
    const none = { flag: 1 as const, address: EMPTY, time, signature: EMPTY };
    const lastCommit = {
      ...block.lastCommit,
      signatures: [none, ...block.lastCommit.signatures.slice(1)],
    };
    const header = { ...block.header, lastCommitHash: commitHash(lastCommit) };
    assert.equal(problem({ ...block, header, lastCommit }), undefined);
  });

  it('what the application refuses is refused', () => {
    chain.txs = [];
    const { block } = chain.make();
    const { time, proposerAddress } = block.header;
    const content = { ...block, time, proposerAddress, txs: [utf8('not a pair')] };
    assert.equal(problem(makeBlock(chain.state(), content)), 'the application refuses the block');
  });

  it('a block above the size of the parameters is refused, and none is made', () => {
    chain.txs = [utf8(`big=${'x'.repeat(99_990)}`)];
    assert.equal(chain.make().block.txs.length, 0);
    const { block } = chain.make();
    const { time, proposerAddress } = block.header;
    const large = makeBlock(chain.state(), { ...block, time, proposerAddress, txs: chain.txs });
    assert.equal(problem(large), 'block too large');
  });

  it('a block executed twice in a row runs once', () => {
    const made = chain.make();
    const before = chain.app.finalized;
    chain.executor.execute(chain.state(), made.block, made.blockId);
    chain.executor.execute(chain.state(), made.block, made.blockId);
    assert.equal(chain.app.finalized, before + 1);
  });
});

describe('executor: how long blocks take', () => {
  /** A chain whose application needs as many milliseconds for a proposal as the test says. */
  async function slowChain() {
    const chain = await testChain();
    await chain.grow(1);
    chain.txs = Array.from({ length: 200 }, (_, i) => utf8(`a${i}=1`));
    let nowMs = 0;
    let isGood = true;
    const clock = { now: () => nowMs, monotonic: () => nowMs };
    const budget = new BlockBudget(clock, 1_000);
    const { app, evidence } = chain;
    const txs = { reap: () => chain.txs, update: () => undefined };
    const executor = new Executor({
      app,
      txs,
      evidence,
      signatures: new SignatureChecks(),
      budget,
    });
    let took = 0;
    app.prepareProposal = ({ txs: offered }) => ((nowMs += took), offered);
    app.processProposal = () => ((nowMs += took), isGood);
    const state = chain.state();
    const make = (ms: number) => {
      took = ms;
      return executor.make(
        state,
        chain.store.seenCommit(1),
        chain.make().block.header.proposerAddress,
        0,
      );
    };
    const judge = ({ block, bytes }: ReturnType<typeof make>, ms: number, good = true) => {
      [took, isGood] = [ms, good];
      return executor.problem(state, block, bytes);
    };
    return { budget, make, judge };
  }

  it('a block that was executed already tells nothing about the next, however often it is judged', async () => {
    const { budget, make, judge } = await slowChain();
    const made = make(1_000);
    assert.equal(budget.txs, 200);
    for (let round = 1; round < 5; round++) assert.equal(judge(made, 0), undefined);
    assert.equal(budget.txs, 200);
    assert.equal(judge({ ...made, bytes: made.bytes.slice() }, 1_000), undefined);
    assert.equal(budget.txs, 200);
  });

  it('a block that is refused at its first transaction tells nothing either', async () => {
    const { budget, make, judge } = await slowChain();
    const made = make(1_000);
    for (let round = 1; round < 5; round++) {
      assert.match(judge({ ...made, bytes: made.bytes.slice() }, 0, false) ?? '', /refuses/);
    }
    assert.equal(budget.txs, 200);
  });
});

describe('executor: what a block is made of', () => {
  /** A mempool that offers what is not good any more as long as it may. */
  async function blockOf(fallen: boolean) {
    const chain = await testChain();
    await chain.grow(1);
    const { app, evidence } = chain;
    let offered = [utf8('paid'), utf8('junk')];
    let recounts = 0;
    const recount = (): boolean => {
      recounts += 1;
      if (fallen) offered = [utf8('paid'), utf8('honest')];
      return fallen;
    };
    const txs = { reap: () => offered, update: () => undefined, recount };
    app.prepareProposal = (request) => request.txs.filter((tx) => fromUtf8(tx) !== 'junk');
    const signatures = new SignatureChecks();
    const executor = new Executor({ app, txs, evidence, signatures, budget: NO_BUDGET });
    const proposer = chain.make().block.header.proposerAddress;
    const { block } = executor.make(chain.state(), chain.store.seenCommit(1), proposer, 0);
    return { txs: block.txs.map(fromUtf8), recounts };
  }

  it('takes others in the place of what falls when it is checked again', async () => {
    assert.deepEqual(await blockOf(true), { txs: ['paid', 'honest'], recounts: 1 });
  });

  it('is not made twice when nothing falls', async () => {
    assert.deepEqual(await blockOf(false), { txs: ['paid'], recounts: 1 });
  });
});

describe('executor: executing ahead', () => {
  it('another block that is decided instead is executed itself', async () => {
    const chain = await testChain();
    await chain.grow(1);
    chain.txs = [utf8('a=1')];
    const first = chain.make();
    chain.executor.tryExecute(chain.state(), first.block, first.blockId);
    chain.txs = [utf8('b=2')];
    await chain.grow(1);
    const other = await testChain();
    await other.grow(1);
    other.txs = [utf8('b=2')];
    await other.grow(1);
    assert.deepEqual(chain.app.info(), other.app.info());
  });

  it('an error ahead of the decision changes nothing', async () => {
    const chain = await testChain();
    await chain.grow(1);
    const { block, blockId } = chain.make();
    const original = chain.app.finalizeBlock.bind(chain.app);
    chain.app.finalizeBlock = () => {
      throw new RangeError('broken');
    };
    chain.executor.tryExecute(chain.state(), block, blockId);
    chain.app.finalizeBlock = original;
    await chain.grow(1);
    assert.equal(chain.store.height(), 2);
  });
});

describe('times of blocks and votes', () => {
  const noon = parseTime('2026-01-01T12:00:00Z');
  const noonMs = Number(timeToNanos(noon) / MILLI);

  it('a proposal carries the clock, unless the last block is later', async () => {
    const { committer } = await testChain();
    const state = { ...committer.state(), time: noon };
    assert.deepEqual(proposalTime(state, noonMs + 500), addNanos(noon, 500n * MILLI));
    assert.deepEqual(proposalTime(state, noonMs - 500), addNanos(noon, MILLI));
  });

  it('a vote is never before its block', () => {
    assert.deepEqual(voteTime(noon, noonMs - 5_000), addNanos(noon, MILLI));
    assert.deepEqual(voteTime(noon, noonMs + 5_000), addNanos(noon, 5_000n * MILLI));
    assert.deepEqual(voteTime(undefined, noonMs), noon);
  });

  it('a fresh block must be near the local clock', () => {
    const CASES: [number, boolean][] = [
      [0, true],
      [10_000, true],
      [10_001, false],
      [-30_000, true],
      [-30_001, false],
    ];
    for (const [aheadMs, timely] of CASES) {
      const time = addNanos(noon, BigInt(aheadMs) * MILLI);
      assert.equal(isTimely(time, noonMs), timely, `${aheadMs} ms ahead`);
    }
  });
});
