/** Transactions without a sequence, as the Cosmos SDK 0.53 has them: their timeout may be used once. */
import assert from 'node:assert/strict';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { EMPTY, type Bytes } from '../../../node/base/bytes.ts';
import {
  MAX_NONCES_REMOVED_PER_BLOCK,
  MAX_UNORDERED_TIMEOUT_NANOS,
} from '../../../node/base/limits.ts';
import { addNanos, timeToNanos, type Time } from '../../../node/base/time.ts';
import type { Context } from '../../../node/app/context.ts';
import { Nonces } from '../../../modules/auth/nonces.ts';
import {
  GENESIS_TIME,
  blockAt,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  startedApplication,
  testKey,
  type TestTx,
  type TestAppOptions,
} from '../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const SECOND = 1_000_000_000n;
/** Block h comes h seconds after genesis. */
const at = (seconds: number): Time => addNanos(GENESIS_TIME, BigInt(seconds) * SECOND);

function unordered(timeout: Time | undefined, change: Partial<TestTx> = {}): Bytes {
  return signTx({
    messages: [sendMessage(alice, bob.text, '5')],
    key: alice,
    accountNumber: 0n,
    sequence: 0n,
    ...change,
    body: { unordered: true, ...(timeout && { timeoutTimestamp: timeout }) },
  });
}

const ordered = (sequence: bigint): Bytes =>
  signTx({
    messages: [sendMessage(alice, bob.text, '5')],
    key: alice,
    accountNumber: 0n,
    sequence,
  });

const started = async (options: TestAppOptions = {}) =>
  (await startedApplication([alice, bob], { unordered: true, ...options })).app;

const refusal = ({ code, log }: { code: number; log: string }) => [code, log];

