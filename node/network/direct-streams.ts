/** One long-lived stream per peer and direction for messages that must be fast. */
import type { Connection, PeerId, Stream } from '@libp2p/interface';
import type { Bytes } from '../base/bytes.ts';
import {
  MAX_DIRECT_STREAMS_PER_CONNECTION,
  MAX_SEND_QUEUE_BYTES,
  MAX_STREAM_MESSAGE_BYTES,
} from '../base/limits.ts';
import { FrameReader } from './frames.ts';
import type { Host } from './host.ts';
import type { Peer } from './peer.ts';

const OPEN_TIMEOUT_MS = 10_000;
const REOPEN_DELAY_MS = 500;

export interface DirectStreamsDeps {
  readonly host: Host;
  readonly protocol: string;
  /** The peer's record while it is connected. */
  readonly peer: (peerId: string) => Peer | undefined;
  readonly firstMessage: () => Bytes;
  /** Throws when the message is malformed. `turn` grows from stream to stream. */
  readonly onMessage: (peer: Peer, message: Bytes, turn: number) => void;
  readonly onBadStream: (peer: Peer, error: unknown) => void;
}

export class DirectStreams {
  readonly #deps: DirectStreamsDeps;
  #stopped = false;
  /** Streams that others have opened, over all time. */
  #turns = 0;

  constructor(deps: DirectStreamsDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.#deps.host.handle(
      this.#deps.protocol,
      (stream, connection) => this.#receive(stream, connection),
      { maxInboundStreams: MAX_DIRECT_STREAMS_PER_CONNECTION },
    );
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Opens the sending stream to a connected peer, and again whenever it closes. */
  async open(peerId: PeerId): Promise<void> {
    const peer = this.#deps.peer(peerId.toString());
    if (this.#stopped || peer === undefined || peer.stream !== undefined) return;
    try {
      const signal = AbortSignal.timeout(OPEN_TIMEOUT_MS);
      const stream = await this.#deps.host.dialProtocol(peerId, this.#deps.protocol, { signal });
      this.#attach(peerId, peer, stream);
    } catch {
      this.#reopenLater(peerId);
    }
  }

  #attach(peerId: PeerId, peer: Peer, stream: Stream): void {
    if (peer.stream !== undefined || this.#deps.peer(peerId.toString()) !== peer) {
      stream.abort(new Error('no longer needed'));
      return;
    }
    stream.maxWriteBufferLength = MAX_SEND_QUEUE_BYTES;
    stream.addEventListener('close', () => {
      peer.detach(stream);
      this.#reopenLater(peerId);
    });
    peer.attach(stream, this.#deps.firstMessage());
  }

  #reopenLater(peerId: PeerId): void {
    if (this.#stopped) return;
    setTimeout(() => void this.open(peerId), REOPEN_DELAY_MS).unref();
  }

  #receive(stream: Stream, connection: Connection): void {
    const reader = new FrameReader(MAX_STREAM_MESSAGE_BYTES);
    const turn = ++this.#turns;
    stream.addEventListener('message', (event) => {
      const peer = this.#deps.peer(connection.remotePeer.toString());
      if (peer === undefined) {
        stream.abort(new Error('unknown peer'));
        return;
      }
      const chunk = event.data.subarray();
      peer.receivedBytes += chunk.length;
      try {
        for (const message of reader.push(chunk)) this.#deps.onMessage(peer, message, turn);
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)));
        this.#deps.onBadStream(peer, error);
      }
    });
  }
}
