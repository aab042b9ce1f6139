/** REST and gRPC: URLs, bodies, frames, and what reflection is asked. */
import { connect } from 'node:http2';
import { concat, toBase64, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { Access } from '../../../node/base/http-access.ts';
import { Calls } from '../../../node/gateway/calls.ts';
import { ClientRates } from '../../../node/gateway/client-rates.ts';
import type { Method } from '../../../node/gateway/expected.ts';
import { Reflection } from '../../../node/gateway/grpc/reflection.ts';
import { GrpcServer } from '../../../node/gateway/grpc/server.ts';
import { ANY_TYPES } from '../../../node/gateway/json/any-types.ts';
import { RestHandler } from '../../../node/gateway/rest/handler.ts';
import { Router } from '../../../node/gateway/rest/router.ts';
import { ROUTES } from '../../../node/gateway/rest/routes.ts';
import { ProtoWriter } from '../../../node/base/proto-writer.ts';
import { callGrpc, frameOf } from '../../support/grpc.ts';
import type { Random } from '../../simulation/random.ts';
import { bendBytes, bendMessage, type Bend } from '../bend-proto.ts';
import { bendJson, bendWords } from '../bend-text.ts';
import { TAKEN, verdictOf, type Decoder, type NamedDecoder } from '../decoder.ts';
import { recordedTxs } from '../tx-inputs.ts';
import { named, split } from './application.ts';
import { ALICE, filledBytes, schemaOf } from './chain.ts';
import { ask, clientsBackend, Faults } from './clients.ts';

async function calls(faults: Faults): Promise<Calls> {
  const { app, backend, methods } = await clientsBackend();
  const queries = {
    methods: [...(app.registry.queries() as readonly object[] as readonly Method[]), ...methods],
    query: backend.app.query,
    tip: () => app.info().height,
    isSyncing: () => false,
    type: (typeUrl: string) => ANY_TYPES.get(typeUrl),
  };
  return new Calls(queries, faults.logger);
}

const TX = toBase64(recordedTxs()[0]!);
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/denom/, 'uscale'],
  [/height/, '3'],
  [/hash/, '0'.repeat(64)],
  [/addr|granter|grantee|account/, ALICE],
];

const pathOf = (template: string): string =>
  template.replace(/\{([^}=]+)[^}]*\}/g, (_, name: string) => {
    return PLACES.find(([pattern]) => pattern.test(name))?.[1] ?? '1';
  });

/** The first line of a request, a zero byte, and its body. */
const requestsOf = (calls: Calls): readonly Bytes[] => [
  ...ROUTES.filter(({ verb, method }) => verb === 'GET' && calls.method(method)).flatMap(
    ({ template }) => [
      named(`GET ${pathOf(template)}`, new Uint8Array(0)),
      named(
        `GET ${pathOf(template)}?pagination.limit=5&pagination.key=AAAA&pagination.reverse=true`,
        new Uint8Array(0),
      ),
    ],
  ),
  named("GET /cosmos/tx/v1beta1/txs?query=a.b='c'&order_by=ORDER_BY_DESC", new Uint8Array(0)),
  named('POST /cosmos/tx/v1beta1/simulate', utf8(`{"tx_bytes":"${TX}"}`)),
  named('POST /cosmos/tx/v1beta1/txs', utf8(`{"tx_bytes":"${TX}","mode":"BROADCAST_MODE_SYNC"}`)),
];
const WORDS = [
  '?',
  '&',
  '=',
  '%',
  '%00',
  '%ff',
  '%2f',
  '..',
  '..%2f',
  '//',
  '/',
  '+',
  '#',
  '{',
  '}',
]
  .concat(['pagination.limit=', 'pagination.key=', 'pagination.offset=1', '-1', '1e3', '__proto__'])
  .concat(['pagination.count_total=true', '18446744073709551616', 'by_denom', 'height', '\u00e9'])
  .concat(['order_by=', 'constructor=1', 'a.b.c=1', '.=1', 'PUT ', 'POST ', ALICE.slice(0, 20)]);

