/**
 * New values for keys that are there, written straight from the records of old pages into those of new ones. Such a
 * change moves no node: on each path only versions, hashes and places are others, everything beside it is copied as it
 * stands. So no node is made in memory, and each page is read and written once however many of its keys change.
 */
import type { Bytes } from '../../base/bytes.ts';
import { ByteReader } from '../byte-reader.ts';
import { DamagedStoreError } from '../errors.ts';
import { partToText } from '../kv.ts';
import { hashInner, hashLeaf, writeUvarint, type NodeRef, type PagePlace } from './node.ts';
import {
  ChildHead,
  HASH_BYTES,
  MAX_CHILD_BYTES,
  MAX_INLINE_BYTES,
  MAX_INLINE_PART,
} from './page.ts';
import type { PageBatch, PageRecord } from './page-batch.ts';

/** May a new value for this key be written so? A longer leaf needs a page of its own. */
export const fitsInPage = (key: string, value: Bytes): boolean =>
  key.length + value.length <= MAX_INLINE_BYTES;

export interface Updates {
  /** Ascending. */
  readonly keys: readonly string[];
  readonly values: readonly Bytes[];
  /** Filled: which of the keys are not there. Nothing is changed for them. */
  readonly missing: number[];
}

/** The updates from `low` to `high` - 1. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** A key within a record. */
interface KeyPlace {
  readonly bytes: Bytes;
  readonly at: number;
  readonly length: number;
}

export interface UpdateTarget {
  find(place: PagePlace): PageRecord;
  /** Called for each page that a new one stands for. */
  replaced(place: PagePlace): void;
  readonly fresh: PageBatch;
}

/** A page under construction. */
class Draft {
  readonly depth: number;
  out = Buffer.alloc(0);
  at = 0;
  old: PageRecord = { bytes: this.out, start: 0, end: 0, trusted: true };
  page = 0;

  constructor(depth: number) {
    this.depth = depth;
  }

  begin(old: PageRecord, page: number): void {
    this.old = old;
    this.page = page;
    this.at = 0;
    const most = old.end - old.start + MAX_INLINE_BYTES + MAX_INLINE_PART + 2 * MAX_CHILD_BYTES;
    if (this.out.length < most) this.out = Buffer.alloc(most);
  }

  copy(start: number, end: number): void {
    this.out.set(this.old.bytes.subarray(start, end), this.at);
    this.at += end - start;
  }

  head(child: ChildHead, version: number): void {
    this.at = writeUvarint(this.out, this.at, version);
    this.out[this.at++] = child.height;
    if (child.height > 0) this.at = writeUvarint(this.out, this.at, child.size);
  }

  hash(at: number, hash: string): void {
    this.out.write(hash, at, HASH_BYTES, 'latin1');
  }
}

/** Drafts by depth: a page is finished only after those below it. */
const drafts: Draft[] = [];

export class PageUpdate {
  readonly #updates: Updates;
  readonly #target: UpdateTarget;
  readonly #version: number;

  constructor(updates: Updates, target: UpdateTarget) {
    this.#updates = updates;
    this.#target = target;
    this.#version = target.fresh.version;
  }

