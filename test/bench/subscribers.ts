/** WebSocket clients that subscribe and count what they get, all in a process of their own. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

interface Order {
  readonly url: string;
  readonly clients: number;
  readonly query: string;
}

/** What a client has got: the least and the most of all of them. */
export interface Counted {
  readonly least: number;
  readonly most: number;
  readonly all: number;
}

export class Subscribers {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when all have subscribed. */
  static async start(order: Order): Promise<Subscribers> {
    const child = fork(fileURLToPath(import.meta.url), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const answered = answer(child);
    child.send(order);
    await answered;
    return new Subscribers(child);
  }

  /** Ends them; answers what they got until then. */
  async stop(): Promise<Counted> {
    const answered = answer(this.#child);
    this.#child.send('stop');
    const counted = (await answered) as Counted;
    this.#child.kill();
    return counted;
  }
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the subscribers ended with code ${code}`)));
  });
}

function subscribe({ url, query }: Order, counts: number[], index: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/websocket`);
    const body = { jsonrpc: '2.0', id: index, method: 'subscribe', params: { query } };
    socket.once('open', () => socket.send(JSON.stringify(body)));
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`a subscriber was closed with ${code}`)));
    socket.once('message', () => {
      socket.on('message', () => (counts[index] = (counts[index] ?? 0) + 1));
      resolve(socket);
    });
  });
}

async function run(order: Order): Promise<void> {
  const counts = Array.from({ length: order.clients }, () => 0);
  const sockets = await Promise.all(counts.map((_, index) => subscribe(order, counts, index)));
  process.send?.('ready');
  process.once('message', () => {
    for (const socket of sockets) socket.terminate();
    const all = counts.reduce((sum, count) => sum + count, 0);
    const counted: Counted = { least: Math.min(...counts), most: Math.max(...counts), all };
    process.send?.(counted);
  });
}

// Only as the process that `Subscribers.start` makes is there somebody to report to.
if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', (order) => {
    run(order as Order).catch((error: unknown) => {
      console.error(String(error));
      process.exit(1);
    });
  });
}
