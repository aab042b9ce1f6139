import assert from 'node:assert/strict';
import { FinalityService, type TxPlace } from '../../../node/rollup/finality.ts';
import type { AcceptedRun } from '../../../node/rollup/l1-client.ts';
import {
  QueryFinalityRequest,
  QueryFinalityResponse,
} from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import { LedgerChain, SHAPE } from '../modules/ledger/chain.ts';
import { wallet } from '../modules/ledger/support.ts';

const alice = wallet(1);
const TX = new Uint8Array(32).fill(9);
const L1_TX = new Uint8Array(32).fill(3);

async function setUp(batches: number) {
  const chain = new LedgerChain({ shape: { ...SHAPE, slots: 1 } });
  for (let token = 1; token <= batches; token++) await chain.open(alice, token);
  const runs: AcceptedRun[] = [];
  const places = new Map<string, TxPlace>();
  const watcher = {
    runOf: (batch: bigint) => runs.find(({ first, last }) => first <= batch && batch <= last),
  };
  const findTx = async (hash: Uint8Array) => places.get(String(hash));
  const service = new FinalityService({ chain: chain.ask, watcher, findTx });
  const accept = (first: bigint, last: bigint): void =>
    void runs.push({
      ...{ first, last, prover: '', l1Block: 5n },
      ...{ rolling: new Uint8Array(32), txHash: L1_TX },
    });
  const of = (part: Partial<{ txHash: Uint8Array; intentId: string }>) =>
    service.finality({ txHash: new Uint8Array(0), intentId: '', ...part });
  return { chain, accept, places, service, of };
}

describe('rollup/finality', () => {
  it('knows nothing of transactions and intents that never happened', async () => {
    const { of } = await setUp(0);
    assert.equal((await of({ txHash: TX })).finality, 'unknown');
    for (const intentId of ['ab'.repeat(32), 'not an id']) {
      assert.equal((await of({ intentId })).finality, 'unknown');
    }
  });

  it('calls a transaction without ledger operations soft, which is all it can be', async () => {
    const { of, places } = await setUp(0);
    places.set(String(TX), { height: 7, batches: [] });
    const answer = await of({ txHash: TX });
    assert.deepEqual([answer.finality, answer.height], ['soft', 7n]);
  });

  it('judges a transaction by the last of its batches', async () => {
    const { chain, of, places, accept } = await setUp(3);
    places.set(String(TX), { height: 7, batches: [3n, 1n] });
    assert.equal((await of({ txHash: TX })).finality, 'soft');
    accept(1n, 2n);
    assert.equal((await of({ txHash: TX })).finality, 'soft');
    accept(3n, 3n);
    const proven = await of({ txHash: TX });
    assert.deepEqual([proven.finality, proven.l1TxHash], ['proven', L1_TX]);
    const { rollingHash } = await chain.header(3n);
    const fact = { batch: 3n, rollingHash, txHash: L1_TX, l1Block: 5n };
    await chain.report({ proven: [fact] });
    const final = await of({ txHash: TX });
    assert.deepEqual([final.finality, final.l1Block], ['final', 5n]);
  });

  it('shows the stake behind a batch, and the largest amount to accept on it', async () => {
    const { of, places } = await setUp(1);
    places.set(String(TX), { height: 7, batches: [1n] });
    const { attestedPower, totalPower, recommendedAmount } = await of({ txHash: TX });
    assert.deepEqual([attestedPower, totalPower], [0n, 40n]);
    assert.ok(BigInt(recommendedAmount) > 0n);
  });

  it('speaks the bytes of its query', async () => {
    const { service } = await setUp(0);
    const request = QueryFinalityRequest.encode({ txHash: TX, intentId: '' }).finish();
    const answer = QueryFinalityResponse.decode(await service.answer(request));
    assert.equal(answer.finality, 'unknown');
  });

  it('works on a node that has no L1', async () => {
    const { chain } = await setUp(1);
    const findTx = async () => ({ height: 3, batches: [1n] });
    const service = new FinalityService({ chain: chain.ask, watcher: undefined, findTx });
    assert.equal((await service.finality({ txHash: TX, intentId: '' })).finality, 'soft');
  });
});
