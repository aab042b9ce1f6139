/** Who may talk to the server: the Host header (against DNS rebinding) and browsers' origins (CORS). */
import type { IncomingHttpHeaders } from 'node:http';

export interface AccessOptions {
  /** Names of this server that requests may carry in Host, without port; ['*'] allows any. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may read answers; ['*'] for all, [] for none. */
  readonly corsOrigins: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export const isLoopback = (listen: string): boolean =>
  listen === '::1' || LOOPBACK.includes(listen);

/** Behind a public address the names are the operator's business; on loopback only loopback's are right. */
export function hostsFor(listen: string, chosen: readonly string[]): readonly string[] {
  if (chosen.length > 0) return chosen;
  return isLoopback(listen) ? LOOPBACK : ['*'];
}

export class Access {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor({ allowedHosts, corsOrigins }: AccessOptions) {
    this.#hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
    this.#origins = new Set(corsOrigins);
  }

  hostAllowed({ host = '' }: IncomingHttpHeaders): boolean {
    if (this.#hosts.has('*')) return true;
    return this.#hosts.has(withoutPort(host).toLowerCase());
  }

  /** Headers that let a page of an allowed origin read the answer. */
  corsHeaders({ origin }: IncomingHttpHeaders): Record<string, string> {
    if (origin === undefined || this.#origins.size === 0) return {};
    if (this.#origins.has('*')) return { 'Access-Control-Allow-Origin': '*' };
    const vary = { Vary: 'Origin' };
    if (!this.#origins.has(origin)) return vary;
    return { ...vary, 'Access-Control-Allow-Origin': origin };
  }

  /** WebSockets are not subject to CORS in browsers, so foreign pages are refused here. */
  originAllowed({ origin, host = '' }: IncomingHttpHeaders): boolean {
    if (origin === undefined || this.#origins.has('*') || this.#origins.has(origin)) return true;
    return origin === `http://${host}` || origin === `https://${host}`;
  }
}

function withoutPort(host: string): string {
  if (host.startsWith('[')) return host.slice(0, host.indexOf(']') + 1);
  const colon = host.indexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}
