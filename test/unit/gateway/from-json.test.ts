import assert from 'node:assert/strict';
import { MsgExec } from 'cosmjs-types/cosmos/authz/v1beta1/tx';
import { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { MsgCreateValidator } from 'cosmjs-types/cosmos/staking/v1beta1/tx';
import {
  BroadcastTxRequest,
  SimulateRequest,
  TxEncodeRequest,
} from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { MAX_JSON_DEPTH } from '../../../node/base/limits.ts';
import { BodyReader } from '../../../node/gateway/json/from-json.ts';
import { GatewayError, INVALID_ARGUMENT } from '../../../node/gateway/status.ts';

const BROADCAST = '/cosmos.tx.v1beta1.Service/BroadcastTx';
const SIMULATE = '/cosmos.tx.v1beta1.Service/Simulate';
const ENCODE = '/cosmos.tx.v1beta1.Service/TxEncode';

const reader = new BodyReader();
const broadcast = (text: string) => BroadcastTxRequest.decode(reader.read(BROADCAST, text));

const nested = (depth: number): string => {
  const [open, close] = ['{"multi":{"mode_infos":[', ']}}'];
  const rounds = Math.floor((depth - 6) / 3);
  const mode = `${open.repeat(rounds)}${close.repeat(rounds)}`;
  return `{"tx":{"auth_info":{"signer_infos":[{"mode_info":${mode}}]}}}`;
};

describe('a request out of a body', () => {
  it('has the JSON of protobuf, with names in both cases and enums by name or number', () => {
    const expected = BroadcastTxRequest.fromPartial({ txBytes: Uint8Array.of(1), mode: 2 });
    assert.deepEqual(broadcast('{"tx_bytes":"AQ==","mode":"BROADCAST_MODE_SYNC"}'), expected);
    assert.deepEqual(broadcast('{"txBytes":"AQ==","mode":2}'), expected);
    for (const text of ['{}', '{"nope":1}', '{"__proto__":{"txBytes":"AQ=="}}']) {
      assert.deepEqual(broadcast(text), BroadcastTxRequest.fromPartial({}), text);
    }
    assert.deepEqual(broadcast('{"mode":null}'), BroadcastTxRequest.fromPartial({}));
  });

  it('may hold a whole transaction, as GetTx shows it', () => {
    const message = {
      '@type': '/cosmos.bank.v1beta1.MsgSend',
      from_address: 'a',
      to_address: 'b',
      amount: [{ denom: 'uscale', amount: '5' }],
    };
    const pubKey = { '@type': '/cosmos.crypto.secp256k1.PubKey', key: 'AQI=' };
    const mode = { single: { mode: 'SIGN_MODE_DIRECT' } };
    const tx = {
      body: {
        messages: [message],
        memo: 'ü',
        timeout_height: '7',
        timeout_timestamp: null,
        extension_options: [],
      },
      auth_info: {
        signer_infos: [{ public_key: pubKey, mode_info: mode, sequence: '18446744073709551615' }],
        fee: { amount: [], gas_limit: '200000', payer: '', granter: '' },
        tip: null,
      },
      signatures: ['AAE='],
    };
    const text = JSON.stringify({ tx });
    for (const read of [SimulateRequest, TxEncodeRequest]) {
      const path = read === SimulateRequest ? SIMULATE : ENCODE;
      const { body, authInfo, signatures } = read.decode(reader.read(path, text)).tx!;
      const [{ typeUrl, value } = assert.fail()] = body!.messages;
      assert.equal(typeUrl, MsgSend.typeUrl);
      assert.deepEqual(MsgSend.decode(value).amount, [{ denom: 'uscale', amount: '5' }]);
      assert.deepEqual([body!.memo, body!.timeoutHeight], ['ü', 7n]);
      const [signer = assert.fail()] = authInfo!.signerInfos;
      assert.deepEqual(PubKey.decode(signer.publicKey!.value).key, Uint8Array.of(1, 2));
      assert.deepEqual([signer.modeInfo?.single?.mode, signer.sequence], [1, 2n ** 64n - 1n]);
      assert.deepEqual(authInfo!.fee?.gasLimit, 200_000n);
      assert.deepEqual(signatures, [Uint8Array.of(0, 1)]);
    }
  });

  it('may hold messages inside messages, each by its own name', () => {
    const send = { '@type': MsgSend.typeUrl, from_address: 'a' };
    const inner = { '@type': MsgExec.typeUrl, grantee: 'g', msgs: [send] };
    const outer = { '@type': MsgExec.typeUrl, msgs: [inner, send] };
    const text = JSON.stringify({ tx: { body: { messages: [outer] } } });
    const { body } = TxEncodeRequest.decode(reader.read(ENCODE, text)).tx!;
    const [first, second] = MsgExec.decode(body!.messages[0]!.value).msgs;
    assert.deepEqual([first?.typeUrl, second?.typeUrl], [MsgExec.typeUrl, MsgSend.typeUrl]);
    const [innermost] = MsgExec.decode(first!.value).msgs;
    assert.equal(innermost?.typeUrl, MsgSend.typeUrl);
    assert.equal(MsgSend.decode(innermost.value).fromAddress, 'a');
  });

  it('has decimals with their point, which are whole numbers on the wire', () => {
    const rates = { rate: '0.100000000000000000', max_rate: '1', max_change_rate: '0.01' };
    const message = { '@type': MsgCreateValidator.typeUrl, commission: rates };
    const tx = { body: { messages: [message] } };
    const { body } = TxEncodeRequest.decode(reader.read(ENCODE, JSON.stringify({ tx }))).tx!;
    const { commission } = MsgCreateValidator.decode(body!.messages[0]!.value);
    assert.deepEqual(commission, {
      rate: '100000000000000000',
      maxRate: '1000000000000000000',
      maxChangeRate: '10000000000000000',
    });
  });

  it('may nest so deep and no deeper', () => {
    assert.ok(reader.read(ENCODE, nested(MAX_JSON_DEPTH - 3)));
    for (const depth of [MAX_JSON_DEPTH + 6, 100_000]) refused(ENCODE, nested(depth));
  });

  function refused(path: string, text: string): void {
    assert.throws(
      () => reader.read(path, text),
      (error) => error instanceof GatewayError && error.code === INVALID_ARGUMENT,
    );
  }

  for (const [path, text] of [
    [BROADCAST, '{'],
    [BROADCAST, '[]'],
    [BROADCAST, 'null'],
    [BROADCAST, '"a"'],
    [BROADCAST, '{"tx_bytes":"%"}'],
    [BROADCAST, '{"tx_bytes":{}}'],
    [BROADCAST, '{"mode":1.5}'],
    [BROADCAST, '{"mode":"BROADCAST_MODE_NOPE"}'],
    [BROADCAST, '{"tx_bytes":"AQ==","txBytes":"AQ=="}'],
    [ENCODE, '{"tx":{"body":{"messages":[{"from_address":"a"}]}}}'],
    [ENCODE, '{"tx":{"body":{"messages":[{"@type":"/cosmos.nope.v1.MsgNope"}]}}}'],
    [ENCODE, '{"tx":{"body":{"messages":[{"@type":"/cosmos.bank.v1beta1.MsgSend","nope":1}]}}}'],
    [ENCODE, '{"tx":{"nope":1}}'],
    [ENCODE, '{"tx":{"body":{"timeout_height":"-1"}}}'],
    [ENCODE, '{"tx":{"body":{"timeout_height":"18446744073709551616"}}}'],
    [ENCODE, '{"tx":{"body":{"timeout_height":1.5}}}'],
    [ENCODE, '{"tx":{"body":{"memo":7}}}'],
    [ENCODE, '{"tx":{"signatures":"AA=="}}'],
  ] as const) {
    it(`is refused: ${text}`, () => refused(path, text));
  }
});
