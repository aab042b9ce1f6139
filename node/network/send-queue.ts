/**
 * What waits to be sent to one peer: bounded, votes before blocks, blocks before everything else, gossip of
 * transactions last, and in order within each class.
 */
import type { Bytes } from '../base/bytes.ts';
import {
  MAX_GOSSIP_QUEUE_BYTES,
  MAX_SEND_QUEUE_BYTES,
  MAX_SEND_QUEUE_MESSAGES,
} from '../base/limits.ts';

export const PRIORITY_VOTE = 0;
export const PRIORITY_BLOCK = 1;
export const PRIORITY_OTHER = 2;
export type Priority = typeof PRIORITY_VOTE | typeof PRIORITY_BLOCK | typeof PRIORITY_OTHER;

/** First in, first out; removing the first costs the same whatever waits behind it. */
class Lane {
  #items: Bytes[] = [];
  #next = 0;
  bytes = 0;

  get size(): number {
    return this.#items.length - this.#next;
  }

  push(item: Bytes): void {
    this.#items.push(item);
    this.bytes += item.length;
  }

  shift(): Bytes | undefined {
    const item = this.#items[this.#next];
    if (item === undefined) return undefined;
    this.#next += 1;
    this.bytes -= item.length;
    if (this.#next * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#next);
      this.#next = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#next = 0;
    this.bytes = 0;
  }
}

export class SendQueue {
  readonly #lanes = [new Lane(), new Lane(), new Lane()] as const;
  readonly #gossip = new Lane();

  /** False when a bound is reached: the message is not kept. */
  push(message: Bytes, priority: Priority): boolean {
    if (this.size >= MAX_SEND_QUEUE_MESSAGES) return false;
    if (this.sizeBytes + message.length > MAX_SEND_QUEUE_BYTES) return false;
    this.#lanes[priority].push(message);
    return true;
  }

  shift(): Bytes | undefined {
    return this.#lanes.find(({ size }) => size > 0)?.shift();
  }

  get size(): number {
    return this.#lanes.reduce((sum, { size }) => sum + size, 0);
  }

  get sizeBytes(): number {
    return this.#lanes.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** One gossip RPC; it never takes room from the messages above. False when it is not kept. */
  pushGossip(rpc: Bytes): boolean {
    if (this.#gossip.bytes + rpc.length > MAX_GOSSIP_QUEUE_BYTES) return false;
    if (this.#gossip.size >= MAX_SEND_QUEUE_MESSAGES) return false;
    this.#gossip.push(rpc);
    return true;
  }

  /** Undefined while anything else waits. */
  shiftGossip(): Bytes | undefined {
    return this.size > 0 ? undefined : this.#gossip.shift();
  }

  get gossipSize(): number {
    return this.#gossip.size;
  }

  clearGossip(): void {
    this.#gossip.clear();
  }
}
