/**
 * Answers that clients have asked for and do not take: they lie in memory until the client reads on or goes. So many
 * bytes may lie there, and each for so long; then the connection of the oldest is cut.
 */
import type { ServerResponse } from 'node:http';
import { MAX_UNREAD_ANSWER_BYTES, UNREAD_ANSWER_MS } from './limits.ts';

interface Unread {
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
}

export class UnreadAnswers {
  readonly #mostBytes: number;
  readonly #mostMs: number;
  /** The oldest first. */
  readonly #waiting = new Map<ServerResponse, Unread>();
  #bytes = 0;

  constructor(mostBytes = MAX_UNREAD_ANSWER_BYTES, mostMs = UNREAD_ANSWER_MS) {
    this.#mostBytes = mostBytes;
    this.#mostMs = mostMs;
  }

  /** Bytes that wait for their clients now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Call after the answer has ended. Mostly the kernel has taken all of it. */
  watch(response: ServerResponse): void {
    const bytes = response.writableLength;
    if (bytes === 0) return;
    const timer = setTimeout(() => this.#cut(response), this.#mostMs).unref();
    this.#waiting.set(response, { bytes, timer });
    this.#bytes += bytes;
    response.once('close', () => this.#forget(response));
    for (const oldest of this.#waiting.keys()) {
      if (this.#bytes <= this.#mostBytes || oldest === response) return;
      this.#cut(oldest);
    }
  }

  #cut(response: ServerResponse): void {
    this.#forget(response);
    response.destroy();
  }

  #forget(response: ServerResponse): void {
    const unread = this.#waiting.get(response);
    if (unread === undefined) return;
    clearTimeout(unread.timer);
    this.#waiting.delete(response);
    this.#bytes -= unread.bytes;
  }
}
