/**
 * Executing ahead changes nothing: the real application on a real disk, with blocks proposed, executed ahead,
 * replaced, discarded and decided in any order, has the state of one that only ever ran what was decided.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { toHex, type Bytes } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { timeToNanos } from '../../../node/base/time.ts';
import type { Application } from '../../../node/app/application.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import { blockIdOf } from '../../../node/consensus/hashing.ts';
import { EMPTY_COMMIT } from '../../../node/consensus/verify-commit.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { damaged } from '../../../node/engine/block-store-check.ts';
import { Committer } from '../../../node/engine/committer.ts';
import { EvidencePool } from '../../../node/engine/evidence-pool.ts';
import { Executor, type MadeBlock } from '../../../node/engine/executor.ts';
import { makeBlock, proposalTime } from '../../../node/engine/header.ts';
import { KEEP_ALL, Pruner } from '../../../node/engine/pruner.ts';
import { handshake } from '../../../node/engine/replay.ts';
import { encodeResults } from '../../../node/engine/results-codec.ts';
import { SignatureChecks } from '../../../node/engine/signature-checks.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import {
  CONSENSUS_PARAMS,
  genesisFor,
  sendMessage,
  signTx,
  testApplication,
  testKey,
} from '../../support/application.ts';
import { CHAIN_ID, fullCommit, GENESIS_TIME, NO_BUDGET, SEEDS } from './chain-fixture.ts';

const KEYS = ['one', 'two', 'three'].map((name) => testKey(name));
const GENESIS = {
  chainId: CHAIN_ID,
  initialHeight: 1,
  time: GENESIS_TIME,
  params: CONSENSUS_PARAMS,
  validators: SEEDS.map((seed) => ({ pubKey: ed25519PublicKey(seed), power: 10n })),
  appState: genesisFor(KEYS),
};

/** One transfer; with a wrong sequence or too large an amount it fails, each in its own way. */
function transfer([from, to, sequence, amount]: readonly [number, number, number, number]): Bytes {
  const key = KEYS[from]!;
  const messages = [sendMessage(key, KEYS[to]!.text, String(amount))];
  const place = { accountNumber: BigInt(from), sequence: BigInt(sequence), chainId: CHAIN_ID };
  return signTx({ messages, key, ...place });
}

const TRANSFERS = [0, 1, 2].flatMap((from) =>
  [0, 1, 2].flatMap((sequence) =>
    [1_000, 4_000_000_000_000].map((amount) =>
      transfer([from, (from + sequence + 1) % 3, sequence, amount]),
    ),
  ),
);

