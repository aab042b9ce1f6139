/** JSON-RPC over HTTP: POST on /, GET on /method?name=value. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_RPC_BODY_BYTES } from '../../base/limits.ts';
import { TOO_MANY_OF_CALLER, TOO_MANY_WAIT } from '../../base/loop-share.ts';
import { failure, type Dispatcher, type Reply } from '../dispatch.ts';
import { INVALID_REQUEST, METHOD_NOT_FOUND, RpcError, SERVER_ERROR } from '../errors.ts';
import type { RequestId } from '../method.ts';
import { argsFromUri } from '../params.ts';
import type { Access } from '../../base/http-access.ts';
import { UnreadAnswers } from '../../base/unread-answers.ts';
import type { WaitingPlaces } from '../../base/waiting-places.ts';

/** CometBFT's id of answers to GET requests, which carry none. */
const URI_ID = -1;

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, OPTIONS',
  'Access-Control-Allow-Headers': 'Accept, Content-Type, Origin, X-Requested-With',
  'Access-Control-Max-Age': '600',
};

/** What a proxy in front may keep for a day: nothing that is decided changes. */
const LASTING = { 'Cache-Control': 'public, max-age=86400' };

export class HttpHandler {
  readonly #dispatcher: Dispatcher;
  readonly #access: Access;
  readonly #places: WaitingPlaces;
  readonly #unread: UnreadAnswers;

  constructor(
    dispatcher: Dispatcher,
    access: Access,
    places: WaitingPlaces,
    unread = new UnreadAnswers(),
  ) {
    this.#dispatcher = dispatcher;
    this.#access = access;
    this.#places = places;
    this.#unread = unread;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '/' } = request;
    if (!this.#access.hostAllowed(headers)) {
      this.#refuse(request, response, 403, 'host is not allowed');
      return;
    }
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (method === 'POST' && path === '/') this.#post(request, response);
    else if (method === 'OPTIONS') this.#send(response, 204, '', PREFLIGHT);
    else if (path === '/') this.#wrongMethod(request, response, 'POST', this.#listOfMethods());
    else this.#uri(request, response, path.slice(1), mark < 0 ? '' : url.slice(mark + 1));
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      this.#refuse(request, response, 415, 'compressed requests are not accepted');
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_RPC_BODY_BYTES) chunks.push(chunk);
      else if (!response.headersSent) {
        this.#refuse(request, response, 413, `body is larger than ${MAX_RPC_BODY_BYTES} bytes`);
      }
    });
    request.on('end', () => {
      if (size > MAX_RPC_BODY_BYTES) return;
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      this.#inTurn(request, response, null, () => this.#answer(request, response, body.toString()));
    });
    // A client that goes away in the middle of its body needs no answer.
    request.on('error', () => undefined);
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const reply = this.#dispatcher.handle(body);
    const answer = ({ understood, text }: Reply): void =>
      this.#send(response, understood ? 200 : 400, text);
    if (reply instanceof Promise) void reply.then(answer);
    else answer(reply);
  }

  #uri(request: IncomingMessage, response: ServerResponse, name: string, query: string): void {
    const method = this.#dispatcher.method(name);
    if (!method || method.socketOnly) {
      const text = failure(URI_ID, new RpcError(METHOD_NOT_FOUND, 'no such method over GET'));
      this.#send(response, 404, text);
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      this.#wrongMethod(request, response, 'GET, HEAD', '');
      return;
    }
    let args: object = {};
    const read = (): object => (args = argsFromUri(method.params, new URLSearchParams(query)));
    const answer = ({ text, failed }: { text: string; failed: boolean }): void => {
      const headers = !failed && method.lasts(args) ? LASTING : {};
      this.#send(response, failed ? 500 : 200, text, headers);
    };
    this.#inTurn(request, response, URI_ID, () => {
      const outcome = this.#dispatcher.call(method, { id: URI_ID }, read);
      if (outcome instanceof Promise) void outcome.then(answer);
      else answer(outcome);
    });
  }

  /** GET / is for people: the answer lists what there is. */
  #listOfMethods(): string {
    const names = this.#dispatcher.names();
    const links = names.map((name) => `<li><a href="/${name}">${name}</a></li>`);
    return `<!doctype html><title>RPC</title><p>POST JSON-RPC 2.0 here, or GET:<ul>${links.join('')}</ul>`;
  }

  #wrongMethod(
    request: IncomingMessage,
    response: ServerResponse,
    allow: string,
    page: string,
  ): void {
    this.#send(response, 405, page, { Allow: allow, 'Content-Type': 'text/html' });
  }

  #inTurn(
    request: IncomingMessage,
    response: ServerResponse,
    id: RequestId | null,
    work: () => void,
  ): void {
    const refuse = (status: number, why: string) => (): void => {
      const text = failure(id, new RpcError(SERVER_ERROR, why));
      this.#send(response, status, text, { 'Retry-After': '1' });
    };
    this.#places.run(request.socket, work, {
      ofCaller: refuse(429, TOO_MANY_OF_CALLER),
      ofAll: refuse(503, TOO_MANY_WAIT),
    });
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    reason: string,
  ): void {
    const text = failure(null, new RpcError(INVALID_REQUEST, reason));
    this.#send(response, status, text, { Connection: 'close' });
    request.resume();
  }

  #send(
    response: ServerResponse,
    status: number,
    text: string,
    headers: Record<string, string> = {},
  ): void {
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      'X-Content-Type-Options': 'nosniff',
      ...this.#access.corsHeaders(response.req.headers),
      ...headers,
    });
    response.end(text);
    this.#unread.watch(response);
  }
}
