/** Bad transactions through the real RPC server, mempool and application: answers as clients get them. */
import assert from 'node:assert/strict';
import { toBase64, type Bytes } from '../../node/base/bytes.ts';
import { MAX_TX_BYTES } from '../../node/base/limits.ts';
import { Mempool } from '../../node/mempool/mempool.ts';
import { BAD_TXS, signed, startedApp } from '../support/bad-transactions.ts';
import { startFakeNode, type FakeNode } from '../unit/rpc/fake-node.ts';

interface Reply {
  readonly result?: { readonly code: number; readonly codespace: string; readonly log: string };
  readonly error?: { readonly code: number; readonly data: string };
}

describe('rpc: bad transactions', () => {
  let node: FakeNode;
  beforeEach(async () => {
    const app = await startedApp();
    const pool = new Mempool({ app, limits: { txs: 1 } });
    const parts = {
      info: () => app.info(),
      query: app.query.bind(app),
      checkTx: app.tryTx.bind(app),
    };
    node = await startFakeNode({}, { pool, app: parts });
  });
  afterEach(() => node.server.stop());

  async function broadcast(tx: Bytes, method = 'broadcast_tx_sync'): Promise<Reply> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { tx: toBase64(tx) } });
    const response = await fetch(node.url, { method: 'POST', body });
    assert.equal(response.status, 200);
    return (await response.json()) as Reply;
  }

  const isRefused = ({ error }: Reply, text: string): void =>
    assert.deepEqual([error?.code, error?.data], [-32603, text]);

  for (const [name, tx, code, text] of BAD_TXS) {
    it(`${name}: ${code}`, async () => {
      const bytes = tx();
      const reply = await broadcast(bytes);
      if (bytes.length > MAX_TX_BYTES) {
        isRefused(reply, `Tx too large. Max size is ${MAX_TX_BYTES}, but got ${bytes.length}`);
        return;
      }
      const { result } = reply;
      assert.equal(`${result?.codespace}/${result?.code}`, code, JSON.stringify(reply));
      if (text) assert.match(result?.log ?? '', text);
      assert.equal((await broadcast(signed())).result?.code, 0);
    });
  }

  for (const method of ['broadcast_tx_sync', 'broadcast_tx_async']) {
    it(`${method}: a transaction that is here, one too many, one too large`, async () => {
      assert.equal((await broadcast(signed(), method)).result?.code, 0);
      isRefused(await broadcast(signed(), method), 'tx already exists in cache');
      isRefused(await broadcast(signed({ memo: 'more', sequence: 1n }), method), 'mempool is full');
      const large = new Uint8Array(MAX_TX_BYTES + 1);
      const expected = `Tx too large. Max size is ${MAX_TX_BYTES}, but got ${large.length}`;
      isRefused(await broadcast(large, method), expected);
    });
  }
});
