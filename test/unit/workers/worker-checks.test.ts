/** Preparing transactions beside the main thread changes who does the work, never what comes out. */
import assert from 'node:assert/strict';
import type { Bytes } from '../../../node/base/bytes.ts';
import { BUSY_THREAD_SHARE, FEW_SIGNATURES } from '../../../node/base/limits.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { SignatureWorkers } from '../../../node/workers/signature-workers.ts';
import { WorkerChecks } from '../../../node/workers/worker-checks.ts';
import { genesisFor, initRequest, runBlock, testApplication } from '../../support/application.ts';
import { alice, bob, flipped, fromStranger, signed } from '../../support/payments.ts';

/** Good ones in order, and after each some that are bad in different ways. */
function mixedTxs(): Bytes[] {
  return Array.from({ length: 12 }, (_, sequence) => [
    flipped(signed(sequence)),
    signed(sequence),
    signed(sequence, { chainId: 'other-1' }),
    fromStranger(sequence),
    new Uint8Array([sequence, 1, 2]),
    signed(sequence, { key: bob }),
  ]).flat();
}

describe('transactions prepared beside the main thread', function () {
  this.timeout(30_000);
  const workers = new SignatureWorkers({
    clock: { now: () => 0, monotonic: () => performance.now() },
    logger: silentLogger,
    metrics: noMetrics,
  });
  after(() => workers.stop());

  async function startedApp() {
    const { app } = testApplication({ minGasPrices: '0.001uscale' });
    app.initChain(initRequest(genesisFor([alice, bob])));
    await runBlock(app, []);
    return app;
  }

  it('get the verdicts, texts and gas they get without', async () => {
    const [plain, prepared] = [await startedApp(), await startedApp()];
    const txs = mixedTxs();
    await new WorkerChecks(workers, prepared).txs(txs);
    const [expected, found] = [plain, prepared].map((app) =>
      txs.map((tx) => app.checkTx(tx, 'new')),
    );
    assert.deepEqual(found, expected);
    assert.equal(found!.filter(({ code }) => code === 0).length, 12);
  });

  it('leave nothing to verify, good or bad', async () => {
    const app = await startedApp();
    const txs = mixedTxs();
    assert.ok(app.signatureChecks(txs).length >= 24);
    await new WorkerChecks(workers, app).txs(txs);
    assert.deepEqual(app.signatureChecks(txs), []);
  });

  it('a block is judged by what is computed, also when a memory says that a signature is bad', async () => {
    const [plain, poisoned] = [await startedApp(), await startedApp()];
    const txs = [signed(0), signed(1)];
    const checks = poisoned.signatureChecks(txs);
    poisoned.learnSignatures(
      checks,
      checks.map(() => false),
    );
    assert.equal(poisoned.checkTx(txs[0]!, 'new').code, 4);
    const [expected, found] = [await runBlock(plain, txs), await runBlock(poisoned, txs)];
    assert.deepEqual(found, expected);
  });

  it('few are left to a thread that has time, many and those of a busy one are not', async () => {
    const txs = mixedTxs();
    const few = txs.slice(0, FEW_SIGNATURES);
    const [at, below] = [{ share: BUSY_THREAD_SHARE }, { share: BUSY_THREAD_SHARE - 0.01 }];
    for (const [load, list, isLeft] of [
      [at, few, false],
      [below, few, true],
      [below, txs.slice(0, FEW_SIGNATURES + 1), false],
    ] as const) {
      const app = await startedApp();
      const open = app.signatureChecks(list).length;
      await new WorkerChecks(workers, app, load).txs(list);
      assert.equal(app.signatureChecks(list).length, isLeft ? open : 0);
    }
  });

  it('what comes before the chain begins, or cannot be read, is left to CheckTx', () => {
    const { app } = testApplication();
    assert.deepEqual(app.signatureChecks([signed(0), new Uint8Array(0)]), []);
  });
});
