/** Every route of CometBFT 0.38 with its parameters in their order, in each form of a request. */
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { GENESIS_CHUNK_BYTES } from '../../../node/base/limits.ts';
import { commitBlock, fakeView, startFakeNode, type FakeNode } from './fake-node.ts';
import { recorded, recordedChain, type Recorded } from './recorded.ts';

interface Route {
  readonly params: Readonly<Record<string, Example>>;
  /** Members of the result. */
  readonly result: readonly string[];
}

/** One value in both notations. `required`: CometBFT has no answer without it. */
interface Example {
  readonly json: unknown;
  readonly uri: string;
  readonly required?: true;
}

const BLOCK_HASH = recordedChain()[0]!.stored.blockId.hash;
const TX_HASH = Buffer.from(
  recorded('incoming', 'tx_search_with_prove').result.txs[0].hash as string,
  'hex',
);
const hashOf = (hash: Uint8Array): Example => {
  const bytes = Buffer.from(hash);
  return { json: bytes.toString('base64'), uri: `0x${bytes.toString('hex')}`, required: true };
};
/** CometBFT has hexadecimal in JSON here, where its other routes have base64. */
const hexHashOf = (hash: Uint8Array): Example => {
  const text = Buffer.from(hash).toString('hex');
  return { json: text.toUpperCase(), uri: `0x${text}`, required: true };
};
let sent = 0;
/** Another transaction at every call: the mempool takes each once. */
const tx: Example = {
  get json() {
    return Buffer.from(`tx-${(sent += 1)}`).toString('base64');
  },
  get uri() {
    return `"tx-${(sent += 1)}"`;
  },
  required: true,
};
const number = (value: number): Example => ({ json: String(value), uri: String(value) });
const text = (value: string): Example => ({ json: value, uri: `"${value}"` });
const prove: Example = { json: true, uri: 'true' };
const query = (value: string): Example => ({ ...text(value), required: true });
const height = number(1);
const paging = { page: number(1), per_page: number(1), order_by: text('desc') };

const VOTE = {
  type: 2,
  height: '3',
  round: 0,
  block_id: { hash: '', parts: { total: 0, hash: '' } },
  timestamp: '2026-01-01T00:00:00Z',
  validator_address: '00'.repeat(20),
  validator_index: 0,
  signature: Buffer.alloc(64).toString('base64'),
  extension: null,
  extension_signature: null,
};
const EVIDENCE = {
  type: 'tendermint/DuplicateVoteEvidence',
  value: {
    vote_a: VOTE,
    vote_b: VOTE,
    total_voting_power: '10',
    validator_power: '10',
    timestamp: '2026-01-01T00:00:00Z',
  },
};
const TX_RESULT = ['code', 'codespace', 'data', 'events', 'gas_used', 'gas_wanted', 'info', 'log'];
const SENT = ['code', 'codespace', 'data', 'hash', 'log'];
const POOL = ['n_txs', 'total', 'total_bytes', 'txs'];
const BLOCK = ['block', 'block_id'];

