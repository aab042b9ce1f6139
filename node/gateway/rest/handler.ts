/** One REST request: from the URL and the body to the method's request, and from its answer to JSON. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../../base/http-access.ts';
import type { Bytes } from '../../base/bytes.ts';
import { MAX_RPC_BODY_BYTES } from '../../base/limits.ts';
import { clientShare } from '../../base/loop-share.ts';
import { UnreadAnswers } from '../../base/unread-answers.ts';
import { overloaded, type Calls } from '../calls.ts';
import { requestOf, type FieldTexts } from '../json/from-fields.ts';
import { BodyReader } from '../json/from-json.ts';
import { snakeCase, toJson, type Json } from '../json/to-json.ts';
import { badRequest, GatewayError, NOT_FOUND, UNIMPLEMENTED } from '../status.ts';
import type { ClientRates } from '../client-rates.ts';
import type { Match, Router } from './router.ts';

const HEIGHT_HEADERS = ['x-cosmos-block-height', 'grpc-metadata-x-cosmos-block-height'];
/** How long the client waits, as gRPC writes it; the SDK's gateway reads it, too. */
const TIMEOUT_HEADER = 'grpc-timeout';

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, OPTIONS',
  'Access-Control-Allow-Headers':
    'Accept, Content-Type, Origin, X-Requested-With, X-Cosmos-Block-Height',
  'Access-Control-Max-Age': '600',
};

interface Reply {
  readonly status: number;
  readonly body: Json | object;
  readonly headers: Record<string, string>;
}

/** Answers that never change, by path. */
export type Documents = ReadonlyMap<string, object>;

export interface RestParts {
  readonly calls: Calls;
  readonly router: Router;
  readonly access: Access;
  readonly rates: ClientRates;
  readonly documents?: Documents | undefined;
  readonly unread?: UnreadAnswers;
}

export class RestHandler {
  readonly #calls: Calls;
  readonly #router: Router;
  readonly #access: Access;
  readonly #rates: ClientRates;
  readonly #documents: Documents;
  readonly #bodies = new BodyReader();
  readonly #unread: UnreadAnswers;

