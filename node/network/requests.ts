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
import { frame, FRAME_HEAD_BYTES, FrameReader } from './frames.ts';
import type { Host } from './host.ts';
import type { Peer } from './peer.ts';

export const ErrRequest = defineError('network', 3, 'request failed');
/** More or larger than was asked for, or no frames at all: no honest node answers so. */
export const ErrAnswer = defineError('network', 4, 'answer out of bounds');

const OPEN_TIMEOUT_MS = 5_000;
/** Whoever asks must read: an answer in memory waits no longer than this for the next part to leave. */
const DRAIN_TIMEOUT_MS = 10_000;
/** An answer out of bounds bans its sender. */
const STRIKE_OUT_OF_BOUNDS = 100;

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

  /**
   * The parts of the answer. Rejects with network/3 when late or cut off, with network/4 when out of bounds:
   * that also bans the peer.
   */
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
    } catch (error) {
      if (error instanceof BitscaleError && error.kind === ErrAnswer) {
        this.#deps.strike(peerId.toString(), STRIKE_OUT_OF_BOUNDS, error.message);
      }
      throw error;
    } finally {
      void stream.close().catch(() => undefined);
    }
  }

  #serve(stream: Stream, connection: Connection, handler: RequestHandler): void {
    const peerId = connection.remotePeer.toString();
    const peer = this.#deps.peer(peerId);
    if (peer === undefined || !peer.rates.requests.take(this.#deps.nowMs())) {
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
      // A connection that breaks in the middle of a question is nobody's fault.
      if (error instanceof BitscaleError && error.kind === ErrAnswer) {
        this.#deps.strike(peerId, 10, 'malformed request');
      }
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
  /** Of all parts together, counted while they arrive; no bound of its own when absent. */
  readonly maxBytes?: number;
  readonly timeoutMs: number;
  /** Nothing at all for so long is as bad as too late. */
  readonly idleMs?: number;
  /** Do not wait for the end of the stream once `maxParts` are there. */
  readonly stopAtParts?: boolean;
}

/** Reads frames until the other side ends the stream. */
function collect(stream: Stream, maxBytes: number, bounds: AskBounds): Promise<Bytes[]> {
  return new Promise((resolve, reject) => {
    const answer = new Answer(maxBytes, bounds);
    let done = false;
    const finish = (error?: Error | string): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      clearTimeout(idle);
      if (error === undefined && answer.isWhole) resolve(answer.parts);
      else {
        const failure = failureOf(error ?? 'cut off');
        stream.abort(failure);
        reject(failure);
      }
    };
    const timer = setTimeout(() => finish('timed out'), bounds.timeoutMs);
    const idle = setTimeout(() => finish('silent for too long'), bounds.idleMs ?? bounds.timeoutMs);
    stream.addEventListener('message', (event) => {
      if (done) {
        // Nobody waits for this any more, and nothing of it is kept.
        stream.abort(new BitscaleError(ErrRequest, 'more than was asked for'));
        return;
      }
      idle.refresh();
      try {
        answer.add(event.data.subarray());
      } catch (error) {
        finish(error as Error);
        return;
      }
      if (bounds.stopAtParts === true && answer.parts.length === bounds.maxParts) finish();
    });
    stream.addEventListener('remoteCloseWrite', () => finish());
    stream.addEventListener('close', (event) => finish(event.error));
  });
}

function failureOf(error: Error | string): BitscaleError {
  if (error instanceof BitscaleError && error.kind === ErrAnswer) return error;
  const why = error instanceof Error ? error.message : error;
  return new BitscaleError(ErrRequest, why, { cause: error });
}

/** What has arrived, held against what was asked for byte by byte. */
class Answer {
  readonly parts: Bytes[] = [];
  readonly #reader: FrameReader;
  readonly #bounds: AskBounds;
  #bytes = 0;

  constructor(maxPartBytes: number, bounds: AskBounds) {
    this.#reader = new FrameReader(maxPartBytes);
    this.#bounds = bounds;
  }

  /** No part is cut off. */
  get isWhole(): boolean {
    return this.#reader.pendingBytes === 0;
  }

  /** Throws network/4. */
  add(chunk: Bytes): void {
    this.#bytes += chunk.length;
    const { maxParts, maxBytes = Infinity } = this.#bounds;
    const allowed = maxBytes + maxParts * FRAME_HEAD_BYTES;
    if (this.#bytes > allowed) throw new BitscaleError(ErrAnswer, `over ${allowed} bytes`);
    try {
      this.parts.push(...this.#reader.push(chunk));
    } catch (error) {
      throw new BitscaleError(ErrAnswer, String(error), { cause: error });
    }
    if (this.parts.length > maxParts) throw new BitscaleError(ErrAnswer, 'too many parts');
  }
}
