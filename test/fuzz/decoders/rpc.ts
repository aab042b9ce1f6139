/** JSON-RPC: bodies, URIs and WebSocket messages, and the language of queries. */
import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import type { WebSocket } from 'ws';
import { toBase64, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { Access } from '../../../node/base/http-access.ts';
import { LoopShare } from '../../../node/base/loop-share.ts';
import { WaitingPlaces } from '../../../node/base/waiting-places.ts';
import { Dispatcher } from '../../../node/rpc/dispatch.ts';
import { RpcError } from '../../../node/rpc/errors.ts';
import { matchesTags, parseQuery } from '../../../node/rpc/query/query.ts';
import { rpcMethods } from '../../../node/rpc/server.ts';
import { HttpHandler } from '../../../node/rpc/transport/http.ts';
import { SocketClient } from '../../../node/rpc/transport/socket.ts';
import { recorded } from '../../unit/rpc/recorded.ts';
import { bendJson, bendWords, textOf } from '../bend-text.ts';
import { verdictOf, type Decoder, type NamedDecoder } from '../decoder.ts';
import { recordedTxs } from '../tx-inputs.ts';
import { ask, clientsBackend, Faults } from './clients.ts';
import { EVIDENCE_JSON } from './evidence-json.ts';

const TX = toBase64(recordedTxs()[0]!);
const HASH = toBase64(new Uint8Array(32));
const PARAMS: readonly (readonly [string, unknown])[] = [
  ['abci_query', { path: '/store/bank/key', data: 'aa', height: '2', prove: true }],
  ['block', { height: '5' }],
  ['block_by_hash', { hash: HASH }],
  ['block_results', ['5']],
  ['block_search', { query: 'block.height > 3', page: '1', per_page: '5', order_by: 'desc' }],
  ['blockchain', { minHeight: '1', maxHeight: '10' }],
  ['broadcast_tx_async', { tx: TX }],
  ['broadcast_tx_commit', { tx: TX }],
  ['broadcast_tx_sync', { tx: TX }],
  ['check_tx', { tx: TX }],
  ['broadcast_evidence', { evidence: EVIDENCE_JSON }],
  ['commit', { height: '7' }],
  ['consensus_params', { height: '7' }],
  ['genesis_chunked', { chunk: '0' }],
  ['header', { height: '7' }],
  ['header_by_hash', { hash: HASH }],
  ['tx', { hash: HASH, prove: true }],
  ['tx_search', { query: 'app.key EXISTS AND tx.height > 3', prove: true, page: '1' }],
  ['unconfirmed_txs', { limit: '5' }],
  ['validators', { height: '5', page: '1', per_page: '3' }],
  ...['health', 'status', 'net_info', 'abci_info', 'dump_consensus_state'].map(
    (name) => [name, {}] as const,
  ),
  ['subscribe', { query: "tm.event='Tx'" }],
  ['unsubscribe', { query: "tm.event='Tx'" }],
  ['unsubscribe_all', {}],
];

const FOLDER = new URL('../../vectors/comet-rpc-v0_38/outgoing', import.meta.url);
const RECORDED = readdirSync(FOLDER).map((name) => {
  return JSON.stringify(recorded('outgoing', name.replace('.json', '')));
});
const BODIES = [
  ...RECORDED,
  ...PARAMS.map(([method, params]) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })),
].map(utf8);

const KNOWN_CODES = new Set([-32700, -32600, -32601, -32602, -32603, -32000]);

/** What an answer says, in short. Throws when it is no answer of JSON-RPC. */
function outcomeOf(text: string): string {
  if (text === '') return 'nothing';
  const reply = JSON.parse(text) as { error?: { code: number }; result?: unknown };
  if (Array.isArray(reply)) return `batch of ${reply.length}`;
  if (reply.error === undefined) {
    if (!('result' in reply))
      throw new TypeError(`neither result nor error: ${text.slice(0, 200)}`);
    return 'taken';
  }
  if (!KNOWN_CODES.has(reply.error.code)) throw new TypeError(`code ${reply.error.code}`);
  return String(reply.error.code);
}

async function bodies(): Promise<Decoder> {
  const { backend } = await clientsBackend();
  const faults = new Faults();
  const handler = handlerOf(new Dispatcher(rpcMethods(backend), faults.logger));
  const judge = async (body: Bytes): Promise<string> => {
    const { status, text } = await ask(handler, { method: 'POST', url: '/', body });
    faults.check();
    if (![200, 400, 413].includes(status)) throw new TypeError(`status ${status}`);
    return `${status} ${outcomeOf(text)}`;
  };
  return { name: 'JSON-RPC body', seeds: BODIES, bend: bendJson, judge };
}

function handlerOf(dispatcher: Dispatcher): HttpHandler {
  const access = new Access({ allowedHosts: ['*'], corsOrigins: [] });
  return new HttpHandler(dispatcher, access, new WaitingPlaces(new LoopShare(), 'localhost'));
}

