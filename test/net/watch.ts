/**
 * The passive observer: a WebSocket to every node, as long as it can be had, on which new blocks, rounds and
 * every vote that the node sees are reported.
 */
import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import type { History } from './history.ts';
import type { NodeRpc } from './node-rpc.ts';

const EVENTS = ['NewBlock', 'NewRound', 'Vote'];
const AGAIN_MS = 300;

export interface Round {
  readonly height: number;
  readonly round: number;
  /** Address of the leader. */
  readonly proposer: string;
}

interface RawBlock {
  readonly block_id: { readonly hash: string };
  readonly block: {
    readonly header: { readonly height: string; readonly time: string };
    readonly data: { readonly txs: readonly string[] };
  };
}

interface RawRound {
  readonly height: string;
  readonly round: number;
  readonly proposer: { readonly address: string };
}

interface RawEvent {
  readonly result?: { readonly data?: { readonly type: string; readonly value: unknown } };
}

export class Watch {
  readonly #history: History;
  readonly #sockets = new Map<number, WebSocket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #votes = new Map<string, object>();
  /** Hash of each transaction in a block, to its height. */
  readonly included = new Map<string, number>();
  /** Told about each round as soon as any node enters it. */
  readonly onRound = new Set<(round: Round) => void>();
  readonly #rounds = new Set<string>();
  #stopped = false;

  constructor(nodes: readonly NodeRpc[], history: History) {
    this.#history = history;
    for (const [index, node] of nodes.entries()) this.#open(index, node);
  }

  /** Every vote that any node saw, as CometBFT's JSON; equal ones once. */
  votes(): Iterable<object> {
    return this.#votes.values();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets.values()) socket.terminate();
  }

  #open(index: number, node: NodeRpc): void {
    const socket = new WebSocket(node.socketUrl);
    this.#sockets.set(index, socket);
    socket.on('error', () => undefined);
    socket.once('open', () => {
      for (const [id, kind] of EVENTS.entries()) {
        const params = { query: `tm.event='${kind}'` };
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'subscribe', params }));
      }
    });
    socket.on('message', (data: Buffer) => this.#heard(index, JSON.parse(data.toString())));
    socket.once('close', () => {
      if (this.#stopped) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#open(index, node);
      }, AGAIN_MS);
      this.#timers.add(timer);
    });
  }

  #heard(index: number, { result }: RawEvent): void {
    const value = result?.data?.value;
    switch (result?.data?.type) {
      case 'tendermint/event/NewBlock':
        this.#onBlock(index, value as RawBlock);
        break;
      case 'tendermint/event/NewRound':
        this.#onRound(value as RawRound);
        break;
      case 'tendermint/event/Vote':
        this.#onVote(value as { Vote: object });
        break;
      default:
    }
  }

  #onBlock(index: number, { block_id: id, block: { header, data } }: RawBlock): void {
    const height = Number(header.height);
    // The first node that shows the newest height shows it as it is decided.
    const isFresh = height === this.#history.top + 1 && this.#history.top > 0;
    this.#history.saw(index, { height, hash: id.hash, time: header.time }, isFresh);
    for (const tx of data.txs) this.included.set(txHash(Buffer.from(tx, 'base64')), height);
  }

  #onVote({ Vote: vote }: { Vote: object }): void {
    this.#votes.set(JSON.stringify(vote), vote);
  }

  #onRound({ height, round, proposer }: RawRound): void {
    const name = `${height}/${round}`;
    if (this.#rounds.has(name)) return;
    this.#rounds.add(name);
    for (const listener of this.onRound) {
      listener({ height: Number(height), round, proposer: proposer.address });
    }
  }
}

export function txHash(tx: Uint8Array): string {
  return createHash('sha256').update(tx).digest('hex').toUpperCase();
}
