/** What is known about one connected peer, and its queue of direct messages. */
import type { Stream } from '@libp2p/interface';
import { concat, type Bytes } from '../base/bytes.ts';
import { MAX_GOSSIP_RPC_BYTES } from '../base/limits.ts';
import type { Hello, Status } from './messages.ts';
import { frame } from './frames.ts';
import { PeerRates } from './peer-rates.ts';
import { SendQueue, type Priority } from './send-queue.ts';

/** One row of net_info. */
export interface PeerInfo {
  readonly peerId: string;
  /** 40 hexadecimal digits. */
  readonly nodeId: string;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly outbound: boolean;
  readonly connectedAtMs: number;
  readonly moniker: string;
  readonly version: string;
  readonly listenAddress: string;
  readonly rpcAddress: string;
  readonly height: number;
  /** Oldest block it has. */
  readonly base: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface PeerOrigin {
  readonly peerId: string;
  readonly nodeId: string;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly outbound: boolean;
  readonly connectedAtMs: number;
}

/** Of messages in one write, though a single one may be larger. */
const MAX_WRITE_BYTES = 65_536;

export class Peer {
  readonly origin: PeerOrigin;
  readonly rates: PeerRates;
  readonly #queue = new SendQueue();
  hello: Hello | undefined;
  /** Which of its streams has greeted last; one that is older may still bring what was held up on its way. */
  newestTurn = 0;
  status: Status = { height: 0, base: 0, neighbours: [] };
  neighbours: ReadonlySet<string> = new Set();
  /** 20-byte address of the validator that has proven to be behind this peer. */
  validator: Bytes | undefined;
  #stream: Stream | undefined;
  /** A write is due once everything that happens now has happened. */
  #isPumping = false;
  /** Hands a gossip RPC to libp2p. */
  #writeGossip: ((rpc: Bytes) => void) | undefined;
  #gossipStream: Stream | undefined;
  #gossipCounts = { sentBytes: 0, droppedRpcs: 0 };
  sentBytes = 0;
  receivedBytes = 0;

  constructor(origin: PeerOrigin, nowMs: number) {
    this.origin = origin;
    this.rates = new PeerRates(nowMs);
  }

  get stream(): Stream | undefined {
    return this.#stream;
  }

  /** Messages flow from now on, `first` before everything that waits. */
  attach(stream: Stream, first: Bytes): void {
    this.#stream = stream;
    stream.addEventListener('drain', () => this.#pump());
    this.#write(stream, frame(first));
    this.#pump();
  }

  detach(stream: Stream): void {
    if (this.#stream === stream) this.#stream = undefined;
  }

  /** False when the peer is too slow to be kept. */
  send(message: Bytes, priority: Priority): boolean {
    if (!this.#queue.push(message, priority)) return false;
    this.#pumpSoon();
    return true;
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  /**
   * Takes over what gossipsub writes to this stream: it leaves after everything else, and what finds no room
   * is dropped. libp2p would buffer without order, and cut the stream at its bound.
   */
  attachGossip(stream: Stream): void {
    const write = stream.send.bind(stream);
    this.#queue.clearGossip();
    this.#gossipStream = stream;
    this.#writeGossip = (rpc) => write(rpc);
    stream.send = (data) => {
      const rpc = data instanceof Uint8Array ? data : data.subarray();
      const isKept = rpc.length <= MAX_GOSSIP_RPC_BYTES && this.#queue.pushGossip(rpc);
      if (isKept) this.#pumpSoon();
      else this.#gossipCounts.droppedRpcs += 1;
      return isKept;
    };
    stream.addEventListener('drain', () => this.#pump());
    stream.addEventListener('close', () => {
      if (this.#gossipStream !== stream) return;
      this.#gossipStream = undefined;
      this.#queue.clearGossip();
    });
  }

  /** Gossipsub opens this stream once for a connection, and not again when it ends. */
  get takesGossip(): boolean {
    return this.#gossipStream?.status === 'open';
  }

  /** Since the last call; RPCs are dropped when they find no room. */
  takeGossipCounts(): { readonly sentBytes: number; readonly droppedRpcs: number } {
    const counts = this.#gossipCounts;
    this.#gossipCounts = { sentBytes: 0, droppedRpcs: 0 };
    return counts;
  }

  get queuedMessages(): number {
    return this.#queue.size + this.#queue.gossipSize;
  }

  #pump(): void {
    const stream = this.#stream;
    while (stream !== undefined && stream === this.#stream && !stream.writableNeedsDrain) {
      const frames = this.#nextFrames();
      if (frames.length === 0) break;
      this.#write(stream, frames);
    }
    this.#pumpGossip();
  }

  /** What waits, up to a bound: one write, one encryption and one window update for all of it. */
  #nextFrames(): Bytes {
    const frames: Bytes[] = [];
    let size = 0;
    while (size < MAX_WRITE_BYTES) {
      const message = this.#queue.shift();
      if (message === undefined) break;
      const framed = frame(message);
      frames.push(framed);
      size += framed.length;
    }
    return frames.length === 1 ? (frames[0] as Bytes) : concat(...frames);
  }

  /** Only when nothing else waits; a peer that takes no direct messages gets no gossip either. */
  #pumpGossip(): void {
    const stream = this.#gossipStream;
    while (stream !== undefined && stream === this.#gossipStream && !stream.writableNeedsDrain) {
      const rpc = this.#queue.shiftGossip();
      if (rpc === undefined) return;
      try {
        this.#writeGossip?.(rpc);
        this.sentBytes += rpc.length;
        this.#gossipCounts.sentBytes += rpc.length;
      } catch {
        // Closed under us; the close event clears what waits.
        return;
      }
    }
  }

  #write(stream: Stream, bytes: Bytes): void {
    try {
      stream.send(bytes);
      this.sentBytes += bytes.length;
    } catch {
      // The stream was closed under us: its close event opens a new one, and the rules above repeat.
      this.detach(stream);
    }
  }

  info(): PeerInfo {
    const { hello, origin, status } = this;
    return {
      ...origin,
      moniker: hello?.moniker ?? '',
      version: hello?.version ?? '',
      listenAddress: hello?.listenAddress ?? '',
      rpcAddress: hello?.rpcAddress ?? '',
      height: status.height,
      base: status.base,
      sentBytes: this.sentBytes,
      receivedBytes: this.receivedBytes,
    };
  }
}