describe('app/unordered transactions', () => {
  it('run in any number and order, and leave the sequence alone', async () => {
    const app = await started();
    const txs = [unordered(at(90)), unordered(at(60)), ordered(0n), unordered(at(61))];
    for (const tx of txs) assert.equal(app.checkTx(tx, 'new').code, 0);
    const { txResults } = await runBlock(app, txs);
    assert.deepEqual(
      txResults.map(({ code }) => code),
      [0, 0, 0, 0],
    );
    assert.equal(app.checkTx(ordered(1n), 'new').code, 0);
    const sequences = txResults.flatMap(({ events }) =>
      events.flatMap(({ attributes }) => attributes.filter(({ key }) => key === 'acc_seq')),
    );
    assert.ok(sequences.every(({ value }) => value === `${alice.text}/0`));
  });

  it('may use a timeout once: pending, in a block, and until it has passed', async () => {
    const app = await started();
    const [tx, twin] = [unordered(at(4)), unordered(at(4), { memo: 'another' })];
    const used = `already used timeout ${timeToNanos(at(4))} for address ${Buffer.from(alice.address).toString('hex')}`;
    const expected = [18, `failed to add unordered nonce: ${used}: invalid request`];
    assert.equal(app.checkTx(tx, 'new').code, 0);
    assert.deepEqual(refusal(app.checkTx(twin, 'new')), expected);
    const { txResults } = await runBlock(app, [tx, twin]);
    assert.deepEqual(
      txResults.map(({ code }) => code),
      [0, 18],
    );
    await runBlock(app, []);
    // The block at the very time of the timeout may still hold it, so it must still be known.
    assert.equal(app.finalizeBlock(blockAt(4, [twin])).txResults[0]?.code, 18);
    await app.commit();
    const late = await runBlock(app, [twin]);
    const log =
      'block time: 2026-01-01 00:00:05 +0000 UTC, timeout timestamp: 2026-01-01 00:00:04 +0000 UTC: tx timeout';
    assert.deepEqual(refusal(late.txResults[0]!), [42, log]);
  });

  const bad: [string, Bytes, number, RegExp][] = [
    [
      'without a timeout',
      unordered(undefined),
      18,
      /^unordered transaction must have timeout_timestamp set: /,
    ],
    [
      'with the timeout 0',
      unordered({ seconds: 0n, nanos: 5 }),
      18,
      /must have timeout_timestamp set/,
    ],
    ['that has timed out', unordered(addNanos(at(1), -1n)), 42, /^block time: .*: tx timeout$/],
    [
      'with a sequence',
      unordered(at(60), { sequence: 1n }),
      18,
      /^sequence is not allowed for unordered transactions: /,
    ],
    [
      'with a timeout more than ten minutes ahead',
      unordered(addNanos(at(1), MAX_UNORDERED_TIMEOUT_NANOS + 1n)),
      18,
      /^unordered tx ttl exceeds 10m0s: /,
    ],
    [
      'with a timeout that is no time',
      unordered({ seconds: 1n, nanos: 1_000_000_000 }),
      2,
      /is no time/,
    ],
    [
      'with a timeout after the year 9999',
      unordered({ seconds: 253_402_300_800n, nanos: 0 }),
      2,
      /is no time/,
    ],
    [
      'signed by another',
      unordered(at(60), { chainId: 'other-1' }),
      4,
      /^signature verification failed/,
    ],
  ];
  for (const [what, tx, code, log] of bad) {
    it(`refuses one ${what} with sdk/${code}`, async () => {
      const app = await started();
      const result = app.checkTx(tx, 'new');
      assert.equal(result.code, code, result.log);
      assert.match(result.log, log);
    });
  }

  it('accepts a timeout of exactly ten minutes, and of exactly now', async () => {
    const app = await started();
    assert.equal(
      app.checkTx(unordered(addNanos(at(1), MAX_UNORDERED_TIMEOUT_NANOS)), 'new').code,
      0,
    );
    assert.equal(app.checkTx(unordered(at(1)), 'new').code, 0);
  });

  it('are refused with sdk/37 where they are not enabled', async () => {
    const app = await started({ unordered: false });
    const expected = [37, 'unordered transactions are not enabled: feature not supported'];
    assert.deepEqual(refusal(app.checkTx(unordered(at(60)), 'new')), expected);
  });

  it('cost in a simulation what they cost in a block', async () => {
    const app = await started();
    const tx = unordered(at(60));
    const txBytes = TxRaw.encode({ ...TxRaw.decode(tx), signatures: [EMPTY] }).finish();
    const ask = () => {
      const data = SimulateRequest.encode({ txBytes }).finish();
      const path = '/cosmos.tx.v1beta1.Service/Simulate';
      const { value } = app.query({ path, data, height: 0, prove: false });
      return SimulateResponse.decode(value).gasInfo?.gasUsed ?? 0n;
    };
    const simulated = ask();
    assert.equal(app.checkTx(tx, 'new').code, 0);
    assert.ok(ask() > 0n, 'one that waits already can be simulated');
    const { txResults } = await runBlock(app, [tx]);
    const used = txResults[0]?.gasUsed ?? 0n;
    assert.ok(simulated >= used && simulated < used + used / 20n, `${simulated} for ${used}`);
  });

  it('stay known to a chain that begins again from the exported state', async () => {
    const app = await started();
    const tx = unordered(at(60));
    await runBlock(app, [tx]);
    const exported = app.exportGenesis();
    const { app: copy } = testApplication({ unordered: true });
    copy.initChain(initRequest(exported));
    await runBlock(copy, []);
    assert.deepEqual(copy.exportGenesis(), exported);
    assert.equal(copy.checkTx(tx, 'new').code, 18);
  });

  it('of which more expire than a block removes go in the blocks that follow', async () => {
    const nonces = new Nonces();
    const count = MAX_NONCES_REMOVED_PER_BLOCK + 1;
    const left: number[] = [];
    const fill = (context: Context): void => {
      for (let i = 0; i < count; i++)
        nonces.add(context, alice.address, timeToNanos(at(1)) + BigInt(i));
    };
    const module = {
      name: 'fill',
      stores: [],
      messages: [],
      queries: [],
      initGenesis: fill,
      exportGenesis: () => undefined,
      endBlock: (context: Context) => void left.push([...nonces.all(context)].length),
    };
    const app = await started({ modules: [module] });
    await runBlock(app, []);
    await runBlock(app, []);
    assert.deepEqual(left, [count, 1, 0]);
  });
});
