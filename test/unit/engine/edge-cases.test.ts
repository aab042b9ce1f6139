/** The edge cases E6, E8, E11 and E13 to E15 of the design on chains of real blocks. The others: test/unit/consensus. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkChainId } from '../../../genesis/validate.ts';
import { EMPTY, toHex, utf8 } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { addNanos, timeToNanos, ZERO_TIME } from '../../../node/base/time.ts';
import { encodeBlock, encodeCommit } from '../../../node/consensus/encoding.ts';
import { commitHash } from '../../../node/consensus/hashing.ts';
import type { Commit, CommitSig } from '../../../node/consensus/types.ts';
import { verifyCommit } from '../../../node/consensus/verify-commit.ts';
import { Engine } from '../../../node/engine/engine.ts';
import { makeBlock, voteTime } from '../../../node/engine/header.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { ToyApp } from '../../integration/toy/toy-app.ts';
import {
  CHAIN_ID,
  fullCommit,
  GENESIS_TIME,
  genesisState,
  PARAMS,
  testChain,
  type TestChain,
} from './chain-fixture.ts';
import { DriverBench } from './driver-bench.ts';

const ABSENT: CommitSig = { flag: 1, address: EMPTY, time: ZERO_TIME, signature: EMPTY };
const MILLI = 1_000_000n;

const without = (commit: Commit, ...absent: number[]): Commit => ({
  ...commit,
  signatures: commit.signatures.map((sig, index) => (absent.includes(index) ? ABSENT : sig)),
});

describe('E6 a block is valid with a last commit that this node has not seen so', () => {
  const cases: readonly [string, readonly number[], boolean][] = [
    ['all signatures', [], true],
    ['one left out', [2], true],
    ['another one left out', [0], true],
    ['two of four left out', [0, 2], false],
  ];
  for (const [name, absent, valid] of cases) {
    it(`${name}: ${valid ? 'valid' : 'refused'}; the header fixes which`, async () => {
      const chain = await testChain();
      await chain.grow(2);
      const { block } = chain.make();
      const { time, proposerAddress } = block.header;
      const lastCommit = without(block.lastCommit, ...absent);
      const other = makeBlock(chain.state(), { ...block, time, proposerAddress, lastCommit });
      assert.deepEqual(other.header.lastCommitHash, commitHash(lastCommit));
      const problem = chain.executor.problem(chain.state(), other, encodeBlock(other));
      assert.equal(problem === undefined, valid, problem);
      const swapped = { ...other, lastCommit: without(block.lastCommit, 3) };
      const why = chain.executor.problem(chain.state(), swapped, encodeBlock(swapped));
      assert.equal(why, 'header: lastCommitHash');
    });
  }
});

describe('E8 a validator that is removed at height X signs X + 1 and not X + 2', () => {
  it('its signature counts in the last commits of X and X + 1 and has no place after', async () => {
    const chain = await testChain();
    await chain.grow(1);
    const leaver = chain.state().validators.validators[2]!;
    chain.txs = [utf8(`val${toHex(leaver.pubKey)}=0`)];
    await chain.grow(4);
    const height = 2;
    const has = (at: number): boolean =>
      chain.store.validators(at)!.indexOf(leaver.address) !== undefined;
    assert.deepEqual(
      [0, 1, 2, 3].map((after) => has(height + after)),
      [true, true, false, false],
    );
    const signers = [0, 1, 2].map((after) => {
      const { commit } = chain.store.commit(height + after)!;
      const validators = chain.store.validators(height + after)!;
      const { blockId } = chain.store.block(height + after)!;
      verifyCommit({ chainId: CHAIN_ID, validators, height: height + after, blockId, commit });
      return commit.signatures.filter(({ address }) => toHex(address) === toHex(leaver.address));
    });
    assert.deepEqual(
      signers.map(({ length }) => length),
      [1, 1, 0],
    );
  });
});

describe('E11 the chain id, with its revision, is part of what is signed', () => {
  it('a commit of one revision is none of the next, nor of a chain with a longer name', async () => {
    const chain = await testChain();
    await chain.grow(2);
    const validators = chain.store.validators(1)!;
    const { blockId } = chain.store.block(1)!;
    const { commit } = chain.store.commit(1)!;
    const check = (chainId: string) => () =>
      verifyCommit({ chainId, validators, height: 1, blockId, commit });
    check(CHAIN_ID)();
    for (const other of ['unit-2', 'unit-11', 'unit', '']) {
      assert.throws(check(other), BitscaleError, other);
    }
  });

  const ids: readonly [string, boolean][] = [
    ['bitscale-1', true],
    ['bitscale', true],
    ['bitscale-', true],
    ['bitscale-01', true],
    ['a-b-2', true],
    ['bitscale-18446744073709551615', true],
    ['bitscale-18446744073709551616', false],
    ['x'.repeat(50), true],
    ['x'.repeat(51), false],
    ['', false],
    ['bit scale-1', false],
  ];
  for (const [id, good] of ids) {
    it(`"${id}" is ${good ? 'a' : 'no'} chain id`, () => {
      if (good) checkChainId(id);
      else assert.throws(() => checkChainId(id));
    });
  }
});

describe('E13 a vote is never dated before its block, however far the clock lags', () => {
  const block = addNanos(GENESIS_TIME, 123_456_789n);
  const blockMs = Number(timeToNanos(block) / MILLI);
  const cases: readonly [string, number, bigint][] = [
    ['an hour behind', -3_600_000, MILLI],
    ['a millisecond behind', -1, MILLI],
    ['at the same millisecond', 0, MILLI],
    ['one millisecond ahead, but less than one after the block', 1, MILLI],
    ['two milliseconds ahead', 2, 2n * MILLI - 456_789n],
  ];
  for (const [name, ahead, later] of cases) {
    it(`the clock ${name}`, () => {
      assert.deepEqual(voteTime(block, blockMs + ahead), addNanos(block, later));
    });
  }

  it('what a validator with a late clock really signs', async () => {
    const seat = [0, 1, 2, 3].find((index) => {
      const { validators } = genesisState();
      return toHex(validators.validators[index]!.address) !== toHex(validators.proposer.address);
    })!;
    const bench = await DriverBench.start({ seat, lagMs: 5_000 });
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    await bench.settled();
    const others = [0, 1, 2, 3].filter((index) => index !== seat);
    for (const index of others) bench.receive({ type: 'vote', vote: bench.prevote(index, made) });
    await bench.settled();
    await bench.stop();
    const votes = bench.sent.flatMap((one) =>
      one.type === 'message' && one.message.type === 'vote' ? [one.message.vote] : [],
    );
    assert.deepEqual(
      votes.map(({ type }) => type),
      [1, 2],
    );
    const soonest = addNanos(made.block.header.time, MILLI);
    for (const { time } of votes) assert.deepEqual(time, soonest);
  });
});

describe('E15 a synced block is proven by the commit for itself, checked against its own validators', () => {
  let chain: TestChain;
  let engine: Engine;
  let folder: string;

  before(async () => {
    chain = await testChain();
    await chain.grow(1);
    const { pubKey } = chain.state().validators.validators[3]!;
    chain.txs = [utf8(`val${toHex(pubKey)}=0`)];
    await chain.grow(4);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-sync-'));
    const { validators } = genesisState();
    const genesis = {
      chainId: CHAIN_ID,
      initialHeight: 1,
      time: GENESIS_TIME,
      params: PARAMS,
      validators: validators.validators.map(({ pubKey, power }) => ({ pubKey, power })),
      appState: {},
    };
    const timeouts = {
      roundMs: 1,
      roundDeltaMs: 0,
      roundMaxMs: 1,
      newRoundMs: 1,
      graceMs: 0,
      resendMs: 1,
    };
    const consensus = { chainId: CHAIN_ID, mode: 'auto' as const, timeouts, blockTimeMs: 0 };
    const services = { logger: silentLogger, metrics: noMetrics };
    const clock = { now: () => 0, monotonic: () => 0 };
    const deps = {
      ...services,
      clock,
      db: new MemoryDb(),
      app: new ToyApp(new MemoryDb()),
      txs: { reap: () => [], update: () => undefined },
      onFatal: (error: unknown) => assert.fail(String(error)),
    };
    engine = await Engine.open({ consensus, genesis, walDirectory: folder }, deps);
    engine.connect({
      signer: undefined,
      network: {
        broadcast: () => undefined,
        sendToValidators: () => undefined,
        relay: () => undefined,
        validatorOf: () => undefined,
        strike: () => undefined,
        announce: () => undefined,
      },
      blocks: { fetchBlock: async () => undefined },
      onBehind: () => undefined,
    });
  });
  afterEach(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  const commitOf = (height: number): Commit =>
    chain.store.seenCommit(height) ?? chain.store.commit(height)!.commit;
  const apply = (height: number, commit = commitOf(height)): Promise<unknown> =>
    engine.applySynced(chain.store.blockBytes(height)!, encodeCommit(commit));

  it('with their commits blocks are taken, over a change of the set', async () => {
    for (let height = 1; height <= 5; height += 1) await apply(height);
    assert.equal(engine.height(), 5);
    assert.equal(engine.store.validators(5)?.size, 3);
  });

  it('the commit that was seen is kept for the newest block, canonical once the next has it', async () => {
    await apply(1);
    assert.equal(engine.store.commit(1)?.canonical, false);
    assert.deepEqual(engine.store.seenCommit(1), commitOf(1));
    await apply(2);
    assert.equal(engine.store.commit(1)?.canonical, true);
    assert.equal(engine.store.commit(2)?.canonical, false);
  });

  const wrong: readonly [string, (good: Commit) => Commit][] = [
    ['without a quorum, though its last commit is good', (good) => without(good, 0, 1)],
    ['of the height before', () => commitOf(2)],
    ['for another block of this height', (good) => ({ ...good, blockId: commitOf(2).blockId })],
    [
      'with a forged signature',
      (good) => ({
        ...good,
        signatures: good.signatures.with(0, {
          ...good.signatures[0]!,
          signature: new Uint8Array(64),
        }),
      }),
    ],
    ['shorter than the set', (good) => ({ ...good, signatures: good.signatures.slice(1) })],
  ];
  for (const [name, change] of wrong) {
    it(`a commit ${name} proves nothing`, async () => {
      await apply(1);
      await apply(2);
      await assert.rejects(apply(3, change(commitOf(3))), BitscaleError);
      assert.equal(engine.height(), 2);
      await apply(3);
    });
  }

  it('nor does one by validators of another height', async () => {
    for (let height = 1; height <= 3; height += 1) await apply(height);
    const { blockId, block } = chain.store.block(4)!;
    const before = { ...chain.state(), height: 3, validators: chain.store.validators(3)! };
    const strangers = fullCommit(before, blockId, block.header.time);
    assert.equal(strangers.signatures.length, 4);
    await assert.rejects(apply(4, strangers), BitscaleError);
    await apply(4);
  });
});