  /**
   * Applies updates that belong below `root`, the root of a page. Returns what stands in its place; undefined when
   * none of the keys is there.
   */
  apply(root: NodeRef, span: Span, depth = 0): NodeRef | undefined {
    const draft = (drafts[depth] ??= new Draft(depth));
    const record = this.#target.find(root);
    draft.begin(record, root.page);
    const part = new ByteReader(record.bytes, record.start, record.end);
    const hash = this.#content(draft, root, part, span);
    if (hash === undefined) return undefined;
    this.#target.replaced(root);
    const nonce = this.#target.fresh.add(draft.out, draft.at);
    const { height, size } = root;
    return { version: this.#version, page: this.#version, nonce, height, size, hash };
  }

  /** Writes the content of a node; returns its new hash, or undefined when nothing has changed. */
  #content(draft: Draft, node: NodeRef, part: ByteReader, span: Span): string | undefined {
    if (node.height === 0) return this.#leaf(draft, node, part, span);
    const { bytes, trusted } = draft.old;
    const start = part.at;
    const length = part.number();
    const key: KeyPlace = { bytes, length, at: part.skip(length) };
    const left = new ChildHead(part, bytes, draft.page);
    const right = new ChildHead(part, bytes, draft.page);
    part.end();
    if (left.height >= node.height || right.height >= node.height) damaged(node);
    if (!trusted && hashInner(node, left, right) !== node.hash) damaged(node);
    const middle = this.#split(key, span);
    draft.copy(start, left.start);
    const newLeft = this.#child(draft, left, { low: span.low, high: middle });
    const newRight = this.#child(draft, right, { low: middle, high: span.high });
    if (newLeft === undefined && newRight === undefined) return undefined;
    const head = { height: node.height, size: node.size, version: this.#version };
    return hashInner(head, newLeft ?? left, newRight ?? right);
  }

  #leaf(draft: Draft, node: NodeRef, part: ByteReader, span: Span): string | undefined {
    const { keys, values, missing } = this.#updates;
    const { bytes, trusted } = draft.old;
    const keyAt = part.skip(part.number());
    const key = partToText(bytes, keyAt, part.at);
    const keyEnd = part.at;
    if (!trusted && hashLeaf(node, key, part.rest()) !== node.hash) damaged(node);
    let hash: string | undefined;
    for (let i = span.low; i < span.high; i++) {
      if (keys[i] !== key) {
        missing.push(i);
        continue;
      }
      const value = values[i] as Bytes;
      draft.at = writeUvarint(draft.out, draft.at, key.length);
      draft.copy(keyAt, keyEnd);
      draft.out.set(value, draft.at);
      draft.at += value.length;
      hash = hashLeaf({ height: 0, size: 1, version: this.#version }, key, value);
    }
    return hash;
  }

  /** Writes a child with what is before its content; returns its hash when it has changed. */
  #child(draft: Draft, child: ChildHead, span: Span): string | undefined {
    const start = draft.at;
    const changed =
      span.low === span.high
        ? undefined
        : child.nonce > 0
          ? this.#childPage(draft, child, span)
          : this.#inlineChild(draft, child, span);
    if (changed !== undefined) return changed;
    draft.at = start;
    draft.copy(child.start, child.end);
    return undefined;
  }

  #childPage(draft: Draft, child: ChildHead, span: Span): string | undefined {
    const fresh = this.apply(child, span, draft.depth + 1);
    if (!fresh) return undefined;
    draft.head(child, fresh.version);
    draft.hash(draft.at, fresh.hash);
    draft.at = writeUvarint(draft.out, draft.at + HASH_BYTES, fresh.nonce);
    draft.at = writeUvarint(draft.out, draft.at, fresh.page);
    return fresh.hash;
  }

  #inlineChild(draft: Draft, child: ChildHead, span: Span): string | undefined {
    draft.head(child, this.#version);
    const hashAt = draft.at;
    const lengthAt = writeUvarint(draft.out, hashAt + HASH_BYTES, 0);
    draft.at = lengthAt + 2;
    const part = new ByteReader(draft.old.bytes, child.at, child.end);
    const hash = this.#content(draft, child, part, span);
    if (hash === undefined) return undefined;
    draft.hash(hashAt, hash);
    draft.out.writeUInt16BE(draft.at - lengthAt - 2, lengthAt);
    return hash;
  }

  /** The first of the keys that is not below the key in the record. */
  #split(place: KeyPlace, { low, high }: Span): number {
    const { keys } = this.#updates;
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isBelow(keys[middle] as string, place)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function isBelow(key: string, { bytes, at, length }: KeyPlace): boolean {
  const shorter = Math.min(key.length, length);
  for (let i = 0; i < shorter; i++) {
    const difference = key.charCodeAt(i) - (bytes[at + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return key.length < length;
}

function damaged({ version, page, nonce }: NodeRef): never {
  const place = `node ${version} in page ${page}/${nonce}`;
  throw new DamagedStoreError(`${place} does not have the hash its parent names`);
}
