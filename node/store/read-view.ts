/** The committed state of one version, for queries and proofs. Reads walk the trees. */
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { encodedStoreProof, type CommitRecord } from './commit-record.ts';
import type { Db } from './db.ts';
import { ErrVersion } from './errors.ts';
import { stubOf, type TreeNode } from './iavl/node.ts';
import { NodeStore } from './iavl/node-store.ts';
import { proveKey } from './iavl/proof.ts';
import type { NodeSource } from './iavl/tree.ts';
import { valueOf, walk } from './iavl/walk.ts';
import type { CommitmentProof } from './ics23/types.ts';
import { keyBytes, type Key, type KvPair, type KvReader } from './kv.ts';

interface Root {
  readonly source: NodeSource;
  readonly node: TreeNode | undefined;
}

/** Shares loaded nodes with the working state when the version is the newest. */
export type SharedRoot = (name: string) => Root | undefined;

export class ReadView {
  readonly version: number;
  readonly #db: Db;
  readonly #record: CommitRecord;
  readonly #shared: SharedRoot;

  constructor(db: Db, record: CommitRecord, shared: SharedRoot = () => undefined) {
    this.version = record.version;
    this.#db = db;
    this.#record = record;
    this.#shared = shared;
  }

  /** Only stores that count in the app hash have history; throws for any other name. */
  store(name: string): KvReader {
    return new TreeReader(this.#root(name));
  }

  has(name: string): boolean {
    return this.#record.stores.some((store) => store.name === name && store.kind === 'iavl');
  }

  proveKey(name: string, key: Bytes): CommitmentProof {
    const root = this.#root(name);
    return proveKey(root.source, root.node, key);
  }

  /** The ICS-23 proof of the store's root under the app hash, in protobuf. Not to be changed. */
  storeProof(name: string): Bytes {
    this.#root(name);
    return encodedStoreProof(this.#record, name);
  }

  #root(name: string): Root {
    const found = this.#record.stores.find((store) => store.name === name);
    if (found?.kind !== 'iavl')
      throw new BitscaleError(ErrVersion, `store ${name} at version ${this.version}`);
    const shared = this.#shared(name);
    if (shared) return shared;
    return { source: new NodeStore(this.#db, name), node: found.root && stubOf(found.root) };
  }
}

class TreeReader implements KvReader {
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  get(key: Key): Bytes | undefined {
    return valueOf(this.#root.source, this.#root.node, keyBytes(key));
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  iterate(start?: Bytes, end?: Bytes, reverse = false): IterableIterator<KvPair> {
    return walk(this.#root.source, this.#root.node, { start, end, reverse });
  }
}
