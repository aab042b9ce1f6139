import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  QueryAllBalancesRequest,
  QueryAllBalancesResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { accountText } from '../../../node/base/address.ts';
import { QueryAccountResponse } from '../../../proto/gen/bitscale/ledger/v1/query.ts';
import { run, type Ran } from './fake-terminal.ts';

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
    return run([...words.split(' '), '--node', url]);
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

  it('asks for blocks by height, and for the newest without one', async () => {
    await ask('query block 12', {});
    await ask('query block', {});
    assert.deepEqual(
      asked.map(({ method, params }) => [method, params]),
      [
        ['block', { height: '12' }],
        ['block', {}],
      ],
    );
    assert.equal((await ask('query block x', {})).code, 64);
  });

  it('asks for a transaction by its hash', async () => {
    const hash = 'AB'.repeat(32);
    await ask(`query tx ${hash} --prove`, {});
    const base64 = Buffer.from(hash, 'hex').toString('base64');
    assert.deepEqual(asked[0]?.params, { hash: base64, prove: true });
    assert.equal((await ask('query tx 12', {})).code, 64);
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
    const { output } = await ask(`query balances ${address}`, value(bytes));
    assert.deepEqual((JSON.parse(output) as { balances: unknown }).balances, balances);
    assert.equal(asked[0]?.params['path'], '/cosmos.bank.v1beta1.Query/AllBalances');
    const data = Buffer.from(String(asked[0]?.params['data']), 'hex');
    assert.equal(QueryAllBalancesRequest.decode(data).address, address);
    assert.equal((await ask('query balances cosmos1x', {})).code, 65);
  });

  it('shows our own modules with the names of their protobuf fields', async () => {
    const account = { index: 3, token: 1, balance: 2n ** 60n };
    const bytes = QueryAccountResponse.encode(
      QueryAccountResponse.fromPartial({ account }),
    ).finish();
    const { output } = await ask('query ledger account 3', value(bytes));
    const shown = { account: { index: 3, token: 1, balance: String(2n ** 60n) } };
    assert.deepEqual(JSON.parse(output), shown);
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

  it('sends a signed transaction and reports what CheckTx says', async () => {
    const fine = await ask('tx broadcast AQID', { code: 0, hash: 'AA' });
    assert.deepEqual([fine.code, asked[0]?.params], [0, { tx: 'AQID' }]);
    const bad = await ask('tx broadcast AQID', { code: 5, log: 'insufficient funds' });
    assert.equal(bad.code, 65);
    assert.equal((await ask('tx broadcast /no/such/file', {})).code, 74);
  });

  it('ends with code 74 when nobody answers', async () => {
    const { code, errors } = await run(['status', '--node', 'http://127.0.0.1:1']);
    assert.equal(code, 74);
    assert.match(errors, /no answer from http:\/\/127\.0\.0\.1:1/);
  });
});
