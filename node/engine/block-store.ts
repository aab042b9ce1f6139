/**
 * Blocks, commits, results, validator sets and the chain state, in one database. Each block arrives in one
 * synced atomic batch together with the state after it, so that the tip is always whole.
 */
import { bytesToUint64, uint64ToBytes, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { MAX_CACHED_BLOCKS } from '../base/limits.ts';
import { ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { ConsensusParams, FinalizeBlockResponse } from '../app/abci.ts';
import { decodeBlock, decodeCommit, readBlockId } from '../consensus/decoding.ts';
import { encodeBlockId, encodeCommit } from '../consensus/encoding.ts';
import { blockIdOf } from '../consensus/hashing.ts';
import type { Block, BlockId, Commit, Header } from '../consensus/types.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';
import { NIL_BLOCK_ID, sameBlock } from '../consensus/votes.ts';
import type { Db, DbOp } from '../store/db.ts';
import * as keys from './block-keys.ts';
import type { ChainState } from './chain-state.ts';
import { encodeParams, readParams } from './params-codec.ts';
import { decodeResults, encodeResults } from './results-codec.ts';
import {
  decodeChainState,
  decodeValidatorSet,
  encodeChainState,
  encodeValidatorSet,
  sealed,
  unsealed,
} from './state-codec.ts';

export interface StoredBlock {
  readonly block: Block;
  readonly blockId: BlockId;
  /** Bytes of the encoded block. */
  readonly size: number;
}

export interface StoredCommit {
  readonly header: Header;
  readonly commit: Commit;
  /** False at the tip, where only the commit this node saw is known. */
  readonly canonical: boolean;
}

/** All that becomes durable with one block. */
export interface DecidedBlock {
  readonly block: Block;
  readonly bytes: Bytes;
  readonly blockId: BlockId;
  readonly seenCommit: Commit;
  readonly results: FinalizeBlockResponse;
  readonly next: ChainState;
  /** Written in the same batch: evidence that is no longer pending. */
  readonly extra?: readonly DbOp[];
}

const ALWAYS = { always: true } as const;

export class BlockStore {
  readonly #db: Db;
  readonly #damaged: (what: string) => Error;
  readonly #cache = new Map<number, StoredBlock>();
  #state: ChainState | undefined;
  #base = 0;

  private constructor(db: Db, damaged: (what: string) => Error) {
    this.#db = db;
    this.#damaged = damaged;
  }

  /** `damaged` names what is wrong with a record that cannot be read. */
  static open(db: Db, damaged: (what: string) => Error): BlockStore {
    const store = new BlockStore(db, damaged);
    const stored = db.get(keys.STATE_KEY);
    if (stored !== undefined) {
      const record = unsealed(stored);
      if (record === undefined) throw damaged('the chain state');
      store.#state = decodeChainState(record);
    }
    const base = db.get(keys.BASE_KEY);
    store.#base = base === undefined ? 0 : Number(bytesToUint64(base));
    return store;
  }

  get db(): Db {
    return this.#db;
  }

  /** Undefined before `begin`. */
  state(): ChainState | undefined {
    return this.#state;
  }

  /** Height of the newest block; 0 when there is none. */
  height(): number {
    return this.#base === 0 ? 0 : (this.#state?.height ?? 0);
  }

  /** Height of the oldest block; 0 when there is none. */
  base(): number {
    return this.#base;
  }

  /** Stores the state before the first block. */
  async begin(genesis: ChainState): Promise<void> {
    assert(this.#state === undefined, 'the chain has begun already');
    const ops: DbOp[] = [
      put(keys.STATE_KEY, sealed(encodeChainState(genesis))),
      ...setsOps(genesis.height + 1, genesis.validators, genesis.params),
    ];
    await this.#db.batch(ops, { sync: true });
    this.#state = genesis;
  }

  async save(decided: DecidedBlock): Promise<void> {
    const { block, bytes, blockId, seenCommit, results, next, extra = [] } = decided;
    const { height } = block.header;
    assert(height === (this.#state?.height ?? NaN) + 1, 'blocks are stored in order');
    const meta = new ProtoWriter().message(1, encodeBlockId(blockId), ALWAYS);
    const ops: DbOp[] = [
      put(keys.metaKey(height), meta.int64(2, bytes.length).finish()),
      put(keys.blockKeyOf(height), bytes),
      put(keys.seenCommitKey(height), encodeCommit(seenCommit)),
      { type: 'del', key: keys.seenCommitKey(height - 1) },
      put(keys.resultsKey(height), sealed(encodeResults(results))),
      put(keys.hashKey(blockId.hash), uint64ToBytes(height)),
      ...setsOps(height + 1, next.validators, next.params),
      put(keys.STATE_KEY, sealed(encodeChainState(next))),
      ...extra,
    ];
    if (this.#base === 0) ops.push(put(keys.BASE_KEY, uint64ToBytes(height)));
    await this.#db.batch(ops, { sync: true });
    this.#state = next;
    if (this.#base === 0) this.#base = height;
    this.#remember(height, { block, blockId, size: bytes.length });
  }

  block(height: number): StoredBlock | undefined {
    const cached = this.#cache.get(height);
    if (cached !== undefined) return cached;
    const bytes = this.blockBytes(height);
    const meta = this.meta(height);
    if (bytes === undefined || meta === undefined) return undefined;
    const stored = { block: decodeBlock(bytes), blockId: meta.blockId, size: bytes.length };
    if (!sameBlock(blockIdOf(stored.block, bytes), meta.blockId)) {
      throw this.#damaged(`block ${height} does not have the hash it was stored with`);
    }
    this.#remember(height, stored);
    return stored;
  }

  blockBytes(height: number): Bytes | undefined {
    return this.#db.get(keys.blockKeyOf(height));
  }

  meta(height: number): { readonly blockId: BlockId; readonly size: number } | undefined {
    const bytes = this.#db.get(keys.metaKey(height));
    if (bytes === undefined) return undefined;
    const reader = new ProtoReader(bytes);
    let [blockId, size] = [NIL_BLOCK_ID, 0];
    while (reader.next()) {
      if (reader.field === 1) blockId = reader.message(readBlockId);
      else if (reader.field === 2) size = reader.safeInteger();
      else reader.unknown();
    }
    return { blockId, size };
  }

  seenCommit(height: number): Commit | undefined {
    const bytes = this.#db.get(keys.seenCommitKey(height));
    return bytes && decodeCommit(bytes);
  }

  /** The commit inside the next block, or the seen one at the tip. */
  commit(height: number): StoredCommit | undefined {
    const stored = this.block(height);
    if (stored === undefined) return undefined;
    const { header } = stored.block;
    const next = height < this.height() ? this.block(height + 1) : undefined;
    if (next !== undefined) return { header, commit: next.block.lastCommit, canonical: true };
    const commit = this.seenCommit(height);
    return commit && { header, commit, canonical: false };
  }

  heightByHash(hash: Bytes): number | undefined {
    const bytes = this.#db.get(keys.hashKey(hash));
    return bytes && Number(bytesToUint64(bytes));
  }

  /** Known up to one height above the newest block. */
  validators(height: number): ValidatorSet | undefined {
    const bytes = this.#db.get(keys.validatorsKey(height));
    const record = bytes && unsealed(bytes);
    return record && decodeValidatorSet(record);
  }

  results(height: number): FinalizeBlockResponse | undefined {
    const bytes = this.#db.get(keys.resultsKey(height));
    const record = bytes && unsealed(bytes);
    return record && decodeResults(record);
  }

  consensusParams(height: number): ConsensusParams | undefined {
    const bytes = this.#db.get(keys.paramsKey(height));
    return bytes && readParams(new ProtoReader(bytes));
  }

  /** Forgets blocks below `keepFrom`; validator sets stay, evidence about them may still come. */
  async prune(keepFrom: number): Promise<void> {
    const end = Math.min(keepFrom, this.height());
    if (this.#base === 0 || end <= this.#base) return;
    const ops: DbOp[] = [put(keys.BASE_KEY, uint64ToBytes(end))];
    for (let height = this.#base; height < end; height += 1) {
      const hash = this.meta(height)?.blockId.hash;
      if (hash !== undefined) ops.push({ type: 'del', key: keys.hashKey(hash) });
      for (const key of [keys.metaKey, keys.blockKeyOf, keys.resultsKey]) {
        ops.push({ type: 'del', key: key(height) });
      }
      this.#cache.delete(height);
    }
    await this.#db.batch(ops, { sync: false });
    this.#base = end;
  }

  #remember(height: number, stored: StoredBlock): void {
    this.#cache.set(height, stored);
    if (this.#cache.size <= MAX_CACHED_BLOCKS) return;
    const oldest = this.#cache.keys().next();
    if (!oldest.done) this.#cache.delete(oldest.value);
  }
}

function put(key: Bytes, value: Bytes): DbOp {
  return { type: 'put', key, value };
}

function setsOps(height: number, validators: ValidatorSet, params: ConsensusParams): DbOp[] {
  return [
    put(keys.validatorsKey(height), sealed(encodeValidatorSet(validators))),
    put(keys.paramsKey(height), encodeParams(params)),
  ];
}
