import assert from 'node:assert/strict';
import { MsgUpdateParams } from 'cosmjs-types/cosmos/consensus/v1/tx';
import { QueryParamsResponse } from 'cosmjs-types/cosmos/consensus/v1/query';
import { accountText } from '../../../../node/app/address-text.ts';
import { EMPTY } from '../../../../node/base/bytes.ts';
import { MAX_BLOCK_BYTES } from '../../../../node/base/limits.ts';
import { consensusModule } from '../../../../modules/consensus/module.ts';
import {
  CONSENSUS_PARAMS,
  runBlock,
  sendMessage,
  signTx,
  startedApplication,
  testKey,
} from '../../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const GOOD = {
  block: { maxBytes: 1_000_000n, maxGas: 9_000_000n },
  evidence: {
    maxAgeNumBlocks: 7n,
    maxAgeDuration: { seconds: 60n, nanos: 5 },
    maxBytes: 1_000n,
  },
  validator: { pubKeyTypes: ['ed25519'] },
};

async function started() {
  const authority = { authority: () => alice.address };
  const module = consensusModule({ addresses: accountText, authority });
  return (await startedApplication([alice, bob], { modules: [module] })).app;
}

type App = Awaited<ReturnType<typeof started>>;
type Parts = Partial<Omit<MsgUpdateParams, 'authority'>>;

function run(app: App, parts: Parts, sequence = 0n, key = alice) {
  const value = MsgUpdateParams.encode({ authority: key.text, ...parts }).finish();
  const messages = [{ typeUrl: '/cosmos.consensus.v1.MsgUpdateParams', value }];
  const accountNumber = key === alice ? 0n : 1n;
  return runBlock(app, [signTx({ messages, key, accountNumber, sequence })]);
}

describe('consensus', () => {
  it('new parameters are told to the engine once and are in force from the next block on', async () => {
    const app = await started();
    const response = await run(app, GOOD);
    assert.equal(response.txResults[0]?.code, 0, response.txResults[0]?.log);
    assert.deepEqual(response.consensusParamUpdates, {
      block: GOOD.block,
      evidence: { maxAgeNumBlocks: 7n, maxAgeDurationNanos: 60_000_000_005n, maxBytes: 1_000n },
      validator: GOOD.validator,
      version: CONSENSUS_PARAMS.version,
    });
    const path = '/cosmos.consensus.v1.Query/Params';
    const { value } = app.query({ path, data: EMPTY, height: 0, prove: false });
    assert.deepEqual(QueryParamsResponse.decode(value).params?.block, GOOD.block);
    assert.equal((await runBlock(app, [])).consensusParamUpdates, undefined);
    const messages = [sendMessage(alice, bob.text, '1')];
    const signed = { messages, key: alice, accountNumber: 0n, sequence: 1n };
    const much = app.checkTx(signTx({ ...signed, gas: 9_000_001n }), 'new');
    assert.deepEqual([much.codespace, much.code], ['sdk', 41], much.log);
    assert.equal(app.checkTx(signTx({ ...signed, gas: 9_000_000n }), 'new').code, 0);
  });

  it('the same parameters again change nothing', async () => {
    const app = await started();
    await run(app, GOOD);
    const response = await run(app, GOOD, 1n);
    assert.equal(response.txResults[0]?.code, 0);
    assert.equal(response.consensusParamUpdates, undefined);
  });

  it('nobody but the authority changes them', async () => {
    const app = await started();
    const response = await run(app, GOOD, 0n, bob);
    const [result] = response.txResults;
    assert.deepEqual([result?.codespace, result?.code], ['gov', 13], result?.log);
    assert.equal(response.consensusParamUpdates, undefined);
  });

  const { block, evidence } = GOOD;
  const bad: Readonly<Record<string, Parts>> = {
    'a part missing': { block, evidence },
    'empty blocks': { ...GOOD, block: { ...block, maxBytes: 0n } },
    'blocks too large': { ...GOOD, block: { ...block, maxBytes: BigInt(MAX_BLOCK_BYTES) + 1n } },
    'gas below -1': { ...GOOD, block: { ...block, maxGas: -2n } },
    'evidence of no age': { ...GOOD, evidence: { ...evidence, maxAgeNumBlocks: 0n } },
    'evidence of no time': {
      ...GOOD,
      evidence: { ...evidence, maxAgeDuration: { seconds: 0n, nanos: 0 } },
    },
    'more evidence than block': { ...GOOD, evidence: { ...evidence, maxBytes: 1_000_001n } },
    'other keys': { ...GOOD, validator: { pubKeyTypes: ['secp256k1'] } },
    'vote extensions': { ...GOOD, abci: { voteExtensionsEnableHeight: 5n } },
  };
  for (const [name, parts] of Object.entries(bad)) {
    it(`refuses ${name}`, async () => {
      const response = await run(await started(), parts);
      const [result] = response.txResults;
      assert.deepEqual([result?.codespace, result?.code], ['sdk', 18], result?.log);
      assert.equal(response.consensusParamUpdates, undefined);
    });
  }

  it('allows the largest block', async () => {
    const largest = { ...GOOD, block: { maxBytes: BigInt(MAX_BLOCK_BYTES), maxGas: -1n } };
    const response = await run(await started(), largest);
    assert.equal(response.consensusParamUpdates?.block.maxBytes, BigInt(MAX_BLOCK_BYTES));
  });
});
