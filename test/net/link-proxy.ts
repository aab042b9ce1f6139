/**
 * Every pair of nodes reaches each other through here only: one listening port for each node and each peer it
 * dials. What a connection carries from a to b crosses the link a -> b whoever dialled, so that a fault in one
 * direction is a fault of all connections in that direction.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CLEAR, Link, type Conditions } from './link.ts';
import type { Random } from './random.ts';

const LOOPBACK = '127.0.0.1';

interface Connection {
  readonly nodes: readonly [number, number];
  readonly sockets: readonly Socket[];
  /** The port a node sees this connection come from. */
  readonly sourcePort: () => number | undefined;
}

const nameOf = (from: number, to: number): string => `${from}->${to}`;

export class LinkProxy {
  readonly #ports: readonly number[];
  readonly #links = new Map<string, Link>();
  readonly #doors = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  readonly #refused = new Set<string>();
  /** Times a node tried the address that it should not have. */
  detours = 0;
  /** Connections made, over the whole run. */
  made = 0;

  /** `ports` are where the nodes listen. */
  private constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  static async start(ports: readonly number[], random: Random): Promise<LinkProxy> {
    const proxy = new LinkProxy(ports);
    for (const from of ports.keys()) {
      for (const to of ports.keys()) {
        if (from === to) continue;
        proxy.#links.set(nameOf(from, to), new Link(random.fork()));
        const door = await proxy.#listen((socket) => proxy.#accept(from, to, socket));
        proxy.#doors.set(nameOf(from, to), door);
      }
    }
    return proxy;
  }

  /** The port at which `from` reaches `to`. */
  door(from: number, to: number): number {
    const port = this.#doors.get(nameOf(from, to));
    if (port === undefined) throw new Error(`no door for ${nameOf(from, to)}`);
    return port;
  }

  /** A port that lets nobody in and counts who tries. */
  shutDoor(): Promise<number> {
    return this.#listen((socket) => {
      this.detours += 1;
      socket.resetAndDestroy();
    });
  }

  link(from: number, to: number): Link {
    const link = this.#links.get(nameOf(from, to));
    if (link === undefined) throw new Error(`no link ${nameOf(from, to)}`);
    return link;
  }

  setAll(change: Partial<Conditions>): void {
    for (const link of this.#links.values()) link.set(change);
  }

  /** Both directions between members of different groups; a node in no group reaches everybody. */
  partition(...groups: readonly (readonly number[])[]): void {
    for (const here of groups) {
      for (const there of groups) {
        if (here === there) continue;
        for (const a of here) for (const b of there) this.link(a, b).set({ blocked: true });
      }
    }
  }

  /** Cuts what is there with a reset, and resets every new try, until healed. */
  disconnect(node: number): void {
    for (const other of this.#ports.keys()) {
      if (other === node) continue;
      this.#refused.add(nameOf(node, other)).add(nameOf(other, node));
    }
    this.cut((nodes) => nodes.includes(node));
  }

  /** Resets the connections that are chosen; they may be made again at once. Answers how many. */
  cut(isChosen: (nodes: readonly [number, number]) => boolean): number {
    const chosen = [...this.#connections].filter(({ nodes }) => isChosen(nodes));
    for (const { sockets } of chosen) for (const socket of sockets) socket.resetAndDestroy();
    return chosen.length;
  }

  heal(): void {
    this.#refused.clear();
    this.setAll(CLEAR);
  }

  /** The local ports of all connections that this proxy holds to nodes. */
  sourcePorts(): Set<number> {
    return new Set([...this.#connections].flatMap(({ sourcePort }) => sourcePort() ?? []));
  }

  async stop(): Promise<void> {
    this.cut(() => true);
    for (const server of this.#servers) {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }

  #listen(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer({ noDelay: true }, onSocket);
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
    });
  }

  #accept(from: number, to: number, inner: Socket): void {
    // A reset is an event like any other here; 'close' follows it.
    inner.on('error', () => undefined);
    if (this.#refused.has(nameOf(from, to))) {
      inner.resetAndDestroy();
      return;
    }
    const outer = connect({ port: this.#ports[to] as number, host: LOOPBACK, noDelay: true });
    outer.on('error', () => inner.resetAndDestroy());
    this.made += 1;
    const connection: Connection = {
      nodes: [from, to],
      sockets: [inner, outer],
      sourcePort: () => outer.localPort,
    };
    this.#connections.add(connection);
    for (const socket of connection.sockets) {
      socket.once('close', () => {
        if (inner.destroyed && outer.destroyed) this.#connections.delete(connection);
      });
    }
    this.link(from, to).join(inner, outer);
    this.link(to, from).join(outer, inner);
  }
}
