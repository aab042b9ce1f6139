/** Whoever is connected to the simulated network. */
import type { Bytes } from '../../../node/base/bytes.ts';
import type { Packet } from './packet.ts';

export interface Endpoint {
  readonly name: string;
  /** The validator behind it, if any. */
  readonly address: Bytes | undefined;
  /** Byzantine, and not bound by the network's whims. */
  readonly isOutlaw?: boolean;
  hear(from: Endpoint, packet: Packet): void;
  /** Somebody has this height. */
  onStatus?(from: Endpoint, height: number, base: number): void;
  /** Answers a question of block sync; never, when it says nothing. */
  answer?(question: Bytes, reply: (parts: readonly Bytes[]) => void): void;
}
