import assert from 'node:assert/strict';
import type { BlockRequest } from '../../../node/app/abci.ts';
import { toHex, type Bytes } from '../../../node/base/bytes.ts';
import { InvariantError } from '../../../node/base/errors.ts';
import {
  blockAt,
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  startedApplication,
  testApplication,
  testKey,
  type TestAppOptions,
} from '../../support/application.ts';
import { trialModule, trialTx } from '../../support/trial-module.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const MILLION_SCALE = 1_000_000_000_000n;
const FEE = 1_000n;

const started = (options?: TestAppOptions) => startedApplication([alice, bob], options);

const send = (sequence: bigint, amount: bigint): Bytes =>
  signTx({
    messages: [sendMessage(alice, bob.text, String(amount))],
    key: alice,
    accountNumber: 0n,
    sequence,
  });

const [first, second] = [send(0n, 5n), send(1n, 6n)];

const trial = trialTx(alice);

describe('app/staging', () => {
  it('executes a proposal that is decided only once', async () => {
    for (const judge of ['prepare', 'process'] as const) {
      let runs = 0;
      const { app } = await started({ modules: [trialModule(alice, () => (runs += 1))] });
      const block = blockAt(2, [trial]);
      if (judge === 'prepare') assert.deepEqual(app.prepareProposal(block, 10_000), [trial]);
      else assert.equal(app.processProposal(block), true);
      const { txResults } = app.finalizeBlock({ ...block, txs: [trial.slice()] });
      assert.deepEqual([runs, txResults[0]?.code], [1, 0]);
    }
  });

  it('answers for the block that is decided, whatever was proposed before', async () => {
    const block = blockAt(2, [first]);
    const fresh = await started();
    const expected = fresh.app.finalizeBlock(block);
    const others: BlockRequest[] = [
      blockAt(2, []),
      blockAt(2, [first, second]),
      { ...block, time: { ...block.time, nanos: 1 } },
      { ...block, proposerAddress: new Uint8Array(20) },
      { ...block, nextValidatorsHash: new Uint8Array(32) },
      { ...block, lastCommit: { round: 1, votes: [] } },
      {
        ...block,
        lastCommit: { round: 0, votes: [{ address: alice.address, power: 1n, flag: 2 }] },
      },
    ];
    for (const other of others) {
      const { app } = await started();
      assert.equal(app.processProposal(other), true);
      const response = app.finalizeBlock(block);
      assert.equal(toHex(response.appHash), toHex(expected.appHash));
      assert.deepEqual(response.txResults, expected.txResults);
      await app.commit();
      assert.equal(toHex(app.info().appHash), toHex(expected.appHash));
    }
  });

  it('begins with the genesis for each proposal of the first block, whatever becomes of it', async () => {
    const begun = () => {
      const { app } = testApplication();
      app.initChain(initRequest(genesisFor([alice, bob])));
      return app;
    };
    const expected = await runBlock(begun(), [first, second]);
    const app = begun();
    assert.deepEqual(app.prepareProposal(blockAt(1, [first]), 10_000), [first]);
    assert.equal(app.processProposal(blockAt(1, [first, second])), true);
    assert.equal(app.processProposal(blockAt(1, [second])), false);
    assert.equal(app.processProposal(blockAt(1, [])), true);
    assert.equal(app.checkTx(first, 'new').code, 0, 'CheckTx sees the genesis alone');
    assert.deepEqual(await runBlock(app, [first, second]), expected);
    assert.equal(toHex(app.info().appHash), toHex(expected.appHash));
  });

  it('reads the genesis once, however many proposals of the first block there are', () => {
    let runs = 0;
    const module = { ...trialModule(alice, () => undefined), initGenesis: () => void (runs += 1) };
    const { app } = testApplication({ modules: [module] });
    app.initChain(initRequest(genesisFor([alice, bob])));
    app.prepareProposal(blockAt(1, [first]), 10_000);
    app.processProposal(blockAt(1, [second]));
    app.finalizeBlock(blockAt(1, []));
    assert.equal(runs, 1);
    assert.throws(() => app.initChain(initRequest(genesisFor([alice, bob]))), InvariantError);
  });

  it('commits no proposal that is not decided', async () => {
    const { app } = await started();
    assert.equal(app.processProposal(blockAt(2, [first])), true);
    await assert.rejects(app.commit(), InvariantError);
    app.finalizeBlock(blockAt(2, [first]));
    assert.equal(app.processProposal(blockAt(2, [])), true);
    await assert.rejects(app.commit(), InvariantError);
  });

  it('keeps out what cannot pay any more after the messages before it', async () => {
    const { app } = await started();
    const spender = send(0n, MILLION_SCALE - FEE - 1n);
    assert.deepEqual(app.prepareProposal(blockAt(2, [spender, second]), 10_000), [spender]);
    assert.equal(app.processProposal(blockAt(2, [spender, second])), false);
    const { txResults } = app.finalizeBlock(blockAt(2, [spender, second]));
    assert.deepEqual(
      txResults.map(({ code }) => code),
      [0, 5],
    );
  });

  it('keeps a transaction whose message fails, for it pays', async () => {
    const { app } = await started();
    const failing = send(0n, 2n * MILLION_SCALE);
    assert.deepEqual(app.prepareProposal(blockAt(2, [failing, second]), 10_000), [failing, second]);
    assert.equal(app.processProposal(blockAt(2, [failing, second])), true);
  });

  it('keeps out what meets a bug, and changes nothing by it', async () => {
    const bug = (): never => {
      throw new TypeError('a bug');
    };
    const { app } = await started({ modules: [trialModule(alice, bug)] });
    assert.deepEqual(app.prepareProposal(blockAt(2, [trial, first]), 10_000), [first]);
    assert.equal(app.processProposal(blockAt(2, [trial])), false);
    assert.throws(() => app.finalizeBlock(blockAt(2, [trial])), TypeError);
    const response = await runBlock(app, [first]);
    const untouched = await started();
    const expected = await runBlock(untouched.app, [first]);
    assert.equal(toHex(response.appHash), toHex(expected.appHash));
  });
});
