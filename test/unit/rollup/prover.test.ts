/** The prover over a real chain in memory, an L1 of two numbers, and proofs that cost nothing. */
import assert from 'node:assert/strict';
import { bytesToBigInt } from '../../../node/base/bytes.ts';
import { snarkjsBackend, type ProverBackend } from '../../../node/rollup/backend.ts';
import type { Proof } from '../../../node/rollup/groth16.ts';
import type { L1Tip } from '../../../node/rollup/l1-client.ts';
import { Prover, type ProverParts } from '../../../node/rollup/prover.ts';
import type { ProvenBatch } from '../../../node/rollup/submitter.ts';
import { LedgerTree, MemoryNodes } from '../../../modules/ledger/tree.ts';
import { LedgerChain, L1, SHAPE } from '../modules/ledger/chain.ts';
import { DOMAIN, wallet } from '../modules/ledger/support.ts';
import { TestClock, testLog } from './logger.ts';

const SMALL = { ...SHAPE, slots: 1 };
const PROOF: Proof = { pi_a: [], pi_b: [], pi_c: [] };
const GATHER_SECONDS = 5;
const TAKEOVER_SECONDS = 30;
const fast: ProverBackend = { name: 'fast', prove: async () => undefined };

/** One L1 for all provers of a test; `accepted[n]` is the state after batch n. */
class FakeL1 {
  readonly accepted: L1Tip[];
  refuse: string | undefined;

  constructor() {
    const root = new LedgerTree(SMALL.depth, new MemoryNodes()).root;
    this.accepted = [{ root, rolling: new Uint8Array(32), batchCount: 0n, consumed: 0n }];
  }

  async tip(): Promise<L1Tip> {
    return this.accepted.at(-1) ?? assert.fail();
  }

  take(run: readonly ProvenBatch[]): void {
    if (this.refuse !== undefined) throw new Error(this.refuse);
    for (const { batch } of run) {
      const tip = this.accepted.at(-1);
      assert.equal(batch.oldRoot, tip?.root);
      const { newRoot: root, number: batchCount } = batch;
      this.accepted.push({ root, rolling: new Uint8Array(32), batchCount, consumed: 0n });
    }
  }
}

class Stage {
  readonly chain = new LedgerChain({ shape: SMALL });
  readonly l1 = new FakeL1();
  readonly clock = new TestClock();
  readonly log = testLog();
  readonly proved: string[] = [];
  readonly submitted: string[] = [];
  /** Back-ends by name that fail. */
  readonly broken = new Set<string>();
  #opened = 0;

  prover(index = 0, count = 1, backend = fast): Prover {
    const jobs: ProverParts['jobs'] = {
      find: () => undefined,
      prove: async (job, by) => {
        if (this.broken.has(by.name)) throw new Error(`${by.name} is broken`);
        this.proved.push(`${index}:${job.batch}`);
        return PROOF;
      },
      forgetUpTo: () => undefined,
    };
    const submitter: ProverParts['submitter'] = {
      submit: async (run) => {
        this.l1.take(run);
        this.submitted.push(`${index}:${run.map(({ batch }) => batch.number).join(',')}`);
        return { hash: '0x', gasUsed: 1n, blockNumber: 1 } as never;
      },
    };
    const challenge = { l1ChainId: L1.chainId, rollup: L1.rollup, prover: new Uint8Array(20) };
    const rotation = { index, count, takeoverSeconds: TAKEOVER_SECONDS };
    return new Prover(
      { domain: DOMAIN, shape: SMALL, challenge, rotation, gatherSeconds: GATHER_SECONDS },
      {
        ...{ chain: this.chain.ask, l1: this.l1, jobs, submitter, backend },
        ...{ clock: this.clock, logger: this.log.logger, activity: () => undefined },
      },
    );
  }

