/** What survives a crash: the chain, the log of the height at hand with its blocks, the signer's last word. */
import assert from 'node:assert/strict';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Time } from '../../node/base/time.ts';
import type { SignRequest, WalRecord } from '../../node/consensus/effects.ts';
import type { BlockId, Commit } from '../../node/consensus/types.ts';
import { blockKey, type BlockKey } from '../../node/consensus/votes.ts';
import type { SimulatedBlock } from './world.ts';

export interface Signature {
  readonly time: Time;
  readonly signature: Bytes;
}

interface LastSigned extends Signature {
  readonly order: readonly [number, number, number];
  readonly key: BlockKey;
}

export class Disk {
  /** By height. */
  readonly chain: { readonly block: SimulatedBlock; readonly commit: Commit }[] = [];
  records: WalRecord[] = [];
  readonly blocks = new Map<BlockKey, SimulatedBlock>();
  #lastSigned: LastSigned | undefined;

  get tip(): number {
    return Math.max(0, this.chain.length - 1);
  }

  /** A record and the bytes of the block it names. */
  append(record: WalRecord, blockOf: (id: BlockId) => SimulatedBlock | undefined): void {
    const { blockId } = record.type === 'lock' ? record.qc : record.request;
    const block = blockOf(blockId);
    if (block) this.blocks.set(blockKey(blockId), block);
    this.records.push(record);
  }

  commit(block: SimulatedBlock, commit: Commit): void {
    assert.equal(block.height, this.tip + 1, 'blocks are stored one after the other');
    this.chain[block.height] = { block, commit };
    this.records = [];
    this.blocks.clear();
  }

  /** The second guard: the same request gets the same answer, an earlier or different one is an error. */
  sign(request: SignRequest, make: () => Signature): Signature {
    const step = request.type === 'proposal' ? 0 : request.voteType;
    const order = [request.height, request.round, step] as const;
    const key = blockKey(request.blockId);
    const last = this.#lastSigned;
    const direction = last ? compareOrder(order, last.order) : 1;
    if (last && direction === 0) {
      assert.equal(key, last.key, 'asked to sign two values for one step');
      return last;
    }
    assert.ok(direction > 0, `asked to sign ${order.join('/')} after ${last?.order.join('/')}`);
    this.#lastSigned = { ...make(), order, key };
    return this.#lastSigned;
  }
}

function compareOrder(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    if (value !== b[index]) return value - b[index]!;
  }
  return 0;
}
