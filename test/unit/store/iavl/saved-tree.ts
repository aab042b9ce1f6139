/**
 * A tree with its history in a database, without the checks of keys and values that stores make.
 */
import type { Bytes } from '../../../../node/base/bytes.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { nodeKey, nodePrefix } from '../../../../node/store/layout.ts';
import { refOf, stubOf, type NodeRef, type PagePlace } from '../../../../node/store/iavl/node.ts';
import { NodeStore } from '../../../../node/store/iavl/node-store.ts';
import { RecentPages } from '../../../../node/store/iavl/recent-pages.ts';
import { Tree } from '../../../../node/store/iavl/tree.ts';

export class SavedTree {
  readonly db = new MemoryDb();
  readonly nodes: NodeStore;
  readonly roots = new Map<number, NodeRef | undefined>();
  readonly tree: Tree;
  readonly #orphans = new Map<number, readonly PagePlace[]>();

  constructor(initialVersion = 1, cachedPageBytes = 0) {
    this.nodes = new NodeStore(this.db, 't', new RecentPages(cachedPageBytes));
    this.tree = new Tree(this.nodes, undefined, initialVersion);
  }

  /** Without a bound nothing stays in memory: every later step has to load its nodes again. */
  async save(cachedNodes = 0): Promise<Bytes> {
    const hash = this.tree.rootHash();
    const fresh = this.tree.placeNodes();
    await this.db.batch(this.nodes.puts(fresh));
    this.nodes.release(fresh);
    const version = this.tree.nextVersion;
    this.roots.set(version, this.tree.root && refOf(this.tree.root));
    this.#orphans.set(version, fresh.orphans);
    this.tree.saved();
    this.nodes.stored(fresh);
    this.nodes.trim(this.tree.root, cachedNodes);
    return hash;
  }

  /** Deletes the versions up to and including this one. */
  async prune(last: number): Promise<void> {
    const prefix = nodePrefix('t');
    for (const [version, orphans] of this.#orphans) {
      if (version > last + 1) continue;
      for (const place of orphans) {
        await this.db.batch([{ type: 'del', key: nodeKey(prefix, place) }]);
      }
      this.#orphans.delete(version);
    }
    for (const version of this.roots.keys()) if (version <= last) this.roots.delete(version);
  }

  /** The database keys of all pages. */
  async places(): Promise<Bytes[]> {
    const places: Bytes[] = [];
    for await (const [key] of this.db.iterate()) places.push(key);
    return places;
  }

  root(version: number) {
    const ref = this.roots.get(version);
    return ref && stubOf(ref);
  }
}
