/** A consensus payload on its way. Decoded once for all listeners that are no real node. */
import type { Bytes } from '../../../node/base/bytes.ts';
import { messageHeight } from '../../../node/consensus/message-signatures.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
import { decodePayload, type Payload } from '../../../node/engine/wire.ts';

/** What a message is about: a hostile network decides its fate by it. */
export interface Tag {
  readonly kind: string;
  readonly height: number;
  readonly round: number;
}

export class Packet {
  readonly bytes: Bytes;
  #payload: Payload | undefined;
  #isRead = false;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  /** Undefined when the bytes are garbage. */
  get payload(): Payload | undefined {
    if (this.#isRead) return this.#payload;
    this.#isRead = true;
    try {
      this.#payload = decodePayload(this.bytes);
    } catch {
      this.#payload = undefined;
    }
    return this.#payload;
  }

  get tag(): Tag | undefined {
    const { payload } = this;
    return payload?.type === 'message' ? tagOf(payload.message) : undefined;
  }
}

function tagOf(message: ConsensusMessage): Tag {
  const height = messageHeight(message);
  switch (message.type) {
    case 'proposal':
      return { kind: 'proposal', height, round: message.proposal.round };
    case 'vote':
      return { kind: `vote ${message.vote.type}`, height, round: message.vote.round };
    case 'timeout':
      return { kind: 'timeout', height, round: message.vote.round };
    case 'newRound':
      return { kind: 'newRound', height, round: message.round };
    case 'quorum':
      return { kind: 'quorum', height, round: message.qc.round };
    case 'commit':
      return { kind: 'commit', height, round: 0 };
  }
}
