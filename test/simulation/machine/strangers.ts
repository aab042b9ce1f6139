/** Peers that are no validators: one lies in block sync, one floods. */
import { concat, type Bytes } from '../../../node/base/bytes.ts';
import { timeFromMillis } from '../../../node/base/time.ts';
import { encodePayload } from '../../../node/engine/wire.ts';
import { answerSync } from '../../../node/sync/serve.ts';
import { blockSupply } from '../../../node/links.ts';
import { decodeSyncBlock, encodeSyncBlock } from '../../../node/sync/messages.ts';
import { START_MS } from '../kernel/host.ts';
import { forgeProposal } from './forge.ts';
import type { Endpoint } from './endpoint.ts';
import type { Surroundings } from './surroundings.ts';
import type { Oracle } from './oracle.ts';
import type { Packet } from './packet.ts';

const CLAIMS_EVERY_MS = 700;
const BURST = 60;
const BURST_EVERY_MS = 400;
const MEMORY = 50;

/** Claims heights that do not exist, then lower ones; serves wrong blocks, or says nothing. */
export class LyingPeer implements Endpoint {
  readonly name = 'liar';
  readonly address = undefined;
  readonly #around: Surroundings;
  readonly #oracle: Oracle;

  constructor(around: Surroundings, oracle: Oracle) {
    this.#around = around;
    this.#oracle = oracle;
  }

  start(): void {
    const { queue, network, random, log } = this.#around;
    const claim = () => {
      log.note('F11 lies about its height');
      network.status(this, random.pick([1, 5, 1_000, 1_000_000]), 1);
      if (!network.isHostile) queue.after(CLAIMS_EVERY_MS, claim);
    };
    queue.after(CLAIMS_EVERY_MS, claim);
  }

  hear(): void {}

  answer(question: Bytes, reply: (parts: readonly Bytes[]) => void): void {
    const { random, log } = this.#around;
    const { engine } = random.pick(this.#oracle.nodes);
    if (!engine || random.chance(0.3)) return log.note('F11 sync never answers');
    const blockBytes = (height: number, hash: Bytes) => engine.blockBytes(height, hash);
    const parts = answerSync(blockSupply({ store: engine.store, blockBytes }), question);
    log.note('F11 wrong block in sync');
    reply(parts.length > 0 ? parts.map((part) => this.#bend(part)) : [new Uint8Array([1, 2, 3])]);
  }

  #bend(part: Bytes): Bytes {
    const { random } = this.#around;
    const one = decodeSyncBlock(part);
    const flip = (bytes: Bytes): Bytes => {
      if (bytes.length === 0) return bytes;
      const out = bytes.slice();
      out[random.below(out.length)]! ^= 1 << random.below(8);
      return out;
    };
    switch (random.below(4)) {
      case 0:
        return encodeSyncBlock({ ...one, block: flip(one.block) });
      case 1:
        return encodeSyncBlock({ ...one, commit: flip(one.commit) });
      case 2:
        return encodeSyncBlock({ ...one, height: one.height + 1 });
      default:
        return part;
    }
  }
}

/** Garbage, replays, proposals of rounds far ahead. */
export class Flooder implements Endpoint {
  readonly name = 'flooder';
  readonly address = undefined;
  readonly #around: Surroundings;
  readonly #heard: Bytes[] = [];
  #isOver = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  start(): void {
    const { queue, log } = this.#around;
    const burst = () => {
      if (this.#isOver) return;
      log.note('F14 flood');
      for (let i = 0; i < BURST; i += 1) this.#one();
      queue.after(BURST_EVERY_MS, burst);
    };
    queue.after(BURST_EVERY_MS, burst);
  }

  stop(): void {
    this.#isOver = true;
  }

  hear(_from: Endpoint, { bytes }: Packet): void {
    const { random } = this.#around;
    if (this.#heard.length < MEMORY) this.#heard.push(bytes);
    else this.#heard[random.below(MEMORY)] = bytes;
  }

  #one(): void {
    const { network, random } = this.#around;
    network.send(this, 'all', random.chance(0.6) ? this.#replay() : this.#garbage());
  }

  #replay(): Bytes {
    return this.#heard.length > 0 ? this.#around.random.pick(this.#heard) : this.#garbage();
  }

  #garbage(): Bytes {
    const { random, world, queue } = this.#around;
    const noise = new Uint8Array(random.below(200)).map(() => random.below(256));
    if (random.chance(0.5)) return noise;
    const identity = world.identities[0]!;
    const fields = {
      height: 1 + random.below(20),
      round: random.below(1_000_000),
      polRound: -1,
      blockId: { hash: new Uint8Array(32), parts: { total: 1, hash: new Uint8Array(32) } },
      time: timeFromMillis(START_MS + queue.now),
    };
    const signature = concat(
      new Uint8Array(32),
      new Uint8Array(32).map(() => random.below(256)),
    );
    const proposal = { ...forgeProposal(identity, fields), signature };
    return encodePayload({ type: 'message', message: { type: 'proposal', proposal } });
  }
}
