/** Small things that stock clients depend on, each of which would break one of them. */
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { toUpperHex, fromBase64 } from '../../../node/base/bytes.ts';
import type { Deadline } from '../../../node/base/deadline.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { EMPTY_TX_RESULT } from '../../../node/rpc/json/abci.ts';
import type { ValidatorSetView } from '../../../node/rpc/expected.ts';
import {
  commitBlock,
  fakeApp,
  FakeBlocks,
  fakeView,
  startFakeNode,
  type FakeNode,
} from './fake-node.ts';
import { recorded, recordedChain, type Recorded } from './recorded.ts';

/** As clients make them: CosmJS, tendermint-rs, a counter that has run far. */
const IDS = ['123456789012', '"2cb748a9-0752-4c68-ab5a-2c5099f7e395"', '-1', '0', '""', '"1"'];
const LARGE_IDS = ['9007199254740993', '12345678901234567890', '-123456789012345678901'];

const SIZE = 150;
const ORDERED: ValidatorSetView = (() => {
  const validators = Array.from({ length: SIZE }, (_, i) => {
    const pubKey = new Uint8Array(32).fill(i);
    const address = sha256(pubKey).subarray(0, 20);
    return { address, pubKey, power: BigInt(SIZE - i), priority: BigInt(i - 75) };
  });
  return { validators, proposer: validators[0]!, totalPower: 11_325n };
})();

class ManyValidators extends FakeBlocks {
  override validators(): ValidatorSetView {
    return ORDERED;
  }
}

async function text(url: string, body: string): Promise<string> {
  return (await fetch(url, { method: 'POST', body })).text();
}

