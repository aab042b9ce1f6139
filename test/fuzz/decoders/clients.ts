/** Requests of clients without their sockets: what a server's handler does with each. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { silentLogger, type Logger } from '../../../node/base/service.ts';
import type { Application } from '../../../node/app/application.ts';
import { Mempool } from '../../../node/mempool/mempool.ts';
import { nodeMethods } from '../../../node/gateway-parts.ts';
import { queryApp } from '../../../node/query-app.ts';
import type { Backend } from '../../../node/rpc/backend.ts';
import { EventBus } from '../../../node/rpc/event-bus.ts';
import { Indexer } from '../../../node/rpc/index/indexer.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { testChain } from '../../unit/engine/chain-fixture.ts';
import { FakeBlocks, fakeView } from '../../unit/rpc/fake-node.ts';
import { recordedChain } from '../../unit/rpc/recorded.ts';
import { startedChain } from './chain.ts';

export interface Answered {
  readonly status: number;
  readonly text: string;
}

interface Handler {
  handle(request: IncomingMessage, response: ServerResponse): void;
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body: Uint8Array;
}

/** Hands a request to a server's handler and waits for its answer. */
export function ask(handler: Handler, { body, headers = {}, ...rest }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const incoming = Object.assign(new EventEmitter(), {
      ...rest,
      headers: { host: 'localhost', ...headers },
      socket: { remoteAddress: '127.0.0.1' },
      resume: () => undefined,
    });
    const answer = { status: 0, headersSent: false };
    const response = {
      req: incoming,
      get headersSent() {
        return answer.headersSent;
      },
      writeHead: (status: number) => {
        Object.assign(answer, { status, headersSent: true });
        return response;
      },
      // The kernel took it all.
      writableLength: 0,
      end: (text: string) => resolve({ status: answer.status, text }),
      on: () => response,
      once: () => response,
    };
    try {
      handler.handle(incoming as unknown as IncomingMessage, response as unknown as ServerResponse);
      if (body.length > 0) incoming.emit('data', Buffer.from(body));
      incoming.emit('end');
    } catch (error) {
      reject(error as Error);
    }
  });
}

/** A logger that remembers what no request may cause. */
export class Faults {
  #last: string | undefined;

  readonly logger: Logger = {
    ...silentLogger,
    error: (text: string, facts?: unknown) => {
      this.#last = `${text} ${JSON.stringify(facts)}`;
    },
  };

  /** Throws when an error was logged. */
  check(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined) throw new TypeError(last);
  }
}

export interface Clients {
  readonly app: Application;
  readonly backend: Backend;
  readonly methods: ReturnType<typeof nodeMethods>;
}

/** The application of a chain, recorded blocks, and the real parts between them and a client. */
export async function clientsBackend(): Promise<Clients> {
  const app = await startedChain();
  const blocks = new FakeBlocks(recordedChain());
  const indexer = new Indexer(new MemoryDb());
  await indexer.catchUp(blocks);
  const pool = new Mempool({ app, limits: { txs: 50, cache: 100 } });
  const { evidence, grow } = await testChain();
  await grow(3);
  const methods = nodeMethods({ app, node: fakeView(), blocks, indexer, pool });
  const backend: Backend = {
    blocks,
    node: fakeView(),
    app: queryApp(app, methods, indexer),
    pool,
    evidence,
    indexer,
    bus: new EventBus(),
    commitTimeoutMs: 0,
  };
  return { app, backend, methods };
}
