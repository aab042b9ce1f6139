/** gRPC of a real node, asked by a stock gRPC client with the codecs of cosmjs-types. */
import assert from 'node:assert/strict';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { QueryAccountRequest, QueryAccountResponse } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { QueryBalanceRequest, QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import {
  GetBlockByHeightRequest,
  GetLatestBlockRequest,
  GetLatestBlockResponse,
  GetNodeInfoRequest,
  GetNodeInfoResponse,
} from 'cosmjs-types/cosmos/base/tendermint/v1beta1/query';
import {
  GetTxRequest,
  SimulateRequest,
  SimulateResponse,
} from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import { accountText } from '../../node/base/address.ts';
import { MAX_GRPC_MESSAGE_BYTES } from '../../node/base/limits.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

interface Asked<Res> {
  readonly answer: Res;
  readonly header: Metadata;
}

describe('gRPC of a node', () => {
  let solo: SoloNode;
  let client: Client;

  before(async () => {
    solo = await startSoloNode();
    client = new Client(`127.0.0.1:${solo.node.config.grpc.port}`, credentials.createInsecure());
  });
  after(async () => {
    client.close();
    await solo.remove();
  });

  function ask<Req, Res>(
    path: string,
    [request, response]: readonly [Codec<Req>, Codec<Res>],
    message: Req,
    metadata = new Metadata(),
  ): Promise<Asked<Res>> {
    return new Promise((resolve, reject) => {
      let header = new Metadata();
      const call = client.makeUnaryRequest(
        path,
        (value: Req) => Buffer.from(request.encode(value).finish()),
        (bytes: Buffer) => response.decode(new Uint8Array(bytes)),
        message,
        metadata,
        (error, value) => {
          if (error) reject(error);
          else resolve({ answer: value!, header });
        },
      );
      call.on('metadata', (given) => {
        header = given;
      });
    });
  }

  const BALANCE = [QueryBalanceRequest, QueryBalanceResponse] as const;
  const balance = (metadata?: Metadata) => {
    const address = accountText(solo.account.address);
    return ask(
      '/cosmos.bank.v1beta1.Query/Balance',
      BALANCE,
      { address, denom: 'uscale' },
      metadata,
    );
  };
  const fails = (asked: Promise<unknown>, code: number, text: RegExp): Promise<void> =>
    assert.rejects(asked, (error: ServiceError) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.details, text);
      return true;
    });

  it('answers modules, the node and its blocks', async () => {
    assert.equal((await balance()).answer.balance?.amount, '1000000000000');
    const address = accountText(solo.account.address);
    const codecs = [QueryAccountRequest, QueryAccountResponse] as const;
    const { answer } = await ask('/cosmos.auth.v1beta1.Query/Account', codecs, { address });
    assert.equal(answer.account?.typeUrl, BaseAccount.typeUrl);
    assert.equal(BaseAccount.decode(answer.account!.value).address, address);
    const base = '/cosmos.base.tendermint.v1beta1.Service';
    const info = await ask(`${base}/GetNodeInfo`, [GetNodeInfoRequest, GetNodeInfoResponse], {});
    assert.match(info.answer.defaultNodeInfo?.version ?? '', /^0\.38\./);
    const codec = [GetLatestBlockRequest, GetLatestBlockResponse] as const;
    const latest = await ask(`${base}/GetLatestBlock`, codec, {});
    assert.equal(latest.answer.block?.header.chainId, 'solo-1');
  });

  it('abci_query gives the same bytes, also of what the node answers itself', async () => {
    const comet = await Comet38Client.connect(solo.url);
    const bytes = {
      encode: (data: Uint8Array) => ({ finish: () => data }),
      decode: (data: Uint8Array) => data,
    };
    const address = accountText(solo.account.address);
    const request = QueryBalanceRequest.encode({ address, denom: 'uscale' }).finish();
    const block = GetBlockByHeightRequest.encode({ height: 1n }).finish();
    const QUESTIONS: [string, Uint8Array][] = [
      ['/cosmos.bank.v1beta1.Query/Balance', request],
      ['/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo', new Uint8Array(0)],
      ['/cosmos.base.tendermint.v1beta1.Service/GetBlockByHeight', block],
      ['/cosmos.base.node.v1beta1.Service/Config', new Uint8Array(0)],
    ];
    for (const [path, data] of QUESTIONS) {
      const { code, value } = await comet.abciQuery({ path, data });
      assert.equal(code, 0, path);
      assert.deepEqual((await ask(path, [bytes, bytes], data)).answer, value, path);
    }
    const missing = await comet.abciQuery({
      path: '/cosmos.tx.v1beta1.Service/GetTx',
      data: GetTxRequest.encode({ hash: '0'.repeat(64) }).finish(),
    });
    assert.match(missing.log ?? '', /^rpc error: code = NotFound desc = tx not found/);
    comet.disconnect();
  });

  it('answers of old heights say which height they are of', async () => {
    const metadata = new Metadata();
    metadata.set('x-cosmos-block-height', '1');
    const { header } = await balance(metadata);
    assert.deepEqual(header.get('x-cosmos-block-height'), ['1']);
    assert.ok(Number((await balance()).header.get('x-cosmos-block-height')[0]) >= 1);
  });

  it('refusals have the codes of gRPC and plain words', async () => {
    const account = (address: string) =>
      ask('/cosmos.auth.v1beta1.Query/Account', [QueryAccountRequest, QueryAccountResponse], {
        address,
      });
    const nobody = accountText(new Uint8Array(20));
    await fails(account(nobody), status.NOT_FOUND, new RegExp(`^account ${nobody} not found$`));
    await fails(account('abc'), status.INVALID_ARGUMENT, /bech32/);
    const simulate = ask(
      '/cosmos.tx.v1beta1.Service/Simulate',
      [SimulateRequest, SimulateResponse],
      SimulateRequest.fromPartial({}),
    );
    await fails(simulate, status.INVALID_ARGUMENT, /^empty txBytes is not allowed$/);
    await fails(
      ask('/cosmos.gov.v1.Query/Proposals', BALANCE, { address: '', denom: '' }),
      status.UNIMPLEMENTED,
      /./,
    );
  });

  it('bad heights are refused', async () => {
    for (const height of ['1e3', '-1', '999999']) {
      const metadata = new Metadata();
      metadata.set('x-cosmos-block-height', height);
      await fails(balance(metadata), status.INVALID_ARGUMENT, /height/);
    }
  });

  it('a request may be so large and no larger', async () => {
    const path = '/cosmos.tx.v1beta1.Service/Simulate';
    const codecs = [SimulateRequest, SimulateResponse] as const;
    const tx = (length: number) => SimulateRequest.fromPartial({ txBytes: new Uint8Array(length) });
    const head =
      SimulateRequest.encode(tx(MAX_GRPC_MESSAGE_BYTES)).finish().length - MAX_GRPC_MESSAGE_BYTES;
    const largest = MAX_GRPC_MESSAGE_BYTES - head;
    await fails(ask(path, codecs, tx(largest)), status.UNKNOWN, /tx too large/);
    await fails(ask(path, codecs, tx(largest + 1)), status.RESOURCE_EXHAUSTED, /larger/);
  });
});