const ROUTES: Readonly<Record<string, Route>> = {
  health: { params: {}, result: [] },
  status: { params: {}, result: ['node_info', 'sync_info', 'validator_info'] },
  net_info: { params: {}, result: ['listeners', 'listening', 'n_peers', 'peers'] },
  blockchain: {
    params: { minHeight: number(1), maxHeight: number(3) },
    result: ['block_metas', 'last_height'],
  },
  genesis: { params: {}, result: ['genesis'] },
  genesis_chunked: { params: { chunk: number(0) }, result: ['chunk', 'data', 'total'] },
  block: { params: { height }, result: BLOCK },
  block_by_hash: { params: { hash: hashOf(BLOCK_HASH) }, result: BLOCK },
  block_results: {
    params: { height },
    result: [
      'app_hash',
      'consensus_param_updates',
      'finalize_block_events',
      'height',
      'txs_results',
      'validator_updates',
    ],
  },
  commit: { params: { height }, result: ['canonical', 'signed_header'] },
  header: { params: { height }, result: ['header'] },
  header_by_hash: { params: { hash: hexHashOf(BLOCK_HASH) }, result: ['header'] },
  check_tx: { params: { tx }, result: TX_RESULT },
  tx: {
    params: { hash: hashOf(TX_HASH), prove },
    result: ['hash', 'height', 'index', 'proof', 'tx', 'tx_result'],
  },
  tx_search: {
    params: { query: query('tx.height > 0'), prove, ...paging },
    result: ['total_count', 'txs'],
  },
  block_search: {
    params: { query: query('block.height > 1'), ...paging },
    result: ['blocks', 'total_count'],
  },
  validators: {
    params: { height, page: number(1), per_page: number(100) },
    result: ['block_height', 'count', 'total', 'validators'],
  },
  dump_consensus_state: { params: {}, result: ['peers', 'round_state'] },
  consensus_state: { params: {}, result: ['round_state'] },
  consensus_params: { params: { height }, result: ['block_height', 'consensus_params'] },
  unconfirmed_txs: { params: { limit: number(1) }, result: POOL },
  num_unconfirmed_txs: { params: {}, result: POOL },
  broadcast_tx_commit: { params: { tx }, result: ['check_tx', 'hash', 'height', 'tx_result'] },
  broadcast_tx_sync: { params: { tx }, result: SENT },
  broadcast_tx_async: { params: { tx }, result: SENT },
  abci_query: {
    params: {
      path: text('/key'),
      data: { json: '747830', uri: '0x747830' },
      height,
      prove: { json: false, uri: 'false' },
    },
    result: ['response'],
  },
  abci_info: { params: {}, result: ['response'] },
  broadcast_evidence: {
    params: { evidence: { json: EVIDENCE, uri: JSON.stringify(EVIDENCE), required: true } },
    result: ['hash'],
  },
};

const OVER_SOCKET: Readonly<Record<string, Route>> = {
  subscribe: { params: { query: query("tm.event='NewBlock'") }, result: [] },
  unsubscribe: { params: { query: query("tm.event='NewBlock'") }, result: [] },
  unsubscribe_all: { params: {}, result: [] },
};
/** CometBFT has these only with `unsafe = true`. */
const UNSAFE = ['dial_seeds', 'dial_peers', 'unsafe_flush_mempool'];

