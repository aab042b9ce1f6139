/**
 * Consensus payloads that wait for the machine. Those of peers that have proven to be validators' nodes have
 * a lane of their own and go first, so that a crowd of strangers cannot crowd votes out.
 */
import type { Bytes } from '../base/bytes.ts';
import { MAX_DRIVER_QUEUE_BYTES, MAX_DRIVER_QUEUE_MESSAGES } from '../base/limits.ts';

export interface WaitingMessage {
  readonly peerId: string;
  readonly payload: Bytes;
}

class Lane {
  #waiting: WaitingMessage[] = [];
  #next = 0;
  #bytes = 0;

  get size(): number {
    return this.#waiting.length - this.#next;
  }

  push(message: WaitingMessage): boolean {
    const { length } = message.payload;
    if (this.size >= MAX_DRIVER_QUEUE_MESSAGES) return false;
    if (this.#bytes + length > MAX_DRIVER_QUEUE_BYTES) return false;
    this.#waiting.push(message);
    this.#bytes += length;
    return true;
  }

  shift(): WaitingMessage | undefined {
    const message = this.#waiting[this.#next];
    if (message === undefined) return undefined;
    this.#next += 1;
    this.#bytes -= message.payload.length;
    if (this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return message;
  }
}

export class MessageQueue {
  #validators = new Lane();
  #others = new Lane();

  get size(): number {
    return this.#validators.size + this.#others.size;
  }

  /** False when too many wait: the message is dropped. */
  push(message: WaitingMessage, isFromValidator: boolean): boolean {
    return (isFromValidator ? this.#validators : this.#others).push(message);
  }

  shift(): WaitingMessage | undefined {
    return this.#validators.shift() ?? this.#others.shift();
  }

  clear(): void {
    this.#validators = new Lane();
    this.#others = new Lane();
  }
}
