/**
 * Consensus payloads that wait for the machine. Those of peers that have proven to be validators' nodes, or
 * are in the settings, have a lane of their own and go first; within a lane peers take turns. So neither a
 * crowd of strangers nor one validator that floods can crowd out the votes of the others.
 */
import type { Bytes } from '../base/bytes.ts';
import {
  MAX_DRIVER_QUEUE_BYTES,
  MAX_DRIVER_QUEUE_BYTES_PER_PEER,
  MAX_DRIVER_QUEUE_MESSAGES,
  MAX_DRIVER_QUEUE_MESSAGES_PER_PEER,
} from '../base/limits.ts';

export interface WaitingMessage {
  readonly peerId: string;
  readonly payload: Bytes;
}

/** First in, first out; removing the first costs the same whatever waits behind it. */
class PeerMessages {
  #waiting: WaitingMessage[] = [];
  #next = 0;
  bytes = 0;

  get size(): number {
    return this.#waiting.length - this.#next;
  }

  push(message: WaitingMessage): void {
    this.#waiting.push(message);
    this.bytes += message.payload.length;
  }

  shift(): WaitingMessage {
    const message = this.#waiting[this.#next] as WaitingMessage;
    this.#next += 1;
    this.bytes -= message.payload.length;
    if (this.#next * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return message;
  }
}

class Lane {
  /** Those that have something waiting; whoever had its turn moves to the end. */
  readonly #peers = new Map<string, PeerMessages>();
  #bytes = 0;
  size = 0;

  push(message: WaitingMessage): boolean {
    const { length } = message.payload;
    if (this.size >= MAX_DRIVER_QUEUE_MESSAGES) return false;
    if (this.#bytes + length > MAX_DRIVER_QUEUE_BYTES) return false;
    const ofPeer = this.#peers.get(message.peerId) ?? new PeerMessages();
    if (ofPeer.size >= MAX_DRIVER_QUEUE_MESSAGES_PER_PEER) return false;
    if (ofPeer.bytes + length > MAX_DRIVER_QUEUE_BYTES_PER_PEER) return false;
    ofPeer.push(message);
    this.#peers.set(message.peerId, ofPeer);
    this.#bytes += length;
    this.size += 1;
    return true;
  }

  shift(): WaitingMessage | undefined {
    const [next] = this.#peers;
    if (next === undefined) return undefined;
    const [peerId, messages] = next;
    const message = messages.shift();
    this.#peers.delete(peerId);
    if (messages.size > 0) this.#peers.set(peerId, messages);
    this.#bytes -= message.payload.length;
    this.size -= 1;
    return message;
  }
}

export class MessageQueue {
  #trusted = new Lane();
  #others = new Lane();

  get size(): number {
    return this.#trusted.size + this.#others.size;
  }

  /** False when too many wait: the message is dropped. */
  push(message: WaitingMessage, isTrusted: boolean): boolean {
    return (isTrusted ? this.#trusted : this.#others).push(message);
  }

  shift(): WaitingMessage | undefined {
    return this.#trusted.shift() ?? this.#others.shift();
  }

  clear(): void {
    this.#trusted = new Lane();
    this.#others = new Lane();
  }
}
