/**
 * An RPC server on the index and the blocks of a folder, in a process of its own that has done nothing before. It
 * tells what it spends while it is asked, and how long anything else had to wait for its turn.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startFakeNode } from '../unit/rpc/fake-node.ts';
import { openChain } from './search-chain.ts';

export interface Spent {
  /** Processor time of the process, all threads, microseconds. */
  readonly cpuMicros: number;
  /** The longest work of its main thread between two ticks of a quick timer, in processor time. */
  readonly longestMs: number;
}

export class SearchServer {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(folder: string): Promise<SearchServer> {
    const child = fork(fileURLToPath(import.meta.url), [folder], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { port } = (await answer(child)) as { port: number };
    return new SearchServer(child, port);
  }

  /** What has been spent since this was asked last. */
  async spent(): Promise<Spent> {
    const answered = answer(this.#child);
    this.#child.send('spent');
    return (await answered) as Spent;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
  });
}

class Watch {
  #thread = process.threadCpuUsage();
  #all = process.cpuUsage();
  #longestMs = 0;

  constructor() {
    setInterval(() => this.#tick(), 1);
  }

  #tick(): void {
    const { user, system } = process.threadCpuUsage(this.#thread);
    this.#longestMs = Math.max(this.#longestMs, (user + system) / 1000);
    this.#thread = process.threadCpuUsage();
  }

  take(): Spent {
    const { user, system } = process.cpuUsage(this.#all);
    const spent = { cpuMicros: user + system, longestMs: this.#longestMs };
    this.#all = process.cpuUsage();
    this.#longestMs = 0;
    return spent;
  }
}

// Only as the process that `SearchServer.start` makes is there somebody to report to.
if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { reader, indexer } = await openChain(process.argv[2] ?? '');
  const { port } = await startFakeNode({}, { blocks: reader, indexer });
  const watch = new Watch();
  process.on('message', () => process.send?.(watch.take()));
  process.send({ port });
}