/** The parts of a node that turn decisions into state. */
class Machine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bitscale-ahead-'));
  #dbs: LevelDb[] = [];
  app!: Application;
  executor!: Executor;
  committer!: Committer;
  store!: BlockStore;

  async open(): Promise<this> {
    const [blocks, state] = await Promise.all(
      ['blocks', 'state'].map((name) => LevelDb.open(join(this.#folder, name))),
    );
    this.#dbs = [blocks!, state!];
    this.store = BlockStore.open(blocks!, damaged);
    this.app = testApplication({ db: state!, chainId: CHAIN_ID }).app;
    await handshake(this.store, this.app, GENESIS, silentLogger);
    const evidence = await EvidencePool.open(this.store);
    const txs = { reap: () => [], update: () => undefined };
    const services = { logger: silentLogger, metrics: noMetrics };
    const { app, store } = this;
    const signatures = new SignatureChecks();
    this.executor = new Executor({ app, txs, evidence, signatures, budget: NO_BUDGET });
    const pruner = new Pruner(store, KEEP_ALL, { logger: silentLogger, metrics: noMetrics });
    const parts = { store, executor: this.executor, evidence, txs, pruner };
    this.committer = new Committer({ ...parts, ...services });
    return this;
  }

  async close(): Promise<void> {
    await this.app.stop();
    await Promise.all(this.#dbs.map((db) => db.close()));
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.#folder, { recursive: true });
  }

  block(txs: readonly Bytes[]): MadeBlock {
    const state = this.committer.state();
    const time = proposalTime(state, Number(timeToNanos(state.time) / 1_000_000n) + 500);
    const lastCommit = this.store.seenCommit(state.height) ?? EMPTY_COMMIT;
    const proposerAddress = state.validators.proposer.address;
    const block = makeBlock(state, { txs, time, evidence: [], lastCommit, proposerAddress });
    const bytes = encodeBlock(block);
    return { block, bytes, blockId: blockIdOf(block, bytes) };
  }

  async decide(made: MadeBlock): Promise<void> {
    const { header } = made.block;
    const commit = fullCommit(this.committer.state(), made.blockId, header.time);
    await this.committer.apply(made, commit);
  }

  /** All that must not depend on what was tried. */
  outcome() {
    const { appHash, resultsHash, height } = this.committer.state();
    const results = this.store.results(height)!;
    const { appHash: own } = this.app.info();
    return [appHash, resultsHash, own, encodeResults(results)].map(toHex);
  }
}

/** What may happen to the blocks of one height before one is decided. */
type Act =
  | { readonly type: 'ahead' | 'check' | 'checkTx'; readonly which: number }
  | { readonly type: 'query' | 'restart' };

interface Height {
  /** Transactions of each proposed block. */
  readonly blocks: readonly (readonly number[])[];
  readonly acts: readonly Act[];
  readonly decided: number;
}

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      type: fc.constantFrom('ahead' as const, 'ahead', 'check', 'checkTx'),
      which: fc.nat(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('query' as const, 'restart') }) },
);

const anyHeight: fc.Arbitrary<Height> = fc.record({
  blocks: fc.array(fc.array(fc.nat({ max: TRANSFERS.length - 1 }), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 3,
  }),
  acts: fc.array(anyAct, { maxLength: 8 }),
  decided: fc.nat(),
});

async function act(machine: Machine, one: Act, blocks: readonly MadeBlock[]): Promise<void> {
  const { executor, committer, app } = machine;
  if (!('which' in one)) {
    if (one.type === 'restart') {
      await machine.close();
      await machine.open();
    } else {
      const request = { path: '/app/version', data: new Uint8Array(0), height: 0, prove: false };
      app.query(request);
    }
    return;
  }
  const { type, which } = one;
  if (type === 'checkTx') {
    if (app.info().height > 0) app.checkTx(TRANSFERS[which % TRANSFERS.length]!, 'new');
    return;
  }
  const { block, bytes, blockId } = blocks[which % blocks.length]!;
  if (type === 'ahead') executor.tryExecute(committer.state(), block, blockId);
  else executor.problem(committer.state(), block, bytes);
}

describe('executing ahead of the decision', function () {
  this.timeout(120_000);

  it('leaves app hash, results and stored state as if only decided blocks had ever run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyHeight, { minLength: 1, maxLength: 5 }), async (heights) => {
        const busy = await new Machine().open();
        const plain = await new Machine().open();
        try {
          for (const { blocks, acts, decided } of heights) {
            const made = blocks.map((txs) => busy.block(txs.map((at) => TRANSFERS[at]!)));
            for (const one of acts) await act(busy, one, made);
            const chosen = made[decided % made.length]!;
            await busy.decide(chosen);
            await plain.decide(chosen);
            assert.deepEqual(busy.outcome(), plain.outcome());
          }
        } finally {
          await busy.remove();
          await plain.remove();
        }
      }),
      { numRuns: 12 },
    );
  });

  it('a block that was executed ahead and is decided does not run again', async () => {
    const machine = await new Machine().open();
    const made = machine.block([TRANSFERS[0]!]);
    const run = machine.app.finalizeBlock.bind(machine.app);
    let runs = 0;
    machine.app.finalizeBlock = (request) => {
      runs += 1;
      return run(request);
    };
    machine.executor.tryExecute(machine.committer.state(), made.block, made.blockId);
    await machine.decide(made);
    assert.equal(runs, 1);
    assert.equal(machine.store.results(1)?.txResults[0]?.code, 0);
    await machine.remove();
  });
});
