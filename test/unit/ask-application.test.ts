/** Trial runs by the SDK's path: its shape was read in baseapp's handleQueryApp and the messages of base/abci. */
import assert from 'node:assert/strict';
import {
  ABCIQueryRequest,
  ABCIQueryResponse,
} from 'cosmjs-types/cosmos/base/tendermint/v1beta1/query';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { askApplication } from '../../node/ask-application.ts';
import { EMPTY, fromUtf8, toBase64, utf8, type Bytes } from '../../node/base/bytes.ts';
import { nodeMethods, type NodeMethodParts } from '../../node/gateway-parts.ts';
import {
  runBlock,
  sendMessage,
  signTx,
  startedApplication,
  testKey,
} from '../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];
const send = (sequence: bigint, amount = '5'): Bytes =>
  signTx({
    messages: [sendMessage(alice, bob.text, amount)],
    key: alice,
    accountNumber: 0n,
    sequence,
  });
const question = (data: Bytes, path = '/app/simulate') => ({ path, data, height: 0, prove: false });

describe('ask-application: /app/simulate', () => {
  it('answers in JSON what the service Simulate answers in protobuf', async () => {
    const { app } = await startedApplication([alice, bob]);
    const { code, codespace, value, height } = askApplication(app, question(send(0n)));
    assert.deepEqual([code, codespace, height], [0, 'sdk', 1]);
    const json = JSON.parse(fromUtf8(value));
    const data = SimulateRequest.encode({ txBytes: send(0n) }).finish();
    const answer = app.query(question(data, '/cosmos.tx.v1beta1.Service/Simulate'));
    const { gasInfo, result } = SimulateResponse.decode(answer.value);
    assert.deepEqual(json, {
      gas_info: { gas_wanted: `${gasInfo?.gasWanted}`, gas_used: `${gasInfo?.gasUsed}` },
      result: {
        data: toBase64(result!.data),
        log: '',
        events: result!.events,
        msg_responses: [{ '@type': '/cosmos.bank.v1beta1.MsgSendResponse' }],
      },
    });
    assert.ok(gasInfo!.gasUsed > 0n && result!.events.length > 0);
  });

  it('takes the path without its slash, and repeats no height that nobody has', async () => {
    const { app } = await startedApplication([alice, bob]);
    const far = { ...question(send(0n), 'app/simulate'), height: 9_000_000 };
    assert.deepEqual(askApplication(app, far), askApplication(app, question(send(0n))));
  });

  it('refuses with the code of the failure and its words, and changes nothing', async () => {
    const { app } = await startedApplication([alice, bob]);
    for (const [tx, refused, log] of [
      [send(0n, '9000000000000'), 5, /^failed to simulate tx: .*insufficient funds$/],
      [utf8('no transaction'), 2, /^failed to simulate tx: .*tx parse error$/],
      [EMPTY, 18, /^failed to simulate tx: .*at least one message/],
    ] as const) {
      const answer = askApplication(app, question(tx));
      assert.deepEqual([answer.code, answer.codespace, answer.value], [refused, 'sdk', EMPTY]);
      assert.match(answer.log, log);
    }
    askApplication(app, question(send(0n)));
    const { txResults } = await runBlock(app, [send(0n)]);
    assert.equal(txResults[0]?.code, 0);
  });

  it('leaves every other path to the application, and is there for ABCIQuery, too', async () => {
    const { app } = await startedApplication([alice, bob]);
    for (const path of ['/app/version', '/app/simulate/x', '/store/bank/key', '/no/such']) {
      const asked = question(utf8('x'), path);
      assert.deepEqual(askApplication(app, asked), app.query(asked));
    }
    const methods = nodeMethods({ app } as NodeMethodParts);
    const method = methods.find(({ path }) => path.endsWith('/ABCIQuery'));
    const request = ABCIQueryRequest.fromPartial({ path: '/app/simulate', data: send(0n) });
    const bytes = await method!.answer(ABCIQueryRequest.encode(request).finish());
    const { value } = ABCIQueryResponse.decode(bytes);
    assert.deepEqual(value, askApplication(app, question(send(0n))).value);
  });
});
