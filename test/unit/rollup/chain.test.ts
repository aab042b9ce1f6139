import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromHex, toBase64 } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { localChain, remoteChain } from '../../../node/rollup/chain.ts';
import { BATCH, STATUS } from '../../../node/rollup/queries.ts';
import { LedgerChain } from '../modules/ledger/chain.ts';

describe('rollup/chain', () => {
  let server: Server;
  let url: string;
  let reply: (params: { path: string; data: string }) => unknown;

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => response.end(JSON.stringify(reply(JSON.parse(body).params))));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it('asks a node over JSON-RPC as it asks the application in its own process', async () => {
    const { app } = new LedgerChain();
    const height = 0;
    reply = ({ path, data }) => {
      const answer = app.query({ path, data: fromHex(data), height, prove: false });
      const { code, codespace, log, value } = answer;
      return { result: { response: { code, codespace, log, value: toBase64(value) } } };
    };
    const near = await localChain(app).query(STATUS, {});
    assert.deepEqual(await remoteChain(url).query(STATUS, {}), near);
    for (const chain of [localChain(app), remoteChain(url)]) {
      await assert.rejects(
        chain.query(BATCH, { number: 9n }),
        (error) => error instanceof BitscaleError && error.message.includes('9: unknown batch'),
      );
    }
  });

  it('tells a refusal of the chain from a node that cannot answer', async () => {
    reply = () => ({ error: { message: 'Internal error', data: 'catching up' } });
    const asked = remoteChain(url).query(STATUS, {});
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof Error && !(error instanceof BitscaleError));
      assert.match(error.message, /Internal error catching up/);
      return true;
    });
    const silent = remoteChain('http://127.0.0.1:1').query(STATUS, {});
    await assert.rejects(silent, (error) => !(error instanceof BitscaleError));
  });
});
