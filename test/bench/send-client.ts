/** Hands transactions in over kept sockets, and hears of blocks: as little work for the client as can be. */
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { answerEnd, post } from './http-load.ts';
import { Rpc } from './rpc.ts';

export interface Answer {
  readonly result?: { readonly code: number; readonly log: string };
  readonly error?: { readonly message: string; readonly data?: string };
}

/** One request for `broadcast_tx_sync`, whole. */
export function broadcastRequest(tx: string): Buffer {
  const call = { jsonrpc: '2.0', id: 1, method: 'broadcast_tx_sync', params: { tx } };
  return Buffer.from(post('/', JSON.stringify(call)));
}

/** A connection with one request open at a time. */
export class Line {
  readonly #socket: Socket;
  #left: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#hear(chunk));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the node hung up')));
  }

  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    this.#left = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    const end = answerEnd(this.#left);
    if (end < 0 || this.#left.length < end) return;
    const body = this.#left.subarray(this.#left.indexOf('\r\n\r\n') + 4, end).toString();
    this.#left = this.#left.subarray(end);
    this.#waiting?.resolve(JSON.parse(body) as Answer);
  }
}

interface Told {
  readonly result: {
    readonly data?: { readonly value: { readonly header: { readonly height: string } } };
  };
}

interface Block {
  readonly block: { readonly data: { readonly txs: readonly string[] } };
}

/** Every block that a node commits: its WebSocket tells of the header, and the block is then asked for. */
export class BlockFeed {
  readonly #socket: WebSocket;
  readonly #rpc: Rpc;
  /** `txs` in base64. */
  onBlock: (txs: readonly string[]) => void = () => undefined;

  private constructor(socket: WebSocket, url: string) {
    this.#socket = socket;
    this.#rpc = new Rpc(url, 1);
    socket.on('message', (data: Buffer) => {
      const { result } = JSON.parse(data.toString()) as Told;
      if (!result.data) return;
      // Cut off when the feed is closed; whoever waits for a block that never comes says so.
      this.#fetch(result.data.value.header.height).catch(() => undefined);
    });
  }

  static async open(port: number): Promise<BlockFeed> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const params = { query: "tm.event='NewBlockHeader'" };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe', params }));
    return new BlockFeed(socket, `http://127.0.0.1:${port}`);
  }

  async #fetch(height: string): Promise<void> {
    const { block } = await this.#rpc.call<Block>('block', { height });
    this.onBlock(block.data.txs);
  }

  close(): void {
    this.#socket.terminate();
    this.#rpc.close();
  }
}
