/** REST in the shape of the Cosmos SDK's gateway, over plain HTTP. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access, hostsFor } from '../../base/http-access.ts';
import {
  MAX_RPC_CONNECTIONS,
  MAX_RPC_HEADER_BYTES,
  RPC_KEEP_ALIVE_MS,
  RPC_REQUEST_TIMEOUT_MS,
} from '../../base/limits.ts';
import type { Calls } from '../calls.ts';
import { ClientRates } from '../client-rates.ts';
import { RestHandler, type Documents } from './handler.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';

/** How often connections are looked at for requests that do not arrive. */
const CHECK_MS = 1_000;

export interface RestOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly corsOrigins: readonly string[];
  /** Names under which clients may call; empty: only loopback's, or any behind a public address. */
  readonly allowedHosts: readonly string[];
  /** Of one address; 0: as client-rates.ts says. */
  readonly requestsPerSecond: number;
}

export class RestServer {
  readonly #options: RestOptions;
  readonly #server: Server;

  constructor(options: RestOptions, calls: Calls, documents?: Documents) {
    this.#options = options;
    const { host, corsOrigins, allowedHosts, requestsPerSecond } = options;
    const access = new Access({ corsOrigins, allowedHosts: hostsFor(host, allowedHosts) });
    const rates = new ClientRates(host, requestsPerSecond);
    const router = new Router(ROUTES);
    const handler = new RestHandler({ calls, router, access, rates, documents });
    this.#server = createServer(
      {
        maxHeaderSize: MAX_RPC_HEADER_BYTES,
        requestTimeout: RPC_REQUEST_TIMEOUT_MS,
        headersTimeout: RPC_REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: CHECK_MS,
        keepAliveTimeout: RPC_KEEP_ALIVE_MS,
        noDelay: true,
      },
      (request, response) => handler.handle(request, response),
    );
    this.#server.maxConnections = MAX_RPC_CONNECTIONS;
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

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
