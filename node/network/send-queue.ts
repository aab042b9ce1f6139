/**
 * What waits to be sent to one peer: bounded, votes before blocks, blocks before everything else, and in
 * order within each class.
 */
import type { Bytes } from '../base/bytes.ts';
import { MAX_SEND_QUEUE_BYTES, MAX_SEND_QUEUE_MESSAGES } from '../base/limits.ts';

export const PRIORITY_VOTE = 0;
export const PRIORITY_BLOCK = 1;
export const PRIORITY_OTHER = 2;
export type Priority = typeof PRIORITY_VOTE | typeof PRIORITY_BLOCK | typeof PRIORITY_OTHER;

export class SendQueue {
  readonly #lanes: [Bytes[], Bytes[], Bytes[]] = [[], [], []];
  #bytes = 0;
  #messages = 0;

  /** False when a bound is reached: the message is not kept. */
  push(message: Bytes, priority: Priority): boolean {
    if (this.#messages >= MAX_SEND_QUEUE_MESSAGES) return false;
    if (this.#bytes + message.length > MAX_SEND_QUEUE_BYTES) return false;
    this.#lanes[priority].push(message);
    this.#bytes += message.length;
    this.#messages += 1;
    return true;
  }

  shift(): Bytes | undefined {
    const lane = this.#lanes.find((messages) => messages.length > 0);
    const message = lane?.shift();
    if (message === undefined) return undefined;
    this.#bytes -= message.length;
    this.#messages -= 1;
    return message;
  }

  get size(): number {
    return this.#messages;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }
}