const bendLine = bendWords(WORDS);
const bendRequest: Bend = (input, random) => {
  const [line, body] = split(input);
  if (body.length > 0 && random.below(3) > 0) return named(line, bendJson(body, random));
  return concat(bentLine(line, random), Uint8Array.of(0), body);
};

/** Mostly still a path that there is: a word of it or the query is bent. */
function bentLine(line: string, random: Random): Bytes {
  const kind = random.below(5);
  if (kind === 0) return bendLine(utf8(line), random);
  const mark = line.indexOf('?');
  const [path, query] = mark < 0 ? [line, 'a=1'] : [line.slice(0, mark), line.slice(mark + 1)];
  if (kind < 4) return concat(utf8(`${path}?`), bendLine(utf8(query), random));
  const words = path.split('/');
  const last = utf8(words.at(-1) ?? '');
  return concat(utf8(`${words.slice(0, -1).join('/')}/`), bendLine(last, random));
}

async function rest(): Promise<Decoder> {
  const faults = new Faults();
  const access = new Access({ allowedHosts: ['*'], corsOrigins: [] });
  const table = await calls(faults);
  const handler = new RestHandler({
    calls: table,
    router: new Router(ROUTES),
    access,
    rates: new ClientRates('127.0.0.1', 0),
  });
  const judge = async (input: Bytes): Promise<string> => {
    const [line, body] = split(input);
    const space = line.indexOf(' ');
    const method = line.slice(0, Math.max(space, 0)) || 'GET';
    const url = Buffer.from(line.slice(space + 1)).toString('latin1');
    const { status, text } = await ask(handler, { method, url, body });
    faults.check();
    const { code } = JSON.parse(text === '' ? '{}' : text) as { code?: number };
    if (status !== 200 && status !== 204 && typeof code !== 'number') throw new TypeError(text);
    return status === 200 ? TAKEN : `${status}/${code}`;
  };
  return { name: 'REST request', seeds: requestsOf(table), bend: bendRequest, judge };
}

/** Bends the message in its frame, or the frame. */
const bendFrame: Bend = (input, random: Random) => {
  const [path, frame] = split(input);
  if (random.below(3) === 0) return named(path, bendBytes(frame, random));
  return named(path, frameOf(bendMessage(frame.slice(5), random)));
};

/** Real HTTP/2 to a real server. */
async function grpc(): Promise<Decoder> {
  const faults = new Faults();
  const table = await calls(faults);
  const server = new GrpcServer({ host: '127.0.0.1', port: 0, requestsPerSecond: 0 }, table);
  const session = connect(`http://127.0.0.1:${await server.start()}`);
  const seeds = table.methods.flatMap(({ path, request }) => {
    const schema = schemaOf((request as { typeUrl?: string }).typeUrl ?? '');
    return schema ? [named(path, frameOf(filledBytes(schema, 0)))] : [];
  });
  const judge = async (input: Bytes): Promise<string> => {
    const [path, frame] = split(input);
    const { status } = await callGrpc(session, PATH.test(path) ? path : '/a.B/C', frame);
    faults.check();
    return status === 0 ? TAKEN : `status ${status}`;
  };
  const end = (): void => {
    session.destroy();
    server.stop();
  };
  return { name: 'gRPC frame', seeds, bend: bendFrame, judge, end };
}

const PATH = /^\/[\w.]+\/\w+$/;

const reflection = new Reflection(['cosmos.bank.v1beta1.Query']);
const QUESTIONS = [
  new ProtoWriter().string(1, 'host').string(7, '*').finish(),
  new ProtoWriter().string(3, 'cosmos/bank/v1beta1/query.proto').finish(),
  new ProtoWriter().string(4, 'cosmos.bank.v1beta1.Query').finish(),
  new ProtoWriter().bytes(5, Uint8Array.of(1)).finish(),
];

export const GATEWAY: readonly NamedDecoder[] = [
  { name: 'REST request', make: rest },
  { name: 'gRPC frame', make: grpc },
  {
    name: 'question to reflection',
    make: () => ({
      name: 'question to reflection',
      seeds: QUESTIONS,
      bend: bendMessage,
      judge: (input) => verdictOf(() => void reflection.answer(input)),
    }),
  },
];