  constructor(parts: RestParts) {
    const { calls, router, access, rates } = parts;
    const { documents = new Map(), unread = new UnreadAnswers() } = parts;
    this.#unread = unread;
    this.#calls = calls;
    this.#router = router;
    this.#access = access;
    this.#rates = rates;
    this.#documents = documents;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = request;
    if (!this.#access.hostAllowed(headers)) {
      this.#cutOff(request, response, { status: 403, why: 'host is not allowed' });
    } else if (method === 'OPTIONS') {
      this.#send(request, response, { status: 204, body: null, headers: PREFLIGHT });
    } else if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      const why = 'compressed requests are not accepted';
      this.#cutOff(request, response, { status: 415, why });
    } else {
      this.#read(request, response);
    }
  }

  #read(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_RPC_BODY_BYTES) chunks.push(chunk);
      else if (!response.headersSent) {
        const why = `body is larger than ${MAX_RPC_BODY_BYTES} bytes`;
        this.#cutOff(request, response, { status: 413, why });
      }
    });
    request.on('end', () => {
      if (size > MAX_RPC_BODY_BYTES) return;
      const body = Buffer.concat(chunks).toString();
      const send = (reply: Reply): void => this.#send(request, response, reply);
      const tooOften = this.#rates.refusal(request.socket.remoteAddress);
      if (tooOften) return send(refused(tooOften));
      clientShare.run(
        () => void this.#answer(request, body).then(send),
        () => send(refused(overloaded())),
      );
    });
    // A client that goes away in the middle of its body needs no answer.
    request.on('error', () => undefined);
  }

  async #answer(request: IncomingMessage, body: string): Promise<Reply> {
    const { url = '/', method = 'GET' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    try {
      const verb = method === 'HEAD' ? 'GET' : method;
      const document = this.#documents.get(path);
      if (document !== undefined && verb === 'GET')
        return { status: 200, body: document, headers: {} };
      if (document !== undefined) throw new GatewayError(UNIMPLEMENTED, 'Method Not Allowed');
      const match = this.#router.find(verb, path);
      if (match === undefined) throw unknownPath(path);
      if (match === 'wrong-verb') throw new GatewayError(UNIMPLEMENTED, 'Method Not Allowed');
      const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
      return await this.#call(match, request, {
        query,
        body: verb === 'POST' ? body : '',
      });
    } catch (error) {
      return refused(this.#calls.known(error, path));
    }
  }

  async #call(
    match: Match,
    { headers }: IncomingMessage,
    { query, body }: { query: URLSearchParams; body: string },
  ): Promise<Reply> {
    const found = this.#calls.method(match.method);
    if (!found) throw new GatewayError(UNIMPLEMENTED, `unknown method ${match.method}`);
    const { request, response, path } = found;
    const asked = (): Bytes => {
      const fields = new Map<string, readonly string[]>();
      for (const [name, text] of query) fields.set(name, [...(fields.get(name) ?? []), text]);
      merge(fields, match.fields);
      return request.encode(requestOf(request, fields)).finish();
    };
    // A body is the whole request.
    const bytes = body === '' ? asked() : this.#bodies.read(path, body);
    const answer = await this.#calls.call(path, bytes, heightOf(headers), withinMs(headers));
    const message = response.decode(answer.value);
    const json = toJson(response, message, (typeUrl) => this.#calls.type(typeUrl));
    const at = String(answer.height);
    const names = { 'X-Cosmos-Block-Height': at, 'Grpc-Metadata-X-Cosmos-Block-Height': at };
    return { status: 200, body: json, headers: names };
  }

  #cutOff(
    request: IncomingMessage,
    response: ServerResponse,
    { status, why }: { status: number; why: string },
  ): void {
    const { body } = refused(badRequest(why));
    this.#send(request, response, { status, body, headers: { Connection: 'close' } });
    request.resume();
  }

  #send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
    const text = reply.status === 204 ? '' : JSON.stringify(reply.body);
    response.writeHead(reply.status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      'X-Content-Type-Options': 'nosniff',
      'Access-Control-Expose-Headers': 'X-Cosmos-Block-Height',
      ...this.#access.corsHeaders(request.headers),
      ...reply.headers,
    });
    response.end(text);
    this.#unread.watch(response);
  }
}

/** What stands in the path wins over the query. */
function merge(fields: Map<string, readonly string[]>, more: FieldTexts): void {
  for (const [name, texts] of more) {
    for (const known of fields.keys()) {
      if (snakeCase(known) === snakeCase(name)) fields.delete(known);
    }
    fields.set(name, texts);
  }
}

/** A word such as v1 or v1beta1 makes it the path of a module, which other chains may have. */
const OF_A_MODULE = /^\/.+\/v\d+(?:(?:alpha|beta)\d+)?(?:\/|$)/;

/** Wallets find out by 501 that a module is not there; 404 they take for a broken node. */
function unknownPath(path: string): GatewayError {
  if (OF_A_MODULE.test(path)) return new GatewayError(UNIMPLEMENTED, 'Not Implemented');
  return new GatewayError(NOT_FOUND, 'Not Found');
}

function refused(error: GatewayError): Reply {
  const { code, message, httpStatus, retrySeconds } = error;
  const headers: Record<string, string> =
    retrySeconds === undefined ? {} : { 'Retry-After': String(retrySeconds) };
  return { status: httpStatus, body: { code, message, details: [] }, headers };
}

/** 0 when the client does not say. Throws GatewayError. */
function heightOf(headers: IncomingHttpHeaders): number {
  const text = HEIGHT_HEADERS.map((name) => headers[name]).find((value) => value !== undefined);
  return text === undefined ? 0 : readHeight(String(text));
}

const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Milliseconds; without bounds when the client does not say. Throws GatewayError. */
function withinMs(headers: IncomingHttpHeaders): number {
  const text = headers[TIMEOUT_HEADER];
  if (text === undefined) return Infinity;
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(text)) ?? [];
  if (digits === undefined) throw badRequest(`invalid ${TIMEOUT_HEADER}`);
  return Number(digits) * (UNITS[unit] as number);
}

/** Throws GatewayError. */
export function readHeight(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(`invalid height in x-cosmos-block-height: ${text.slice(0, 50)}`);
  }
  return Number(text);
}
