/** GET /metrics over plain HTTP, nothing else. */
import { createServer, type Server } from 'node:http';
import { EXIT_IO, ExitError, systemCode } from '../base/exit.ts';

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

export class MetricsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with ExitError 74 when the port is taken. */
  static async start(source: MetricsSource, host: string, port: number): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      source.text().then(
        (text) => response.writeHead(200, { 'content-type': source.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(portError(error, host, port)));
      server.listen(port, host, resolve);
    });
    return new MetricsServer(server);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function portError(error: unknown, host: string, port: number): unknown {
  const code = systemCode(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EACCES' ? 'may not be used' : 'is in use';
  return new ExitError(EXIT_IO, `port ${port} on ${host} (metrics) ${why}`, { cause: error });
}
