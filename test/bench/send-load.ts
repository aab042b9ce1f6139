/**
 * The load of the bank sends: as much as the nodes take, or so many a second whatever they do. The sends of an
 * account go over one connection, in the order of their sequences.
 */
import { pause } from './local-network.ts';
import { BlockFeed, broadcastRequest, Line } from './send-client.ts';

const LINES_PER_NODE = 8;
const FULL_MS = 50;
const POLL_MS = 20;
const GIVE_UP_MS = 180_000;
/** Of transactions handed in and not yet in a block: the mempools hold 5,000. */
const MOST_OPEN = 4_000;

export interface Driven {
  readonly sends: number;
  readonly blocks: number;
  readonly seconds: number;
  /** Milliseconds from when a send was due at the client to when the client heard of its block. */
  readonly latencies: readonly number[];
}

interface Send {
  readonly text: string;
  readonly request: Buffer;
}

export class SendLoad {
  readonly #lines: readonly Line[];
  readonly #feed: BlockFeed;
  /** When each send that is not in a block yet was due. */
  readonly #open = new Map<string, number>();
  #latencies: number[] = [];
  #blocks = 0;

  private constructor(lines: readonly Line[], feed: BlockFeed) {
    this.#lines = lines;
    this.#feed = feed;
    feed.onBlock = (txs) => this.#committed(txs);
  }

  static async open(ports: readonly number[]): Promise<SendLoad> {
    const feed = await BlockFeed.open(ports[0] as number);
    const count = ports.length * LINES_PER_NODE;
    const lines = Array.from(
      { length: count },
      (_, i) => new Line(ports[i % ports.length] as number),
    );
    return new SendLoad(lines, feed);
  }

  close(): void {
    this.#feed.close();
    for (const line of this.#lines) line.close();
  }

  #committed(txs: readonly string[]): void {
    const now = performance.now();
    let known = 0;
    for (const tx of txs) {
      const due = this.#open.get(tx);
      if (due === undefined) continue;
      this.#open.delete(tx);
      this.#latencies.push(now - due);
      known += 1;
    }
    if (known > 0) this.#blocks += 1;
  }

  /** All of `rounds` as fast as the nodes take them; resolves when every send is in a block. */
  full(rounds: readonly (readonly Uint8Array[])[]): Promise<Driven> {
    const sends = rounds.map((round) => round.map(sendOf));
    return this.#measured(() =>
      Promise.all(
        this.#lines.map(async (line, lane) => {
          for (const round of sends) {
            for (let i = lane; i < round.length; i += this.#lines.length) {
              while (this.#open.size > MOST_OPEN) await pause(FULL_MS);
              await this.#submit(line, round[i] as Send, performance.now());
            }
          }
        }),
      ),
    );
  }

  /** One send after the other, `rate` a second, each when it is due. */
  paced(rounds: readonly (readonly Uint8Array[])[], rate: number): Promise<Driven> {
    const sends = rounds.map((round) => round.map(sendOf));
    const accounts = sends[0]?.length ?? 0;
    return this.#measured(() => {
      const start = performance.now();
      const due = (round: number, i: number): number =>
        start + (1000 * (round * accounts + i)) / rate;
      return Promise.all(
        this.#lines.map(async (line, lane) => {
          for (const [round, list] of sends.entries()) {
            for (let i = lane; i < list.length; i += this.#lines.length) {
              const at = due(round, i);
              if (at > performance.now()) await pause(at - performance.now());
              await this.#submit(line, list[i] as Send, at);
            }
          }
        }),
      );
    });
  }

  async #measured(work: () => Promise<unknown>): Promise<Driven> {
    this.#latencies = [];
    this.#blocks = 0;
    const started = performance.now();
    await work();
    while (this.#open.size > 0) {
      if (performance.now() - started > GIVE_UP_MS) throw new Error('not all sends were committed');
      await pause(POLL_MS);
    }
    const seconds = (performance.now() - started) / 1000;
    const latencies = this.#latencies;
    return { sends: latencies.length, blocks: this.#blocks, seconds, latencies };
  }

  async #submit(line: Line, { text, request }: Send, due: number): Promise<void> {
    this.#open.set(text, due);
    for (;;) {
      const { result, error } = await line.ask(request);
      if (result?.code === 0) return;
      if (result) throw new Error(`a send was refused: ${result.log}`);
      if (error?.data !== 'mempool is full') throw new Error(`${error?.message} ${error?.data}`);
      await pause(FULL_MS);
    }
  }
}

function sendOf(tx: Uint8Array): Send {
  const text = Buffer.from(tx).toString('base64');
  return { text, request: broadcastRequest(text) };
}
