/** The RPC server: CometBFT 0.38 JSON-RPC over HTTP and WebSocket on one port. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import * as limits from '../base/limits.ts';
import { clientShare } from '../base/loop-share.ts';
import { silentLogger, type Logger } from '../base/service.ts';
import type { Backend } from './backend.ts';
import { Dispatcher } from './dispatch.ts';
import { refused } from './errors.ts';
import type { Methods } from './method.ts';
import { EventBus } from './event-bus.ts';
import { applicationMethods, subscriptionMethods } from './methods/application.ts';
import { blockMethods } from './methods/blocks.ts';
import { broadcastMethods } from './methods/broadcast.ts';
import { nodeMethods } from './methods/node.ts';
import { searchMethods } from './methods/search.ts';
import { Access, hostsFor, type AccessOptions } from '../base/http-access.ts';
import { WaitingPlaces } from '../base/waiting-places.ts';
import { HttpHandler } from './transport/http.ts';
import { SocketClient } from './transport/socket.ts';

export interface RpcOptions extends AccessOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly requestTimeoutMs: number;
  readonly commitTimeoutMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  /** Clients that may have subscriptions at once. */
  readonly maxSubscriptionClients: number;
}

export type RpcDeps = Omit<Backend, 'bus' | 'commitTimeoutMs'> & { readonly logger?: Logger };

const GOING_AWAY = 1001;

/** Everything that can be called. */
export function rpcMethods(backend: Backend): Methods {
  return {
    ...nodeMethods(backend),
    ...blockMethods(backend),
    ...searchMethods(backend),
    ...broadcastMethods(backend),
    ...applicationMethods(backend),
    ...subscriptionMethods(),
  };
}

function withDefaults(options: Partial<RpcOptions>): RpcOptions {
  const host = options.host ?? '127.0.0.1';
  return {
    port: 26657,
    allowedHosts: hostsFor(host, []),
    corsOrigins: [],
    requestTimeoutMs: limits.RPC_REQUEST_TIMEOUT_MS,
    commitTimeoutMs: limits.BROADCAST_COMMIT_TIMEOUT_MS,
    pingMs: limits.SOCKET_PING_MS,
    pongMs: limits.SOCKET_PONG_MS,
    maxSubscriptionClients: limits.DEFAULT_SUBSCRIPTION_CLIENTS,
    ...options,
    host,
  };
}

export class RpcServer {
  /** Publish committed blocks and consensus steps here. */
  readonly bus = new EventBus();
  readonly #options: RpcOptions;
  readonly #dispatcher: Dispatcher;
  readonly #access: Access;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #clients = new Set<SocketClient>();

  constructor(options: Partial<RpcOptions>, deps: RpcDeps) {
    this.#options = withDefaults(options);
    const { commitTimeoutMs } = this.#options;
    const backend: Backend = { ...deps, bus: this.bus, commitTimeoutMs };
    this.#dispatcher = new Dispatcher(rpcMethods(backend), deps.logger ?? silentLogger);
    this.#access = new Access(this.#options);
    this.#server = this.#createHttpServer();
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.MAX_RPC_BODY_BYTES,
      perMessageDeflate: false,
    });
  }

  /** Resolves with the port that is listened on. */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** WebSocket clients that are connected now. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Says goodbye to WebSocket clients; those that do not answer soon are cut off. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const sockets = [...this.#sockets.clients];
    for (const socket of sockets) socket.close(GOING_AWAY, 'the node stops');
    const cutOff = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, limits.SOCKET_GOODBYE_MS);
    this.#server.closeIdleConnections();
    await Promise.all(sockets.map(gone));
    clearTimeout(cutOff);
    this.#server.closeAllConnections();
    await closed;
  }

  #createHttpServer(): Server {
    const { host, requestTimeoutMs } = this.#options;
    const places = new WaitingPlaces(clientShare, host);
    const handler = new HttpHandler(this.#dispatcher, this.#access, places);
    const server = createServer(
      {
        maxHeaderSize: limits.MAX_RPC_HEADER_BYTES,
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
        keepAliveTimeout: limits.RPC_KEEP_ALIVE_MS,
        noDelay: true,
        // Java's client and curl offer HTTP/2 with plain requests, which are answered all the same.
        shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
      },
      (request, response) => handler.handle(request, response),
    );
    server.maxConnections = limits.MAX_RPC_CONNECTIONS;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    return server;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { headers, url = '' } = request;
    const allowed = this.#access.hostAllowed(headers) && this.#access.originAllowed(headers);
    const path = url.split('?', 1)[0];
    if (!allowed || path !== '/websocket') {
      const status = allowed ? '404 Not Found' : '403 Forbidden';
      // The HTTP server has let go of the socket: a client that breaks off would end the process.
      socket.on('error', () => undefined);
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#connected(client, socket));
  }

  #connected(socket: WebSocket, stream: Duplex): void {
    const { pingMs, pongMs } = this.#options;
    const client = new SocketClient(socket, {
      stream,
      dispatcher: this.#dispatcher,
      bus: this.bus,
      admitSubscriber: (candidate) => this.#admitSubscriber(candidate),
      pingMs,
      pongMs,
    });
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
  }

  #admitSubscriber(candidate: SocketClient): void {
    if (candidate.subscribed) return;
    let subscribed = 0;
    for (const client of this.#clients) if (client.subscribed) subscribed++;
    const most = this.#options.maxSubscriptionClients;
    if (subscribed >= most) throw refused(`max_subscription_clients ${most} reached`);
  }
}

function gone(socket: WebSocket): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
