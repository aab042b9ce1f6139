/** Hands transactions in over kept sockets, and hears of blocks: as little work for the client as can be. */
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { answerEnd, post } from './http-load.ts';

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

interface NewBlock {
  readonly result: { readonly data?: { readonly value: { readonly block: RawBlock } } };
}

interface RawBlock {
  readonly header: { readonly height: string };
  readonly data: { readonly txs: readonly string[] };
}

/** Every block that a node commits, as its WebSocket tells of it. */
export class BlockFeed {
  readonly #socket: WebSocket;
  /** `txs` in base64. */
  onBlock: (txs: readonly string[]) => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const { result } = JSON.parse(data.toString()) as NewBlock;
      if (result.data) this.onBlock(result.data.value.block.data.txs);
    });
  }

  static async open(port: number): Promise<BlockFeed> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const params = { query: "tm.event='NewBlock'" };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe', params }));
    return new BlockFeed(socket);
  }

  close(): void {
    this.#socket.terminate();
  }
}
