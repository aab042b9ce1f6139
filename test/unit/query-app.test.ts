import assert from 'node:assert/strict';
import { EMPTY, type Bytes } from '../../node/base/bytes.ts';
import { answerNodeMethod } from '../../node/gateway/node-method.ts';
import { finalityMethod, placeOf, type TxRecords } from '../../node/query-app.ts';
import { FinalityService } from '../../node/rollup/finality.ts';
import {
  QueryFinalityRequest,
  QueryFinalityResponse,
} from '../../proto/gen/bitscale/settlement/v1/query.ts';

const HASH = new Uint8Array(32).fill(1);

function recordsWith(batches: readonly string[]): TxRecords {
  const intent = (batch: string) => ({
    type: 'ledger_intent',
    attributes: [
      { key: 'id', value: 'x', index: true },
      { key: 'batch', value: batch, index: true },
    ],
  });
  const events = [{ type: 'tx', attributes: [] }, ...batches.map(intent)];
  const result = { code: 0, codespace: '', data: EMPTY, log: '', info: '', events };
  const txResults = [{ ...result, gasWanted: 0n, gasUsed: 0n }];
  const block = { events: [], txResults, validatorUpdates: [], appHash: EMPTY };
  return {
    place: (hash) => (hash === HASH ? { height: 9, position: 0 } : undefined),
    results: (height) => (height === 9 ? block : undefined),
  };
}

const noChain = {
  query: () => Promise.reject(new Error('the chain is not asked')),
};

const service = new FinalityService({
  chain: noChain,
  watcher: undefined,
  findTx: async (hash) => placeOf(recordsWith([]), hash[0] === 1 ? HASH : EMPTY),
});

const ask = (request: Partial<QueryFinalityRequest>) =>
  answerNodeMethod(
    finalityMethod(service),
    { data: QueryFinalityRequest.encode(QueryFinalityRequest.fromPartial(request)).finish() },
    12,
  );

describe('questions that the node answers itself', () => {
  it('a transaction waits for every batch its intents went into, each named once', () => {
    const batches = (names: string[]) => placeOf(recordsWith(names), HASH)?.batches;
    assert.deepEqual(batches(['3', '4', '3']), [3n, 4n]);
    assert.deepEqual(batches([]), []);
    assert.equal(placeOf(recordsWith([]), EMPTY), undefined);
  });

  it('a transaction whose results are not kept any more is unknown', () => {
    const pruned = { ...recordsWith(['3']), results: () => undefined };
    assert.equal(placeOf(pruned, HASH), undefined);
  });

  it('a transaction without intents is soft without asking the chain', async () => {
    const { code, value, height } = await ask({ txHash: HASH });
    assert.deepEqual([code, height], [0, 12]);
    const { finality, height: at } = QueryFinalityResponse.decode(value);
    assert.deepEqual([finality, at], ['soft', 9n]);
  });

  it('an unknown transaction is an answer, not an error', async () => {
    const { code, value } = await ask({ txHash: new Uint8Array(32) });
    assert.equal(code, 0);
    assert.equal(QueryFinalityResponse.decode(value).finality, 'unknown');
  });

  it('refuses questions that cannot be read with the code of an invalid request', async () => {
    const wrong: Partial<QueryFinalityRequest>[] = [
      {},
      { txHash: HASH, intentId: 'ab' },
      { txHash: HASH.slice(1) },
    ];
    const answers = await Promise.all([
      ...wrong.map(ask),
      answerNodeMethod(finalityMethod(service), { data: Uint8Array.of(0x0a, 9, 1) }, 12),
    ]);
    for (const { code, codespace, log } of answers) {
      assert.deepEqual([code, codespace], [18, 'sdk']);
      assert.match(log, /^rpc error: code = InvalidArgument desc = /);
    }
  });

  it('a fault behind the question is not dressed up as a refusal', async () => {
    const broken = { finality: (): Promise<never> => Promise.reject(new TypeError('a bug')) };
    const data: Bytes = QueryFinalityRequest.encode({ txHash: HASH, intentId: '' }).finish();
    await assert.rejects(answerNodeMethod(finalityMethod(broken), { data }, 1), TypeError);
  });
});