const URIS = ['/status', '/block?height=5', '/block?height="5"', '/tx?hash=0xAA&prove=true']
  .concat([`/abci_query?path="/store/bank/key"&data=0x61&height=2&prove=true`, '/', '/subscribe'])
  .concat([`/tx_search?query="app.key='a'"&page=1&per_page=5&order_by="asc"`, '/validators?page=1'])
  .concat([
    `/broadcast_tx_sync?tx=0xaabb`,
    `/broadcast_tx_commit?tx="name=satoshi"`,
    '/health?a=1',
  ]);
const URI_WORDS = ['?', '&', '=', '%', '%00', '%ff', '%2f', '..', '0x', '"', '\\', '#', '+', '//']
  .concat([
    'height=',
    'prove=',
    'true',
    '-1',
    '0',
    '9007199254740993',
    'query=',
    'AND',
    '__proto__',
  ])
  .concat(['/block', '/tx', '/constructor', '/abci_query', "'", 'EXISTS', '\u00e9']);

async function uris(): Promise<Decoder> {
  const { backend } = await clientsBackend();
  const faults = new Faults();
  const handler = handlerOf(new Dispatcher(rpcMethods(backend), faults.logger));
  const judge = async (input: Bytes): Promise<string> => {
    const url = Buffer.from(input).toString('latin1');
    const { status, text } = await ask(handler, { method: 'GET', url, body: new Uint8Array(0) });
    faults.check();
    if (![200, 404, 405, 500].includes(status)) throw new TypeError(`status ${status}`);
    return status === 405 ? '405' : `${status} ${outcomeOf(text)}`;
  };
  return { name: 'JSON-RPC URI', seeds: URIS.map(utf8), bend: bendWords(URI_WORDS), judge };
}

/** As much of a WebSocket as its client uses. */
class SilentSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  readonly sent: string[] = [];

  send(text: string, done?: () => void): void {
    this.sent.push(text);
    done?.();
  }

  close(): void {
    this.emit('close');
  }

  ping(): void {}
  cork(): void {}
  write(): boolean {
    return true;
  }
  uncork(): void {}
  pause(): void {}
  resume(): void {}
}

async function socketMessages(): Promise<Decoder> {
  const { backend } = await clientsBackend();
  const faults = new Faults();
  const dispatcher = new Dispatcher(rpcMethods(backend), faults.logger);
  const deps = { dispatcher, bus: backend.bus, admitSubscriber: () => undefined };
  const judge = async (input: Bytes): Promise<string> => {
    const socket = new SilentSocket();
    const client = new SocketClient(socket as unknown as WebSocket, {
      ...deps,
      stream: socket,
      pingMs: 1e9,
      pongMs: 1e9,
    });
    socket.emit('message', Buffer.from(input), false);
    // The answer of a method that waits, if there is one, is behind a search or a timer.
    for (let i = 0; i < 3 && socket.sent.length === 0; i++) await new Promise(setImmediate);
    const subscribed = client.subscribed ? 'subscribed ' : '';
    socket.close();
    faults.check();
    return subscribed + outcomeOf(socket.sent[0] ?? '');
  };
  return { name: 'WebSocket message', seeds: BODIES, bend: bendJson, judge };
}

const QUERIES = ["tm.event='Tx'", "a.b='c' AND d.e > 5 AND f EXISTS", "a.b CONTAINS 'x'"]
  .concat(['tx.height >= 5', 'a.t > TIME 2013-05-03T14:45:00Z', 'a.d <= DATE 2013-05-03'])
  .concat(["account.name='élan'", 'a.b=5.25']);
const QUERY_WORDS = ['AND', ' AND ', 'CONTAINS', 'EXISTS', 'TIME ', 'DATE ', '=', '<', '>', '<=']
  .concat(["'", "''", '"', '.', '-', '_', ' ', '\t', '\n', '(', ')', '*', '%', '\\', '\u0000'])
  .concat(['2013-05-03T14:45:00+24:61', '9999-99-99', '1e9', '007', '1.', '.5', '𝔸', '\ufeff'])
  .concat(['a'.repeat(300), '9'.repeat(300)]);
const TAGS = new Map([
  ['tm.event', ['Tx', '']],
  ['a.b', ['c', '5', '5.5stake', '2013-05-03T14:45:00Z', '9'.repeat(300)]],
]);

/** What is read must be read the same from its normal form, and match without failing. */
function judgeQuery(input: Bytes): string {
  return verdictOf(() => {
    const query = parseQuery(textOf(input));
    if (parseQuery(query.text).text !== query.text) throw new TypeError('another normal form');
    matchesTags(query, TAGS);
  }, RpcError);
}

export const RPC: readonly NamedDecoder[] = [
  { name: 'JSON-RPC body', make: bodies },
  { name: 'JSON-RPC URI', make: uris },
  { name: 'WebSocket message', make: socketMessages },
  {
    name: 'query of events',
    make: () => ({
      name: 'query of events',
      seeds: QUERIES.map(utf8),
      bend: bendWords(QUERY_WORDS),
      judge: judgeQuery,
    }),
  },
];
