/**
 * Questions with an answer of several messages, one stream each: the question is one frame, every part of
 * the answer is one frame, the end of the stream is the end of the answer.
 */
import type { Connection, PeerId, Stream } from '@libp2p/interface';
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import {
  MAX_OPEN_REQUESTS_PER_PEER,
  MAX_REQUEST_BYTES,
  MAX_STREAM_MESSAGE_BYTES,
} from '../base/limits.ts';
import { frame, FrameReader } from './frames.ts';
import type { Host } from './host.ts';
import type { Peer } from './peer.ts';

export const ErrRequest = defineError('network', 3, 'request failed');

const OPEN_TIMEOUT_MS = 5_000;
/** Whoever asks must read: an answer in memory waits no longer than this for the next part to leave. */
const DRAIN_TIMEOUT_MS = 10_000;

export type RequestHandler = (peerId: string, request: Bytes) => Promise<readonly Bytes[]>;

export interface RequestsDeps {
  readonly host: Host;
  readonly peer: (peerId: string) => Peer | undefined;
  readonly nowMs: () => number;
  readonly strike: (peerId: string, points: number, reason: string) => void;
}

export class Requests {
  readonly #deps: RequestsDeps;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  async handle(protocol: string, handler: RequestHandler): Promise<void> {
    await this.#deps.host.handle(
      protocol,
      (stream, connection) => this.#serve(stream, connection, handler),
      { maxInboundStreams: MAX_OPEN_REQUESTS_PER_PEER },
    );
  }

  /** The parts of the answer. Rejects with network/3 when late, cut off or out of bounds. */
  async ask(
    peerId: PeerId,
    protocol: string,
    question: Bytes,
    bounds: AskBounds,
  ): Promise<Bytes[]> {
    const signal = AbortSignal.timeout(OPEN_TIMEOUT_MS);
    let stream: Stream;
    try {
      stream = await this.#deps.host.dialProtocol(peerId, protocol, { signal });
    } catch (error) {
      throw new BitscaleError(ErrRequest, String(error), { cause: error });
    }
    try {
      stream.send(frame(question));
      return await collect(stream, MAX_STREAM_MESSAGE_BYTES, bounds);
    } finally {
      void stream.close().catch(() => undefined);
    }
  }

  #serve(stream: Stream, connection: Connection, handler: RequestHandler): void {
    const peerId = connection.remotePeer.toString();
    const peer = this.#deps.peer(peerId);
    if (peer === undefined || !peer.requestRate.take(this.#deps.nowMs())) {
      this.#deps.strike(peerId, 2, 'too many requests');
      stream.abort(new Error('too many requests'));
      return;
    }
    this.#answer(stream, peerId, handler).catch((error: unknown) => {
      stream.abort(error instanceof Error ? error : new Error(String(error)));
    });
  }

  async #answer(stream: Stream, peerId: string, handler: RequestHandler): Promise<void> {
    const bounds = { maxParts: 1, timeoutMs: OPEN_TIMEOUT_MS, stopAtParts: true };
    const [question] = await collect(stream, MAX_REQUEST_BYTES, bounds).catch((error: unknown) => {
      this.#deps.strike(peerId, 10, 'malformed request');
      throw error;
    });
    if (question === undefined) return;
    for (const part of await handler(peerId, question)) {
      if (stream.send(frame(part))) continue;
      await stream.onDrain({ signal: AbortSignal.timeout(DRAIN_TIMEOUT_MS) });
    }
    await stream.close();
  }
}

export interface AskBounds {
  readonly maxParts: number;
  readonly timeoutMs: number;
  /** Do not wait for the end of the stream once `maxParts` are there. */
  readonly stopAtParts?: boolean;
}

/** Reads frames until the other side ends the stream. */
function collect(stream: Stream, maxBytes: number, bounds: AskBounds): Promise<Bytes[]> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader(maxBytes);
    const parts: Bytes[] = [];
    let done = false;
    const finish = (error?: Error | string): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      if (error === undefined && reader.pendingBytes === 0) resolve(parts);
      else {
        const why = error instanceof Error ? error.message : (error ?? 'cut off');
        const failure = new BitscaleError(ErrRequest, why, { cause: error });
        stream.abort(failure);
        reject(failure);
      }
    };
    const timer = setTimeout(() => finish('timed out'), bounds.timeoutMs);
    stream.addEventListener('message', (event) => {
      if (done) {
        // Nobody waits for this any more, and nothing of it is kept.
        stream.abort(new BitscaleError(ErrRequest, 'more than was asked for'));
        return;
      }
      try {
        parts.push(...reader.push(event.data.subarray()));
      } catch (error) {
        finish(error as Error);
        return;
      }
      if (parts.length > bounds.maxParts) finish('too many parts');
      else if (bounds.stopAtParts === true && parts.length === bounds.maxParts) finish();
    });
    stream.addEventListener('remoteCloseWrite', () => finish());
    stream.addEventListener('close', (event) => finish(event.error));
  });
}