describe('rpc/routes of CometBFT 0.38', () => {
  let node: FakeNode;
  before(async () => {
    node = await startFakeNode();
    // Whoever waits for a transaction gets it at once.
    node.pool.onAdd = (bytes) => void commitBlock(node, [bytes]);
  });
  after(() => node.server.stop());

  const post = async (method: string, params?: unknown): Promise<Recorded> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: method, method, params });
    const response = await fetch(node.url, { method: 'POST', body });
    const answer = (await response.json()) as Recorded;
    assert.equal(answer.id, method);
    return answer;
  };

  it('are all there, and no others', async () => {
    const page = await (await fetch(node.url)).text();
    const names = [...page.matchAll(/href="\/([a-z_]+)"/g)].map(([, name]) => name);
    assert.deepEqual(names.sort(), [...Object.keys(ROUTES), ...Object.keys(OVER_SOCKET)].sort());
    for (const name of UNSAFE) assert.equal((await post(name)).error.code, -32601);
  });

  for (const [name, { params, result }] of Object.entries(ROUTES)) {
    const names = Object.keys(params);
    const assertResult = (answer: Recorded): void => {
      assert.equal(answer.error, undefined, JSON.stringify(answer.error));
      assert.deepEqual(Object.keys(answer.result as object).sort(), result);
    };

    it(`${name} answers parameters by name, by position and in a URI`, async () => {
      const values = (): unknown[] => Object.values(params).map(({ json }) => json);
      const object = Object.fromEntries(values().map((value, i) => [names[i], value]));
      assertResult(await post(name, object));
      assertResult(await post(name, values()));
      const uri = Object.entries(params).map(
        ([key, one]) => `${key}=${encodeURIComponent(one.uri)}`,
      );
      const response = await fetch(`${node.url}/${name}?${uri.join('&')}`);
      assertResult((await response.json()) as Recorded);
      assert.equal(response.status, 200);
    });

    it(`${name} takes ${names.join(', ') || 'no parameters'} in this order, and says what is wrong`, async () => {
      for (const [i, key] of names.entries()) {
        const before = Object.values(params).slice(0, i);
        const { error } = await post(name, [...before.map(({ json }) => json), [[]]]);
        assert.equal(error.code, -32602, key);
        const own =
          name === 'broadcast_evidence' ? /evidence: / : new RegExp(`^parameter ${key}: `);
        assert.match(error.data, own);
      }
      const tooMany = (
        await post(
          name,
          [...names, 1].map(() => null),
        )
      ).error;
      assert.equal(tooMany.data, `expected ${names.length} parameters, got ${names.length + 1}`);
      assert.equal((await post(name, { no_such: 1 })).error.code, -32602);
    });

    const needed = names.filter((key) => params[key]!.required);
    it(`${name} needs ${needed.join(', ') || 'no parameter'}`, async () => {
      for (const none of [undefined, null, {}, [], names.map(() => null)]) {
        const answer = await post(name, none);
        if (needed.length === 0) assert.ok(answer.result, JSON.stringify(answer));
        else assert.equal(answer.error.data, `parameter ${needed[0]} is missing`);
      }
    });
  }

  it('header_by_hash takes base64, too, and nothing between the two', async () => {
    const found = async (hash: string): Promise<Recorded> => post('header_by_hash', { hash });
    const bytes = Buffer.from(BLOCK_HASH);
    const [hex, base64] = [bytes.toString('hex'), bytes.toString('base64')];
    const answers = await Promise.all([hex, hex.toUpperCase(), base64].map(found));
    for (const { result } of answers) assert.equal(result.header.height, '1');
    for (const hash of [hex.slice(2), `${hex}00`, `0x${hex}`, `${hex.slice(1)}g`]) {
      assert.equal((await found(hash)).error.code, -32602, hash);
    }
  });

  it('hand out a large genesis file in chunks only', async () => {
    const genesis = { chain_id: 'large-1', padding: 'x'.repeat(GENESIS_CHUNK_BYTES) };
    const large = await startFakeNode({}, { node: { ...fakeView(), genesis } });
    try {
      const ask = async (path: string): Promise<Recorded> =>
        (await fetch(large.url + path)).json() as Promise<Recorded>;
      // What indexers look for to fall back on chunks.
      assert.match((await ask('/genesis')).error.data, /use the genesis_chunked API instead/);
      const chunks = [0, 1].map((i) => ask(`/genesis_chunked?chunk=${i}`));
      const parts = (await Promise.all(chunks)).map(({ result }, i) => {
        assert.deepEqual([result.chunk, result.total], [String(i), '2']);
        return Buffer.from(result.data as string, 'base64');
      });
      assert.deepEqual(JSON.parse(Buffer.concat(parts).toString()), genesis);
      const beyond = (await ask('/genesis_chunked?chunk=2')).error.data;
      assert.equal(beyond, 'there are 1 chunks, 2 is invalid');
    } finally {
      await large.server.stop();
    }
  });

  it('subscribes and unsubscribes over a WebSocket, by name and by position', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/websocket`);
    await new Promise((resolve) => socket.once('open', resolve));
    const ask = (method: string, params: unknown): Promise<Recorded> => {
      const answer = new Promise<Recorded>((resolve) =>
        socket.once('message', (data) => resolve(JSON.parse(String(data)) as Recorded)),
      );
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
      return answer;
    };
    for (const asList of [false, true]) {
      for (const [name, { params }] of Object.entries(OVER_SOCKET)) {
        const entries = Object.entries(params).map(([key, { json }]) => [key, json] as const);
        // unsubscribe_all refuses a client that has nothing.
        if (name === 'unsubscribe_all') await ask('subscribe', ["tm.event='Tx'"]);
        const given = asList ? entries.map(([, json]) => json) : Object.fromEntries(entries);
        assert.deepEqual((await ask(name, given)).result, {}, name);
      }
    }
    assertMissing(await ask('subscribe', {}));
    assert.deepEqual((await ask('health', [])).result, {}, 'other routes are there, too');
    socket.terminate();
  });

  function assertMissing({ error }: Recorded): void {
    assert.deepEqual([error.code, error.data], [-32602, 'parameter query is missing']);
  }
});
