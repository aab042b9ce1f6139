/** Light blocks from peers, verified from a trusted one; whoever gives one that is not true is not asked again. */
import { equal, toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_LIGHT_RECORD_BYTES } from '../base/limits.ts';
import { headerHash } from '../consensus/hashing.ts';
import { bisect, RefusedLightBlock } from '../consensus/light-bisection.ts';
import {
  checkCommitted,
  checkLightBlock,
  ErrLightExpired,
  verifyAdjacent,
  type LightBlock,
  type LightOptions,
} from '../consensus/light.ts';
import type { AnswerBounds, LightRecord, SyncNetwork } from './expected.ts';
import { decodeLightRecord, encodeStateRequest } from './state-messages.ts';
import { STRIKE_FAILURE, STRIKE_LIE } from './sync-plan.ts';

export interface GivenRecord extends LightRecord {
  readonly peerId: string;
}

const BOUNDS: AnswerBounds = { maxParts: 1, maxBytes: MAX_LIGHT_RECORD_BYTES };

export class LightSource {
  readonly #network: SyncNetwork;
  readonly #chainId: string;
  readonly #liars = new Set<string>();

  constructor(network: SyncNetwork, chainId: string) {
    this.#network = network;
    this.#chainId = chainId;
  }

  /** Connected peers that have not lied, in another order each time. */
  peers(): string[] {
    return this.#network
      .peers()
      .filter((peerId) => !this.#liars.has(peerId))
      .map((peerId) => ({ peerId, at: Math.random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ peerId }) => peerId);
  }

  lie(peerId: string, reason: string): void {
    this.#liars.add(peerId);
    this.#network.strike(peerId, STRIKE_LIE, reason);
  }

  failure(peerId: string, reason: string): void {
    this.#network.strike(peerId, STRIKE_FAILURE, reason);
  }

  /** From this peer, well formed and committed by the validators it names; undefined when it has none. */
  async from(peerId: string, height: number, version: bigint): Promise<GivenRecord | undefined> {
    const question = encodeStateRequest({ type: 'light', height });
    let parts: readonly Bytes[];
    try {
      parts = await this.#network.ask(peerId, question, BOUNDS);
    } catch (error) {
      this.failure(peerId, `no light block: ${String(error)}`);
      return undefined;
    }
    if (parts[0] === undefined) return undefined;
    try {
      const record = decodeLightRecord(parts[0]);
      checkLightBlock(record.block, this.#chainId, version);
      checkCommitted(record.block);
      if (record.block.header.height === height) return { ...record, peerId };
      this.lie(peerId, 'the light block of another height');
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      this.lie(peerId, error.message);
    }
    return undefined;
  }

  /** From the first peer that has it. */
  async any(height: number, version: bigint): Promise<GivenRecord | undefined> {
    for (const peerId of this.peers()) {
      const record = await this.from(peerId, height, version);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  /** The light block of the trusted height and hash; undefined when nobody gives it. */
  async trusted(height: number, hash: Bytes, version: bigint): Promise<LightBlock | undefined> {
    for (const peerId of this.peers()) {
      const record = await this.from(peerId, height, version);
      if (record === undefined) continue;
      const given = headerHash(record.block.header);
      if (equal(given, hash)) return record.block;
      this.failure(peerId, `its header ${height} is ${toHex(given)}, not the trusted one`);
    }
    return undefined;
  }

  /**
   * The header of `height`, verified from `trusted` with as few in between as it takes; undefined when nobody
   * gives what it takes. Throws light/1 when the trusted one has expired.
   */
  async verified(
    trusted: LightBlock,
    height: number,
    options: LightOptions,
  ): Promise<LightBlock | undefined> {
    if (height === trusted.header.height) return trusted;
    const givers = new Map<LightBlock, string>();
    for (;;) {
      const search = bisect(trusted, height, options);
      try {
        let turn = search.next();
        while (turn.done !== true) {
          const wanted = turn.value;
          const known = [...givers.keys()].find(({ header }) => header.height === wanted);
          const record = known ?? (await this.#remembered(givers, wanted, options));
          if (record === undefined) return undefined;
          turn = search.next(record);
        }
        return turn.value.block;
      } catch (error) {
        if (!(error instanceof RefusedLightBlock) || error.kind === ErrLightExpired) throw error;
        this.#blame(givers, error);
      }
    }
  }

  /** The header right after `before`, verified. */
  async following(before: LightBlock, options: LightOptions): Promise<LightBlock | undefined> {
    for (;;) {
      const record = await this.any(before.header.height + 1, options.blockVersion);
      if (record === undefined) return undefined;
      try {
        verifyAdjacent(before.header, record.block, options);
        return record.block;
      } catch (error) {
        if (!(error instanceof BitscaleError) || error.kind === ErrLightExpired) throw error;
        this.lie(record.peerId, error.message);
      }
    }
  }

  async #remembered(
    givers: Map<LightBlock, string>,
    height: number,
    { blockVersion }: LightOptions,
  ): Promise<LightBlock | undefined> {
    const record = await this.any(height, blockVersion);
    if (record !== undefined) givers.set(record.block, record.peerId);
    return record?.block;
  }

  /** Everything this peer gave is asked of others. */
  #blame(givers: Map<LightBlock, string>, { block, cause }: RefusedLightBlock): void {
    const liar = givers.get(block);
    if (liar === undefined) throw new TypeError('a refused light block was given by somebody');
    this.lie(liar, String(cause));
    for (const [given, peerId] of givers) if (peerId === liar) givers.delete(given);
  }
}