describe('rpc: what stock clients depend on', () => {
  let node: FakeNode;
  beforeEach(async () => {
    node = await startFakeNode();
  });
  afterEach(() => node.server.stop());

  const call = async (method: string, params: unknown = {}): Promise<Recorded> =>
    JSON.parse(await text(node.url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })));
  const request = (id: string, method: string, params = '{}'): string =>
    `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;

  for (const id of [...IDS, ...LARGE_IDS]) {
    it(`the id ${id} comes back as it was sent, with results and with errors`, async () => {
      assert.equal(
        await text(node.url, request(id, 'health')),
        `{"jsonrpc":"2.0","id":${id},"result":{}}`,
      );
      const failed = await text(node.url, request(id, 'no_such_method'));
      assert.ok(failed.startsWith(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,`), failed);
    });
  }

  it('each answer of a batch has the id of its request, in the order of the requests', async () => {
    const ids = [...IDS, LARGE_IDS[1]!];
    const batch = ids.map((id, i) => request(id, i % 2 === 0 ? 'health' : 'abci_query'));
    const answer = await text(node.url, `[${batch.join()}]`);
    const found = [...answer.matchAll(/"jsonrpc":"2.0","id":([^,]*),/g)].map(([, id]) => id);
    assert.deepEqual(found, ids);
  });

  for (const id of ['583920192837', '"4b0e-uuid"', LARGE_IDS[1]!]) {
    it(`events carry the id ${id} of the subscribe call, and the query as it was written`, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${node.port}/websocket`);
      const messages: string[] = [];
      const arrived = new Promise<void>((resolve) => {
        socket.on('message', (data) => {
          if (messages.push(String(data)) === 2) resolve();
          else void commitBlock(node, [Uint8Array.of(1)]);
        });
      });
      socket.on('open', () => socket.send(request(id, 'subscribe', '["tm.event   =  \'Tx\'"]')));
      await arrived;
      assert.equal(messages[0], `{"jsonrpc":"2.0","id":${id},"result":{}}`);
      const start = `{"jsonrpc":"2.0","id":${id},"result":{"query":"tm.event   =  'Tx'","data":{`;
      assert.ok(messages[1]?.startsWith(start), messages[1]);
      const { result } = JSON.parse(messages[1]!);
      assert.deepEqual(Object.keys(result), ['query', 'data', 'events']);
      socket.terminate();
    });
  }

  it('the five subscriptions of Hermes are taken', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/websocket`);
    await new Promise((resolve) => socket.once('open', resolve));
    const modules = ['ibc_client', 'ibc_connection', 'ibc_channel', 'interchainquery'];
    const queries = ["tm.event = 'NewBlock'", ...modules.map((m) => `message.module = '${m}'`)];
    for (const [i, query] of queries.entries()) {
      const answer = new Promise((resolve) =>
        socket.once('message', (data) => resolve(JSON.parse(String(data)))),
      );
      const params = JSON.stringify({ query });
      socket.send(request(`"${i}"`, 'subscribe', params));
      assert.deepEqual(await answer, { jsonrpc: '2.0', id: String(i), result: {} });
    }
    socket.terminate();
  });

  it('status shows a key that can be decoded also on a node that has none', async () => {
    await node.server.stop();
    const view = { ...fakeView(), validatorPubKey: new Uint8Array(0) };
    node = await startFakeNode({}, { node: view });
    const { validator_info: info } = (await call('status')).result;
    assert.equal(info.pub_key.type, 'tendermint/PubKeyEd25519');
    assert.equal(fromBase64(info.pub_key.value as string).length, 32);
    assert.match(info.address, /^[0-9A-F]{40}$/);
    assert.equal(info.voting_power, '0');
  });

  it('validators come in the order that is hashed, at most 100 on a page', async () => {
    await node.server.stop();
    node = await startFakeNode({}, { blocks: new ManyValidators(recordedChain()) });
    const found: string[] = [];
    const PAGES = [
      [{ page: '1', per_page: '100' }, 100],
      [{ page: '2', per_page: '100' }, 50],
    ] as const;
    for (const [params, count] of PAGES) {
      const { result } = await call('validators', { height: '5', ...params });
      assert.deepEqual(
        [result.block_height, result.count, result.total],
        ['5', String(count), '150'],
      );
      for (const { address, proposer_priority: priority } of result.validators) {
        found.push(address as string);
        assert.match(priority, /^-?\d+$/);
      }
    }
    const whole = ORDERED.validators.map(({ address }) => toUpperHex(address));
    assert.deepEqual(found, whole);
    const counts = { none: undefined, all: '1000', zero: '0', negative: '-5' };
    const sizes = Object.values(counts).map(async (per_page) => {
      return (await call('validators', { height: '5', per_page })).result.count as string;
    });
    assert.deepEqual(await Promise.all(sizes), ['30', '100', '30', '30']);
    assert.equal(
      (await call('validators', { page: '6' })).error.data,
      'page should be within [1, 5] range, given 6',
    );
  });

  for (const [type, key, value] of [
    ['send_packet', 'packet_sequence', '7'],
    ['update_client', 'consensus_height', '1-42'],
    ['write_acknowledgement', 'packet_ack_hex', '7b22726573756c74223a2241513d3d227d'],
  ] as const) {
    it(`finds ${type}.${key}='${value}' and not what only begins so`, async () => {
      const event = (text: string) => ({
        type,
        attributes: [{ key, value: text, index: true }],
      });
      const txs = [value, `${value}1`].map((text, i) => ({
        tx: Uint8Array.of(i),
        result: { ...EMPTY_TX_RESULT, events: [event(text)] },
      }));
      const txResults = txs.map(({ result }) => result);
      const height = await commitBlock(node, [txs[0]!.tx, txs[1]!.tx], { txResults });
      for (const query of [`${type}.${key}='${value}'`, `${type}.${key} = '${value}'`]) {
        const narrowed = `${query} AND tx.height >= ${height}`;
        for (const each of [query, narrowed]) {
          const { result } = await call('tx_search', { query: each });
          assert.deepEqual([result.total_count, result.txs[0].index], ['1', 0], each);
        }
      }
    });
  }

  it('a transaction that CheckTx refuses is a result, one that is known an error', async () => {
    const send = (bytes: string): Promise<Recorded> =>
      call('broadcast_tx_sync', { tx: Buffer.from(bytes).toString('base64') });
    const { result } = await send('X refused');
    assert.deepEqual(Object.keys(result).sort(), ['code', 'codespace', 'data', 'hash', 'log']);
    assert.deepEqual([result.code, result.codespace], [5, 'sdk']);
    await send('known');
    const { error } = await send('known');
    assert.deepEqual([error.code, error.data], [-32603, 'tx already exists in cache']);
  });

  it('a mempool that is full says so, and of a sender with too many transactions whose they are', async () => {
    const refusal = async (bytes: string): Promise<string> => {
      const tx = Buffer.from(bytes).toString('base64');
      return (await call('broadcast_tx_sync', { tx })).error.data as string;
    };
    assert.equal(await refusal('F'), 'mempool is full');
    assert.equal(await refusal('S'), 'alice has too many pending txs: mempool is full');
  });

  it('a query over abci_query ends when its time is over, and says so', async () => {
    await node.server.stop();
    const query = (_: unknown, deadline?: Deadline): never => {
      deadline?.expire();
      deadline?.check();
      throw new Error('it has no end');
    };
    node = await startFakeNode({}, { app: { ...fakeApp, query } });
    const { error } = await call('abci_query', { path: '/cosmos.tx.v1beta1.Service/GetTxsEvent' });
    assert.deepEqual([error.code, error.data], [-32603, 'the query took longer than 10 seconds']);
  });

  it('an error is HTTP 200 after POST, where CosmJS reads its text, and 500 after GET', async () => {
    const body = request('1', 'block', '{"height":"999"}');
    assert.equal((await fetch(node.url, { method: 'POST', body })).status, 200);
    assert.equal((await fetch(`${node.url}/block?height=999`)).status, 500);
  });

  it('what is decided may be cached, what may change may not', async () => {
    const tip = node.blocks.height();
    const hash = toUpperHex(recordedChain()[0]!.stored.blockId.hash);
    const tx = recorded('incoming', 'tx_search_no_prove').result.txs[0].hash as string;
    const cached = async (path: string): Promise<string | null> => {
      const response = await fetch(`${node.url}/${path}`);
      return response.headers.get('cache-control');
    };
    const byHeight = ['block', 'header', 'block_results', 'commit', 'validators'];
    for (const name of [...byHeight, 'consensus_params']) {
      assert.equal(await cached(`${name}?height=5`), 'public, max-age=86400', name);
      for (const open of ['', `?height=${tip}`, `?height=${tip + 9}`]) {
        assert.equal(await cached(`${name}${open}`), null, `${name}${open}`);
      }
    }
    const lasting = [`block_by_hash?hash=0x${hash}`, `tx?hash=0x${tx}`, 'genesis'];
    for (const path of [...lasting, 'genesis_chunked?chunk=0']) {
      assert.equal(await cached(path), 'public, max-age=86400', path);
    }
    const zeros = '0'.repeat(64);
    const open = ['status', 'blockchain', `block_by_hash?hash=0x${zeros}`, `tx?hash=0x${zeros}`];
    for (const path of [...open, 'genesis_chunked?chunk=9', 'abci_info', 'unconfirmed_txs']) {
      assert.equal(await cached(path), null, path);
    }
  });
});
