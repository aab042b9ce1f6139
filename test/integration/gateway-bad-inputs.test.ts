/**
 * Bad requests to REST and gRPC of a real node, each with its one answer; the number in a name is that of the rule.
 * Rules 18 to 20 are gRPC's alone. What a healthy node does not show (22, 23, 25) is in gateway-troubles.test.ts.
 */
import assert from 'node:assert/strict';
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing';
import { GasPrice, SigningStargateClient } from '@cosmjs/stargate';
import { QueryAccountRequest } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import {
  QueryAllBalancesRequest,
  QueryTotalSupplyRequest,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { QueryValidatorRequest } from 'cosmjs-types/cosmos/staking/v1beta1/query';
import * as tx from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { accountText, valoperText } from '../../node/base/address.ts';
import { toBase64, type Bytes } from '../../node/base/bytes.ts';
import { MAX_GRPC_MESSAGE_BYTES } from '../../node/base/limits.ts';
import { callGrpc, frameOf, type GrpcAnswer } from '../support/grpc.ts';
import { askRest, height, isRefusal, type Answer } from '../support/rest.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';

const AUTH = '/cosmos/auth/v1beta1';
const BANK = '/cosmos/bank/v1beta1';
const BLOCKS = '/cosmos/base/tendermint/v1beta1';
const TX = '/cosmos/tx/v1beta1';
const EMPTY = new Uint8Array(0);
const NOBODY = accountText(new Uint8Array(20));
const NO_VALIDATOR = valoperText(new Uint8Array(20));
const ACCOUNTS = 150;

type Json = Record<string, unknown>;

const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

type RestRow = readonly [
  name: string,
  request: readonly [path: string, init?: RequestInit],
  answer: readonly [status: number, code: number],
];

const REST: readonly RestRow[] = [
  ['1 an unknown path', ['/nope'], [404, 5]],
  ['2 the wrong verb', [`${BANK}/supply`, { method: 'DELETE' }], [501, 12]],
  ['2 POST to a query', [`${BANK}/supply`, post({})], [501, 12]],
  ['3 an address of another chain', [`${BANK}/balances/cosmos1xyz`], [400, 3]],
  ['3 an address with a wrong checksum', [`${BANK}/balances/${NOBODY.slice(0, -1)}x`], [400, 3]],
  ['4 an unknown account', [`${AUTH}/accounts/${NOBODY}`], [404, 5]],
  ['4 an unknown validator', [`/cosmos/staking/v1beta1/validators/${NO_VALIDATOR}`], [404, 5]],
  ['4 an unknown transaction', [`${TX}/txs/${'0'.repeat(64)}`], [404, 5]],
  ['5 a negative limit', [`${BANK}/supply?pagination.limit=-1`], [400, 3]],
  ['5 a limit that is no number', [`${BANK}/supply?pagination.limit=abc`], [400, 3]],
  ['7 key and offset', [`${BANK}/supply?pagination.key=AAAA&pagination.offset=1`], [400, 3]],
  ['8 a key that is not base64', [`${BANK}/supply?pagination.key=!`], [400, 3]],
  ['9 a parameter twice', [`${BANK}/supply?pagination.limit=1&pagination.limit=2`], [400, 3]],
  ['10 a zero byte', [`${BANK}/balances/%00`], [400, 3]],
  ['10 a way out of the path', [`${BANK}/balances/..%2f`], [400, 3]],
  ['11 a height to come', [`${BANK}/supply`, height('999999')], [400, 3]],
  ['11 a block to come', [`${BLOCKS}/blocks/999999`], [400, 3]],
  ['13 a height with exponent', [`${BANK}/supply`, height('1e3')], [400, 3]],
  ['13 a negative height', [`${BANK}/supply`, height('-1')], [400, 3]],
  ['13 block 0', [`${BLOCKS}/blocks/0`], [400, 3]],
  ['14 a trial run of nothing', [`${TX}/simulate`, post({})], [400, 3]],
  ['16 broadcast mode block', [`${TX}/txs`, post({ tx_bytes: 'AA==', mode: 1 })], [400, 3]],
  ['17 base64 that is none', [`${TX}/txs`, post({ tx_bytes: '%' })], [400, 3]],
  [
    '21 a client that waits no time',
    [`${BANK}/supply`, { headers: { 'grpc-timeout': '1n' } }],
    [504, 4],
  ],
  [
    '21 a time to wait that is none',
    [`${BANK}/supply`, { headers: { 'grpc-timeout': '1h' } }],
    [400, 3],
  ],
  ['24 a search for nothing', [`${TX}/txs`], [400, 3]],
  ['24 a search that cannot be read', [`${TX}/txs?query=a%3D'`], [400, 3]],
  ['a hash that is none', [`${TX}/txs/abc`], [400, 3]],
  ['a module that is not there', ['/cosmos/gov/v1/proposals'], [501, 12]],
  [
    'a compressed body',
    [`${TX}/txs`, { ...post({}), headers: { 'content-encoding': 'gzip' } }],
    [415, 3],
  ],
  ['a body that is too large', [`${TX}/txs`, post(' '.repeat(1_000_000))], [413, 3]],
];

const METHODS = {
  account: '/cosmos.auth.v1beta1.Query/Account',
  balances: '/cosmos.bank.v1beta1.Query/AllBalances',
  supply: '/cosmos.bank.v1beta1.Query/TotalSupply',
  validator: '/cosmos.staking.v1beta1.Query/Validator',
  broadcast: '/cosmos.tx.v1beta1.Service/BroadcastTx',
  search: '/cosmos.tx.v1beta1.Service/GetTxsEvent',
  simulate: '/cosmos.tx.v1beta1.Service/Simulate',
};

const account = (address: string): Bytes => QueryAccountRequest.encode({ address }).finish();
const bothPages = QueryTotalSupplyRequest.encode(
  QueryTotalSupplyRequest.fromPartial({ pagination: { key: Uint8Array.of(1), offset: 1n } }),
).finish();
const balancesOf = (address: string): Bytes =>
  QueryAllBalancesRequest.encode(QueryAllBalancesRequest.fromPartial({ address })).finish();
const inBlockMode = tx.BroadcastTxRequest.encode({ txBytes: Uint8Array.of(1), mode: 1 }).finish();
const tooLarge = new Uint8Array(MAX_GRPC_MESSAGE_BYTES + 1);

type GrpcRow = readonly [
  name: string,
  call: readonly [path: string, frame: Bytes, headers?: OutgoingHttpHeaders],
  status: number,
  text: RegExp,
];

const GRPC: readonly GrpcRow[] = [
  ['3 a bad address', [METHODS.balances, frameOf(balancesOf('abc'))], 3, /bech32/],
  ['4 an unknown account', [METHODS.account, frameOf(account(NOBODY))], 5, /not found/],
  [
    '4 an unknown validator',
    [
      METHODS.validator,
      frameOf(QueryValidatorRequest.encode({ validatorAddr: NO_VALIDATOR }).finish()),
    ],
    5,
    /not found/,
  ],
  ['7 key and offset', [METHODS.supply, frameOf(bothPages)], 3, /either offset or key/],
  [
    '11 a height to come',
    [METHODS.supply, frameOf(EMPTY), { 'x-cosmos-block-height': '999999' }],
    3,
    /height/,
  ],
  [
    '13 a height with exponent',
    [METHODS.supply, frameOf(EMPTY), { 'x-cosmos-block-height': '1e3' }],
    3,
    /height/,
  ],
  ['14 a trial run of nothing', [METHODS.simulate, frameOf(EMPTY)], 3, /empty txBytes/],
  ['16 broadcast mode block', [METHODS.broadcast, frameOf(inBlockMode)], 3, /unsupported/],
  ['18 a message of more than 4 MiB', [METHODS.simulate, frameOf(tooLarge)], 8, /larger/],
  ['19 an unknown service', ['/cosmos.gov.v1.Query/Proposals', frameOf(EMPTY)], 12, /./],
  ['19 an unknown method', ['/cosmos.bank.v1beta1.Query/Nope', frameOf(EMPTY)], 12, /./],
  ...['gzip', 'deflate', 'br', 'snappy'].map((encoding): GrpcRow => {
    const frame = frameOf(new Uint8Array(gzipSync(account(NOBODY))), true);
    const headers = { 'grpc-encoding': encoding };
    return [
      `20 a message packed by ${encoding}`,
      [METHODS.account, frame, headers],
      12,
      /unsupported/,
    ];
  }),
  [
    '21 a client that waits no time',
    [METHODS.supply, frameOf(EMPTY), { 'grpc-timeout': '1n' }],
    4,
    /deadline exceeded/i,
  ],
  ['24 a search for nothing', [METHODS.search, frameOf(EMPTY)], 3, /query cannot be empty/],
];

describe('REST and gRPC: bad requests', () => {
  let solo: SoloNode;
  let session: ClientHttp2Session;
  const rest = (path: string, init?: RequestInit): Promise<Answer> =>
    askRest(solo.node.config.api.port, path, init);
  const grpc = (...call: GrpcRow[1]): Promise<GrpcAnswer> => callGrpc(session, ...call);

  before(async () => {
    solo = await startSoloNode({ settings: { app: { keepRecent: 10 } }, genesis: withAccounts });
    session = connect(`http://127.0.0.1:${solo.node.config.grpc.port}`);
  });
  after(async () => {
    session.destroy();
    await solo.remove();
  });

  for (const [name, request, [status, code]] of REST) {
    it(`REST ${name}: ${status}, code ${code}`, async () => {
      isRefusal(await rest(...request), status, code);
    });
  }

  for (const [name, call, status, text] of GRPC) {
    it(`gRPC ${name}: code ${status}`, async () => {
      const answer = await grpc(...call);
      assert.equal(answer.status, status, answer.message);
      assert.match(answer.message, text);
    });
  }

  it('gRPC 20: says that it reads plain messages, and reads them whatever encoding is named', async () => {
    const answer = await grpc(METHODS.supply, frameOf(EMPTY), { 'grpc-encoding': 'gzip' });
    assert.deepEqual([answer.status, answer.headers['grpc-accept-encoding']], [0, 'identity']);
  });

  it('REST 6 a limit of 10^9: cut to a page of 100', async () => {
    const { status, body } = await rest(`${AUTH}/accounts?pagination.limit=1000000000`);
    assert.equal(status, 200);
    assert.equal((body['accounts'] as unknown[]).length, 100);
    assert.notEqual((body['pagination'] as Json)['next_key'], null);
  });

  it('REST and gRPC 12 a pruned height: 404, code 5, and says why', async () => {
    await new Promise<void>((resolve) => {
      solo.node.engine.onCommit(({ block }) => {
        if (block.header.height > 14) resolve();
      });
    });
    const answer = await rest(`${BANK}/supply`, height('1'));
    isRefusal(answer, 404, 5);
    assert.match(String(answer.body['message']), /pruned/);
    const headers = { 'x-cosmos-block-height': '1' };
    const { status, message } = await grpc(METHODS.supply, frameOf(EMPTY), headers);
    assert.equal(status, 5);
    assert.match(message, /pruned/);
  });

  it('REST and gRPC 15 a trial run that fails: 400, code 2, with its cause and the gas', async () => {
    const bytes = await signedFor(solo, '9'.repeat(30));
    const answer = await rest(`${TX}/simulate`, post({ tx_bytes: toBase64(bytes) }));
    isRefusal(answer, 400, 2);
    const expected = /insufficient funds.*with gas used: '\d+'/;
    assert.match(String(answer.body['message']), expected);
    const request = tx.SimulateRequest.fromPartial({ txBytes: bytes });
    const { status, message } = await grpc(
      METHODS.simulate,
      frameOf(tx.SimulateRequest.encode(request).finish()),
    );
    assert.equal(status, 2);
    assert.match(message, expected);
  });
});

/** More accounts than a page holds. */
function withAccounts(json: Json): Json {
  const state = json['app_state'] as Record<string, Json>;
  const auth = state['auth'] as { accounts: object[] };
  const more = Array.from({ length: ACCOUNTS }, (_, index) => {
    return { address: accountText(new Uint8Array(20).fill(index + 1)) };
  });
  return {
    ...json,
    app_state: { ...state, auth: { ...auth, accounts: [...auth.accounts, ...more] } },
  };
}

/** A payment of account 0 that cannot be made. */
async function signedFor(solo: SoloNode, amount: string): Promise<Bytes> {
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, { prefix: 'bitscale' });
  const [{ address } = assert.fail()] = await wallet.getAccounts();
  const gasPrice = GasPrice.fromString('0uscale');
  const client = await SigningStargateClient.connectWithSigner(solo.url, wallet, { gasPrice });
  const value = { fromAddress: address, toAddress: NOBODY, amount: [{ denom: 'uscale', amount }] };
  const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
  const signed = await client.sign(address, [message], { amount: [], gas: '200000' }, '');
  client.disconnect();
  return TxRaw.encode(signed).finish();
}
