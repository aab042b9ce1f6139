import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  QueryAllBalancesRequest,
  QueryAllBalancesResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import {
  GetTxResponse,
  GetTxsEventRequest,
  GetTxsEventResponse,
} from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { accountText } from '../../../node/base/address.ts';
import { QueryAccountResponse } from '../../../proto/gen/bitscale/ledger/v1/query.ts';
import { run, type Ran } from './fake-terminal.ts';

const JSON_FORM = ['-o', 'json'];

interface Asked {
  method: string;
  params: Record<string, unknown>;
}

describe('cli: questions to a node', () => {
  let server: Server;
  let url: string;
  let asked: Asked[];
  let answer: object;

  before((done) => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(JSON.parse(body) as Asked);
        response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }));
      });
    });
    server.listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });
  after(() => server.close());
  beforeEach(() => (asked = []));

  const ask = (words: string, result: object): Promise<Ran> => {
    answer = { result };
    return run([...words.split(' '), '--node', url, ...JSON_FORM]);
  };
  const value = (bytes: Uint8Array): object => ({
    response: { code: 0, value: Buffer.from(bytes).toString('base64'), height: '5' },
  });

  it('shows the status', async () => {
    const { code, output } = await ask('status', { node_info: { moniker: 'm' } });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(output), { node_info: { moniker: 'm' } });
    assert.equal(asked[0]?.method, 'status');
  });

  const HASH = 'AB'.repeat(32);
  const BASE64 = Buffer.from(HASH, 'hex').toString('base64');
  const PAGE = { page: '1', per_page: '100' };
  for (const [words, method, params] of [
    ['query block', 'block', {}],
    ['query block 12', 'block', { height: '12' }],
    ['query block --type=height 12', 'block', { height: '12' }],
    [`query block ${HASH}`, 'block_by_hash', { hash: BASE64 }],
    [`query block --type=hash 0x${HASH}`, 'block_by_hash', { hash: BASE64 }],
    ['query block-results 3', 'block_results', { height: '3' }],
    ['query commit', 'commit', {}],
    ['query comet-validator-set 4', 'validators', { height: '4', ...PAGE }],
    ['query validators --page 2', 'validators', { ...PAGE, page: '2' }],
    [
      'query blocks --query block.height>5 --limit 7 --order_by desc',
      'block_search',
      { query: 'block.height>5', page: '1', per_page: '7', order_by: 'desc' },
    ],
    ['q rpc tx_search query=a=1 page=2', 'tx_search', { query: 'a=1', page: '2' }],
    [`query tx ${HASH} --prove`, 'tx', { hash: BASE64, prove: true }],
  ] as const) {
    it(`asks CometBFT's RPC: ${words.slice(0, 60)}`, async () => {
      const { code, errors } = await ask(words, {});
      assert.equal(code, 0, errors);
      assert.deepEqual(asked, [{ ...asked[0], method, params }]);
    });
  }

  it('ends with code 64 for what is neither a height nor a hash', async () => {
    for (const words of [
      'block x',
      'block --type=hash 12',
      'block --type=x 1',
      'tx 12',
      'rpc a b',
    ]) {
      assert.equal((await ask(`query ${words}`, {})).code, 64, words);
    }
  });

  it('shows a transaction as the Cosmos SDK does, and waits for one that is not in a block yet', async () => {
    const found = GetTxResponse.encode(
      GetTxResponse.fromPartial({ txResponse: { txhash: HASH, height: 5n } }),
    ).finish();
    const { output } = await ask(`query tx ${HASH.toLowerCase()}`, value(found));
    const shown = JSON.parse(output) as Record<string, unknown>;
    assert.deepEqual([shown['txhash'], shown['height'], shown['logs']], [HASH, '5', []]);
    assert.equal(asked[0]?.params['path'], '/cosmos.tx.v1beta1.Service/GetTx');
    const log = `rpc error: code = NotFound desc = tx not found: ${HASH}`;
    const missing = { response: { code: 22, codespace: 'sdk', log } };
    const { code, errors } = await ask(`query wait-tx ${HASH} --timeout 0`, missing);
    assert.deepEqual([code, errors.includes('is in no block yet')], [65, true]);
    const waited = ask(`query wait-tx ${HASH}`, missing);
    while (asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    answer = { result: value(found) };
    assert.equal((await waited).output, output);
  });

  it('searches transactions page by page', async () => {
    const bytes = GetTxsEventResponse.encode(
      GetTxsEventResponse.fromPartial({ txResponses: [{ txhash: HASH }], total: 5n }),
    ).finish();
    const words = 'query txs --query tx.height>1 --limit 2 --page 3 --order_by desc';
    const { output } = await ask(words, value(bytes));
    const { txs, ...counts } = JSON.parse(output) as { txs: { txhash: string }[] };
    assert.deepEqual(counts, {
      total_count: '5',
      count: '1',
      page_number: '3',
      page_total: '3',
      limit: '2',
    });
    assert.equal(txs[0]?.txhash, HASH);
    const request = Buffer.from(String(asked[0]?.params['data']), 'hex');
    const { query, page, limit, orderBy } = GetTxsEventRequest.decode(request);
    assert.deepEqual([query, page, limit, orderBy], ['tx.height>1', 3n, 2n, 2]);
    for (const wrong of ['', '--query x --limit 101', '--query x --order_by up']) {
      assert.equal((await ask(`query txs ${wrong}`.trim(), {})).code, 64, wrong);
    }
  });

  it('asks any method by its path, or by as much of it as only one method has', async () => {
    for (const words of [
      'query grpc /cosmos.bank.v1beta1.Query/SupplyOf denom=u',
      'query grpc bank.v1beta1.Query/SupplyOf --request {"denom":"u"} --height 3',
    ]) {
      const { code, errors } = await ask(words, value(new Uint8Array(0)));
      assert.equal(code, 0, errors);
    }
    const [first, second] = asked;
    assert.equal(first?.params['path'], '/cosmos.bank.v1beta1.Query/SupplyOf');
    assert.equal(second?.params['height'], '3');
    assert.equal(first.params['data'], second.params['data']);
    for (const wrong of ['Query/Params', 'no.Such/Method', 'bank.v1beta1.Query/SupplyOf x=1']) {
      assert.equal((await ask(`query grpc ${wrong}`, {})).code, 64, wrong);
    }
    const listed = JSON.parse((await ask('query grpc', {})).output) as string[];
    assert.ok(listed.includes('cosmos.bank.v1beta1.Query/AllBalances'));
  });

  it('asks any path with bytes or text', async () => {
    const { output } = await ask(
      'query abci /app/x --data 0x0102 --height 7 --prove',
      value(Uint8Array.of(9)),
    );
    const params = { path: '/app/x', data: '0102', height: '7', prove: true };
    assert.deepEqual(asked[0]?.params, params);
    assert.equal((JSON.parse(output) as { value: string }).value, 'CQ==');
    await ask('query abci /store/bank/key --text key', value(new Uint8Array(0)));
    assert.equal(asked[1]?.params['data'], Buffer.from('key').toString('hex'));
    assert.equal((await ask('query abci /x --data zz', {})).code, 64);
  });

  it('encodes the request of a module and shows its answer', async () => {
    const address = accountText(new Uint8Array(20));
    const balances = [{ denom: 'uscale', amount: '5' }];
    const bytes = QueryAllBalancesResponse.encode(
      QueryAllBalancesResponse.fromPartial({ balances }),
    ).finish();
    const { output } = await ask(`query bank balances ${address}`, value(bytes));
    assert.deepEqual((JSON.parse(output) as { balances: unknown }).balances, balances);
    assert.equal(asked[0]?.params['path'], '/cosmos.bank.v1beta1.Query/AllBalances');
    const data = Buffer.from(String(asked[0]?.params['data']), 'hex');
    assert.equal(QueryAllBalancesRequest.decode(data).address, address);
  });

  it('shows our own modules with the names of their protobuf fields', async () => {
    const account = { index: 3, token: 1, balance: 2n ** 60n };
    const bytes = QueryAccountResponse.encode(
      QueryAccountResponse.fromPartial({ account }),
    ).finish();
    const { output } = await ask('query ledger account 3', value(bytes));
    const shown = JSON.parse(output) as { account: Record<string, unknown> };
    assert.deepEqual(
      [shown.account['index'], shown.account['token'], shown.account['balance']],
      [3, 1, String(2n ** 60n)],
    );
  });

  it('ends with code 65 and the words of the application when it refuses', async () => {
    const response = { code: 38, codespace: 'sdk', log: 'account 3: not found' };
    const { code, errors } = await ask('query ledger account 3', { response });
    assert.equal(code, 65);
    assert.match(errors, /account 3: not found \(sdk\/38\)/);
    answer = { error: { code: -32603, message: 'Internal error', data: 'height 9 is too high' } };
    const refused = await run(['query', 'block', '9', '--node', url]);
    assert.deepEqual([refused.code, refused.errors.includes('height 9 is too high')], [65, true]);
  });

  it('ends with code 74 when nobody answers', async () => {
    const { code, errors } = await run(['status', '--node', 'http://127.0.0.1:1']);
    assert.equal(code, 74);
    assert.match(errors, /no answer from http:\/\/127\.0\.0\.1:1/);
  });
});
