/** Certificates of many validators are verified beside the main thread; what comes out is the same. */
import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import { MIN_BULK_VALIDATORS } from '../../../node/base/limits.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import type { QuorumCertificate } from '../../../node/consensus/messages.ts';
import { verifyCommit, type SignatureCheck } from '../../../node/consensus/verify-commit.ts';
import type { BulkChecks } from '../../../node/engine/expected.ts';
import { SignatureChecks } from '../../../node/engine/signature-checks.ts';
import { SignatureWorkers } from '../../../node/workers/signature-workers.ts';
import { CHAIN_ID, fullCommit, genesisState } from './chain-fixture.ts';
import { DriverBench } from './driver-bench.ts';

function recording(answer: (checks: readonly SignatureCheck[]) => readonly boolean[] | undefined) {
  const batches: number[] = [];
  const bulk: BulkChecks = {
    ed25519: async (checks) => {
      batches.push(checks.length);
      return answer(checks);
    },
    txs: async () => undefined,
  };
  return { batches, bulk };
}

/** The checks of a commit of this many validators. */
function checksOf(validators: number): SignatureCheck[] {
  const state = genesisState(validators);
  const blockId = {
    hash: new Uint8Array(32).fill(1),
    parts: { total: 1, hash: new Uint8Array(32) },
  };
  const commit = fullCommit(state, blockId, state.time);
  const checks: SignatureCheck[] = [];
  const expected = { chainId: CHAIN_ID, validators: state.validators, height: 1, blockId, commit };
  verifyCommit(expected, (one) => checks.push(one) > 0);
  return checks;
}

const spoiled = (check: SignatureCheck): SignatureCheck => {
  const signature = check.signature.slice();
  signature[3]! ^= 1;
  return { ...check, signature };
};

describe('signatures verified in bulk', function () {
  this.timeout(20_000);
  const workers = new SignatureWorkers({
    clock: { now: () => 0, monotonic: () => performance.now() },
    logger: silentLogger,
    metrics: noMetrics,
  });
  after(() => workers.stop());

  it('by real threads: good ones hold afterwards, a bad one among them does not', async () => {
    const bulk = {
      ed25519: (checks: readonly SignatureCheck[]) => workers.verify('ed25519', checks),
    };
    const signatures = new SignatureChecks({ ...bulk, txs: async () => undefined });
    const good = checksOf(40);
    const mixed = good.map((check, index) => (index === 30 ? spoiled(check) : check));
    await signatures.prepare(mixed);
    assert.equal(signatures.verify(mixed), false);
    assert.equal(signatures.verify(mixed.filter((_, index) => index !== 30)), true);
    assert.equal(signatures.verify(good), true);
  });

  it('what is known is not asked for again, and nothing is verified twice', async () => {
    const { batches, bulk } = recording((checks) => checks.map(() => true));
    const signatures = new SignatureChecks(bulk);
    // These would not hold: that they do shows that the answer was taken for it.
    const checks = checksOf(40).map(spoiled);
    await signatures.prepare(checks);
    assert.equal(signatures.verify(checks), true);
    await signatures.prepare(checks);
    assert.deepEqual(batches, [40, 0]);
  });

  it('without an answer all is verified when it is needed', async () => {
    const { bulk } = recording(() => undefined);
    const signatures = new SignatureChecks(bulk);
    const checks = checksOf(40);
    await signatures.prepare(checks);
    assert.equal(signatures.verify(checks), true);
    assert.equal(signatures.verify(checks.map(spoiled)), false);
  });

  for (const validators of [MIN_BULK_VALIDATORS - 1, MIN_BULK_VALIDATORS]) {
    const isBulk = validators === MIN_BULK_VALIDATORS;
    it(`a certificate of ${validators} validators is ${isBulk ? '' : 'not '}sent there`, async () => {
      const { batches, bulk } = recording(() => undefined);
      const bench = await DriverBench.start({ validators, bulk });
      try {
        const made = bench.blockWith(utf8('a=1'));
        const signatures = Array.from({ length: validators }, (_, index) => {
          const { address, time, signature } = bench.prevote(index, made);
          return { flag: 2 as const, address, time, signature };
        });
        const { blockId } = made;
        const qc: QuorumCertificate = { height: 1, round: 0, blockId, signatures };
        bench.receive({ type: 'quorum', qc });
        await bench.settled();
        assert.deepEqual(batches, isBulk ? [validators] : []);
        assert.deepEqual(bench.strikes, []);
        const bad = { ...qc, signatures: [...signatures.slice(1), signatures[0]!] };
        bench.receive({ type: 'quorum', qc: bad });
        await bench.settled();
        assert.equal(bench.strikes.length, 1, 'what is wrong is said by the one who received it');
      } finally {
        await bench.stop();
      }
    });
  }
});
