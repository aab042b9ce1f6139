/** Blocks that are proposed at the height at hand and the next one, with when they came. */
import { equal, type Bytes } from '../base/bytes.ts';
import { MAX_HELD_BLOCKS } from '../base/limits.ts';
import { decodeBlock } from '../consensus/decoding.ts';
import { blockIdOf } from '../consensus/hashing.ts';
import type { Block, BlockId } from '../consensus/types.ts';
import { blockKey } from '../consensus/votes.ts';

export interface HeldBlock {
  readonly block: Block;
  readonly bytes: Bytes;
  readonly blockId: BlockId;
  /** Wall clock of its arrival, milliseconds. */
  readonly arrivedMs: number;
  /** Its bytes are in the write-ahead log. */
  logged: boolean;
  /** Validators whose precommits were here when it was checked, but are not in its last commit. */
  omitted: readonly Bytes[];
}

/** Undefined when the bytes, which came from outside, are not a block. */
export function readBlock(bytes: Bytes, arrivedMs: number): HeldBlock | undefined {
  try {
    const block: Block = decodeBlock(bytes);
    return {
      block,
      bytes,
      blockId: blockIdOf(block, bytes),
      arrivedMs,
      logged: false,
      omitted: [],
    };
  } catch {
    return undefined;
  }
}

export class BlockPool {
  readonly #blocks = new Map<string, HeldBlock>();
  /** Those the machine reckons with: they may be decided. */
  readonly #kept = new Map<string, number>();
  readonly #awaited = new Map<string, (() => void)[]>();

  /** Resolves when the block comes, by whatever way; never when its height is decided before. */
  arrival(id: BlockId): Promise<void> {
    if (this.get(id) !== undefined) return Promise.resolve();
    const name = blockKey(id);
    return new Promise((resolve) => {
      this.#awaited.set(name, [...(this.#awaited.get(name) ?? []), resolve]);
    });
  }

  add(held: HeldBlock): void {
    const name = blockKey(held.blockId);
    if (this.#blocks.has(name)) return;
    if (this.#blocks.size >= MAX_HELD_BLOCKS) this.#dropOne();
    this.#blocks.set(name, held);
    for (const tell of this.#awaited.get(name) ?? []) tell();
    this.#awaited.delete(name);
  }

  /** Decodes and keeps a block that came from outside; undefined when it is not a block. */
  addBytes(bytes: Bytes, arrivedMs: number): HeldBlock | undefined {
    const held = readBlock(bytes, arrivedMs);
    if (held === undefined) return undefined;
    this.add(held);
    return this.get(held.blockId);
  }

  /** From now on others do not push it out. */
  keep(id: BlockId, height: number): void {
    this.#kept.set(blockKey(id), height);
  }

  get(id: BlockId): HeldBlock | undefined {
    return this.#blocks.get(blockKey(id));
  }

  byHash(hash: Bytes): HeldBlock | undefined {
    for (const held of this.#blocks.values()) if (equal(held.blockId.hash, hash)) return held;
    return undefined;
  }

  /** Forgets the blocks of decided heights. */
  dropUpTo(height: number): void {
    for (const [name, { block }] of this.#blocks) {
      if (block.header.height <= height) this.#blocks.delete(name);
    }
    for (const [name, keptAt] of this.#kept) {
      if (keptAt > height) continue;
      this.#kept.delete(name);
      this.#awaited.delete(name);
    }
  }

  /** The oldest one that no log record names and that cannot be decided for all we know. */
  #dropOne(): void {
    for (const [name, held] of this.#blocks) {
      if (held.logged || this.#kept.has(name)) continue;
      this.#blocks.delete(name);
      return;
    }
  }
}
