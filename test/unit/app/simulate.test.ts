/** Trial runs as clients ask for them: CosmJS without fee and signature, Hermes with the signed transaction. */
import assert from 'node:assert/strict';
import { GasPrice, calculateFee } from '@cosmjs/stargate';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { AuthInfo, Fee, Tx, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Application } from '../../../node/app/application.ts';
import type { Bytes } from '../../../node/base/bytes.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  startedApplication,
  testApplication,
  testKey,
} from '../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const message = sendMessage(alice, bob.text, '5');

const signed = (sequence: bigint, gas = 200_000n): Bytes =>
  signTx({ messages: [message], key: alice, accountNumber: 0n, sequence, gas, fee: '5000' });

/** What CosmJS's `simulate` sends: no fee, one empty signature, no sign mode. */
function unsigned(sequence: bigint): Tx {
  const { authInfoBytes } = TxRaw.decode(signed(sequence));
  const publicKey = AuthInfo.decode(authInfoBytes).signerInfos[0]?.publicKey;
  const modeInfo = { single: { mode: SignMode.SIGN_MODE_UNSPECIFIED } };
  return Tx.fromPartial({
    authInfo: AuthInfo.fromPartial({
      fee: Fee.fromPartial({}),
      signerInfos: [{ ...(publicKey && { publicKey }), sequence, modeInfo }],
    }),
    body: TxBody.fromPartial({ messages: [message], memo: '' }),
    signatures: [new Uint8Array()],
  });
}

const started = async () =>
  (await startedApplication([alice, bob], { minGasPrices: '0.025uscale' })).app;

function ask(app: Application, request: Partial<SimulateRequest>) {
  const data = SimulateRequest.encode(SimulateRequest.fromPartial(request)).finish();
  const path = '/cosmos.tx.v1beta1.Service/Simulate';
  return app.query({ path, data, height: 0, prove: false });
}

function simulate(app: Application, request: Partial<SimulateRequest>) {
  const answer = ask(app, request);
  assert.equal(answer.code, 0, answer.log);
  return SimulateResponse.decode(answer.value).gasInfo?.gasUsed ?? 0n;
}

describe('app/simulation', () => {
  it('as CosmJS asks: its gas times 1.4 is enough, for the first and for later ones', async () => {
    const app = await started();
    for (const sequence of [0n, 1n]) {
      const used = simulate(app, { txBytes: Tx.encode(unsigned(sequence)).finish() });
      const { gas } = calculateFee(Math.round(Number(used) * 1.4), GasPrice.fromString('1uscale'));
      const { txResults } = await runBlock(app, [signed(sequence, BigInt(gas))]);
      assert.equal(txResults[0]?.code, 0, txResults[0]?.log);
    }
  });

  it('pays for signatures although none is there', async () => {
    const app = await started();
    const used = simulate(app, { txBytes: Tx.encode(unsigned(0n)).finish() });
    const size = Tx.encode(unsigned(0n)).finish().length + 64;
    assert.ok(used >= 1000n + 10n * BigInt(size));
  });

  it('as Hermes asks, with the signed tx: what the block takes, or some bytes more', async () => {
    const app = await started();
    const used = simulate(app, { txBytes: signed(0n) });
    const { txResults } = await runBlock(app, [signed(0n)]);
    const really = txResults[0]?.gasUsed ?? 0n;
    assert.ok(used >= really && used <= really + really / 10n, `${used} for ${really}`);
  });

  it('takes the tx itself in place of its bytes', async () => {
    const app = await started();
    const tx = unsigned(0n);
    const bytes = Tx.encode(tx).finish();
    assert.equal(simulate(app, { tx }), simulate(app, { txBytes: bytes }));
  });

  it('refuses a sequence that is not the next, in words that relayers read', async () => {
    const app = await started();
    const { log } = ask(app, { txBytes: Tx.encode(unsigned(3n)).finish() });
    assert.match(log, /account sequence mismatch, expected 0, got 3: incorrect account sequence/);
  });

  it('ends at the limit of the node, whatever the transaction may use in a block', async () => {
    const needed = simulate(await started(), { txBytes: signed(0n) });
    const limited = async (simulationGasLimit: bigint): Promise<Application> =>
      (await startedApplication([alice, bob], { simulationGasLimit })).app;
    assert.equal(simulate(await limited(needed), { txBytes: signed(0n) }), needed);
    const app = await limited(needed - 1n);
    const { code, log } = ask(app, { txBytes: signed(0n) });
    assert.notEqual(code, 0);
    assert.match(
      log,
      /\(simulationGasLimit of this node\); gasWanted: \d+, gasUsed: \d+: out of gas/,
    );
    assert.equal(app.checkTx(signed(0n), 'new').code, 0);
    assert.equal((await runBlock(app, [signed(0n)])).txResults[0]?.code, 0);
  });

  it('uses no more than a block may hold, whatever the limit of the node', async () => {
    const needed = simulate(await started(), { txBytes: signed(0n, 1n) });
    for (const simulationGasLimit of [0n, 1_000_000_000n]) {
      const inBlocksOf = async (maxGas: bigint): Promise<Application> => {
        const { app } = testApplication({ simulationGasLimit });
        const request = initRequest(genesisFor([alice, bob]));
        const block = { ...request.consensusParams.block, maxGas };
        app.initChain({ ...request, consensusParams: { ...request.consensusParams, block } });
        await runBlock(app, []);
        return app;
      };
      const request = { txBytes: signed(0n, 1n) };
      assert.equal(simulate(await inBlocksOf(needed), request), needed);
      assert.match(ask(await inBlocksOf(needed - 1n), request).log, /out of gas/);
      assert.equal(simulate(await inBlocksOf(-1n), request), needed);
    }
  });
});