  /** Seals batches, one a block; the last one is attested unless the test wants otherwise. */
  async seal(batches: number, attest = true): Promise<void> {
    for (let i = 0; i < batches; i++) {
      this.#opened++;
      await this.chain.open(wallet(100 + this.#opened), 1);
    }
    if (attest) await this.attest((await this.chain.status()).sealed);
  }

  async attest(batch: bigint): Promise<void> {
    const { rollingHash } = await this.chain.header(batch);
    const txs = this.chain.validators.map((validator) =>
      this.chain.tx([this.chain.attestBatch(validator, batch, rollingHash)], validator.key),
    );
    for (const { code, log } of (await this.chain.block(txs)).txResults) assert.equal(code, 0, log);
  }

  async final(batch: bigint): Promise<void> {
    const { rollingHash } = await this.chain.header(batch);
    const word = new Uint8Array(32);
    await this.chain.report({ proven: [{ batch, rollingHash, txHash: word, l1Block: 1n }] });
  }
}

const signal = new AbortController().signal;
async function rounds(prover: Prover, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await prover.round(signal);
}

describe('rollup/prover', () => {
  it('proves batch by batch and submits a whole run at once', async () => {
    const stage = new Stage();
    await stage.seal(4);
    await rounds(stage.prover(), 6);
    assert.deepEqual(stage.proved, ['0:1', '0:2', '0:3', '0:4']);
    assert.deepEqual(stage.submitted, ['0:1,2,3,4']);
    const header = await stage.chain.header(4n);
    assert.equal((await stage.l1.tip()).root, bytesToBigInt(header.newRoot));
  });

  it('says when it has nothing to do', async () => {
    const stage = new Stage();
    assert.equal(await stage.prover().round(signal), false);
    await stage.seal(1);
    assert.equal(await stage.prover().round(signal), true);
  });

  it('submits nothing that more than 2/3 have not attested to, and the attested part of a run', async () => {
    const stage = new Stage();
    await stage.seal(2, false);
    const prover = stage.prover();
    await rounds(prover, 5);
    assert.deepEqual(stage.submitted, []);
    await stage.attest(1n);
    await rounds(prover, 1);
    assert.deepEqual(stage.submitted, ['0:1']);
  });

  it('waits a while for the rest of a run that is on its way, not for ever', async () => {
    const stage = new Stage();
    await stage.seal(3);
    const prover = stage.prover(0, 1, fast);
    await prover.round(signal);
    await stage.attest(1n);
    stage.broken.add('fast');
    await rounds(prover, 2);
    assert.deepEqual(stage.submitted, []);
    stage.clock.ms += GATHER_SECONDS * 1000;
    await rounds(prover, 1);
    assert.deepEqual(stage.submitted, ['0:1']);
  });

  it('shares the runs with the other prover and never does its work while L1 moves', async () => {
    const stage = new Stage();
    const [first, second] = [stage.prover(0, 2), stage.prover(1, 2)];
    await stage.seal(8);
    await stage.attest(4n);
    for (let i = 0; i < 8; i++) {
      await first.round(signal);
      await second.round(signal);
    }
    assert.deepEqual(stage.submitted, ['0:1,2,3,4', '1:5,6,7,8']);
    assert.equal(new Set(stage.proved.map((entry) => entry.split(':')[1])).size, 8);
    assert.equal(stage.proved.length, 8);
  });

  it('goes on after what another prover submitted', async () => {
    const stage = new Stage();
    await stage.seal(4);
    const [late, quick] = [stage.prover(), stage.prover()];
    await rounds(late, 2);
    await rounds(quick, 5);
    assert.deepEqual(stage.submitted, ['0:1,2,3,4']);
    await rounds(late, 3);
    assert.equal(stage.submitted.length, 1);
    await stage.seal(1);
    await rounds(late, 2);
    assert.deepEqual(stage.submitted, ['0:1,2,3,4', '0:5']);
  });

  it('takes a run over when L1 has not moved for the time agreed', async () => {
    const stage = new Stage();
    await stage.seal(4);
    const second = stage.prover(1, 2);
    await rounds(second, 3);
    stage.clock.ms += TAKEOVER_SECONDS * 1000 - 1;
    await rounds(second, 1);
    assert.deepEqual(stage.proved, []);
    stage.clock.ms += 1;
    await rounds(second, 6);
    assert.deepEqual(stage.submitted, ['1:1,2,3,4']);
  });

  it('submits again what a reorg of L1 took back, with the proofs it has', async () => {
    const stage = new Stage();
    await stage.seal(4);
    const prover = stage.prover();
    await rounds(prover, 6);
    stage.l1.accepted.length = 3;
    await rounds(prover, 2);
    assert.deepEqual(stage.submitted, ['0:1,2,3,4', '0:3,4']);
    assert.equal(stage.proved.length, 4);
  });

  it('begins again when L1 loses even what it had called final', async () => {
    const stage = new Stage();
    await stage.seal(4);
    const prover = stage.prover();
    await rounds(prover, 6);
    await stage.final(4n);
    await rounds(prover, 1);
    stage.l1.accepted.length = 1;
    await rounds(prover, 6);
    assert.deepEqual(stage.submitted, ['0:1,2,3,4', '0:1,2,3,4']);
  });

  it('falls back to snarkjs after three failures of another program, and says so', async () => {
    const stage = new Stage();
    stage.broken.add('fast');
    await stage.seal(1);
    const prover = stage.prover();
    await rounds(prover, 3);
    assert.deepEqual(stage.proved, []);
    assert.ok(stage.log.lines.includes('warn: going on with snarkjs instead'));
    await rounds(prover, 2);
    assert.deepEqual(stage.proved, ['0:1']);
    assert.deepEqual(stage.submitted, ['0:1']);
  });

  it('keeps trying when snarkjs itself fails', async () => {
    const stage = new Stage();
    stage.broken.add('snarkjs');
    await stage.seal(1);
    const prover = stage.prover(0, 1, snarkjsBackend);
    await rounds(prover, 5);
    stage.broken.clear();
    await rounds(prover, 2);
    assert.deepEqual(stage.submitted, ['0:1']);
  });

  it('says once why L1 refuses, keeps the proofs and submits when it can', async () => {
    const stage = new Stage();
    await stage.seal(1);
    const prover = stage.prover();
    stage.l1.refuse = 'TooEarly';
    await rounds(prover, 5);
    const refused = stage.log.lines.filter((line) => line === 'warn: submission refused');
    assert.equal(refused.length, 1);
    stage.l1.refuse = undefined;
    await rounds(prover, 1);
    assert.deepEqual(stage.submitted, ['0:1']);
    assert.equal(stage.proved.length, 1);
  });

  it('lengthens its run past its turn when L1 waits for a deposit, and only then', async () => {
    const stage = new Stage();
    await stage.seal(6);
    await stage.attest(4n);
    const [first, second] = [stage.prover(0, 2), stage.prover(1, 2)];
    stage.l1.refuse = 'QueueOverdue';
    await rounds(first, 5);
    assert.deepEqual(stage.submitted, []);
    await rounds(first, 2);
    stage.l1.refuse = undefined;
    await rounds(first, 1);
    assert.deepEqual(stage.submitted, ['0:1,2,3,4,5,6']);
    await stage.seal(2);
    await rounds(first, 3);
    assert.equal(stage.submitted.length, 1);
    await rounds(second, 3);
    assert.deepEqual(stage.submitted.slice(1), ['1:7,8']);
  });

  it('submits nothing to an L1 that is at another root, and says so once', async () => {
    const stage = new Stage();
    await stage.seal(1);
    stage.l1.accepted[0] = { ...(await stage.l1.tip()), root: 5n };
    await rounds(stage.prover(), 5);
    assert.deepEqual(stage.submitted, []);
    const said = stage.log.lines.filter((line) => line.includes('another root'));
    assert.equal(said.length, 1);
  });

  it('stops when told, in the middle of a proof', async () => {
    const stage = new Stage();
    await stage.seal(1);
    stage.broken.add('fast');
    await assert.rejects(stage.prover().round(AbortSignal.abort()), /broken/);
  });
});
