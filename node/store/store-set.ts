/** Which stores there are: opening them, and changing the set at an upgrade of the chain. */
import { utf8 } from '../base/bytes.ts';
import { assert, BitscaleError } from '../base/errors.ts';
import { MAX_STORE_NAME_BYTES, MAX_STORES } from '../base/limits.ts';
import { byName, type CommitRecord, type StoreRoot } from './commit-record.ts';
import { CommittedStore, type StoreKind } from './committed-store.ts';
import type { Db, DbOp } from './db.ts';
import { ErrStoreSet } from './errors.ts';
import type { RecentPages } from './iavl/recent-pages.ts';
import { prefixEnd } from './kv.ts';
import { droppedKey, valuePrefix } from './layout.ts';

export interface StoreNames {
  /** Stores in the app hash. */
  readonly iavl: readonly string[];
  /** Stores of which only the newest version is kept, outside the app hash. */
  readonly plain: readonly string[];
}

/** Without effect once a version with the new set is committed. */
export interface StoreUpgrade {
  readonly added?: readonly string[];
  readonly deleted?: readonly string[];
  /** From, to: the keys are written anew under the new name. */
  readonly renamed?: readonly (readonly [string, string])[];
}

const NAME = /^[A-Za-z0-9_.-]+$/;

interface Wanted {
  readonly name: string;
  readonly kind: StoreKind;
}

export function wantedStores(names: StoreNames): Wanted[] {
  const wanted = [
    ...names.iavl.map((name): Wanted => ({ name, kind: 'iavl' })),
    ...names.plain.map((name): Wanted => ({ name, kind: 'plain' })),
  ].sort(byName);
  assert(wanted.length <= MAX_STORES, `more than ${MAX_STORES} stores`);
  wanted.forEach(({ name }, index) => {
    assert(name !== wanted[index - 1]?.name, `store ${name} is named twice`);
    assert(NAME.test(name), `${name} is not a name for a store`);
    assert(utf8(name).length <= MAX_STORE_NAME_BYTES, `the name of store ${name} is too long`);
  });
  return wanted;
}

/** A store whose keys are written anew under another name. */
export interface Renamed {
  readonly source: CommittedStore;
  readonly target: CommittedStore;
}

export interface OpenedStores {
  readonly stores: Map<string, CommittedStore>;
  readonly renamed: readonly Renamed[];
  /** Names whose data the next commit drops. */
  readonly dropped: readonly string[];
}

export function openStores(
  db: Db,
  wanted: readonly Wanted[],
  options: {
    readonly record: CommitRecord | undefined;
    readonly upgrade: StoreUpgrade;
    readonly nextVersion: number;
    readonly valueCacheBytes: number;
    readonly recentPages: RecentPages;
  },
): OpenedStores {
  const { record, upgrade, ...common } = options;
  const old = new Map(record?.stores.map((store) => [store.name, store]));
  if (record) checkSet(old, wanted, upgrade);
  const stores = new Map<string, CommittedStore>();
  for (const { name, kind } of wanted) {
    const root = old.get(name)?.root;
    stores.set(name, new CommittedStore(db, { name, kind, root, ...common }));
  }
  const dropped = [...old.keys()].filter((name) => !stores.has(name));
  const renamed = (upgrade.renamed ?? []).flatMap(([from, to]): Renamed[] => {
    if (!dropped.includes(from)) return [];
    const source = new CommittedStore(db, { ...common, ...(old.get(from) as StoreRoot) });
    return [{ source, target: stores.get(to) as CommittedStore }];
  });
  copyRenamed(renamed);
  return { stores, renamed, dropped };
}

/** Into the working state: again after each rollback, until a commit. */
export function copyRenamed(renamed: readonly Renamed[]): void {
  for (const { source, target } of renamed) {
    for (const [key, value] of source.iterateCommitted()) target.set(key, value);
  }
}

function checkSet(
  old: ReadonlyMap<string, StoreRoot>,
  wanted: readonly Wanted[],
  upgrade: StoreUpgrade,
): void {
  const names = new Set(wanted.map((store) => store.name));
  const added = new Set([...(upgrade.added ?? []), ...(upgrade.renamed ?? []).map((r) => r[1])]);
  const gone = new Set([...(upgrade.deleted ?? []), ...(upgrade.renamed ?? []).map((r) => r[0])]);
  for (const { name, kind } of wanted) {
    const before = old.get(name);
    if (!before && !added.has(name)) throw new BitscaleError(ErrStoreSet, `${name} is new`);
    if (before && before.kind !== kind) {
      throw new BitscaleError(ErrStoreSet, `${name} was of kind ${before.kind}, not ${kind}`);
    }
  }
  for (const name of old.keys()) {
    if (!names.has(name) && !gone.has(name)) {
      throw new BitscaleError(ErrStoreSet, `${name} is in the database but not wanted`);
    }
  }
}

/**
 * Drops the newest values at once; the tree nodes go when the last version that had them is pruned.
 */
export async function dropOps(db: Db, name: string, version: number): Promise<DbOp[]> {
  const ops: DbOp[] = [{ type: 'put', key: droppedKey(version, name), value: Uint8Array.of(1) }];
  const start = valuePrefix(name);
  const end = prefixEnd(start) as Uint8Array;
  for await (const [key] of db.iterate({ start, end })) ops.push({ type: 'del', key });
  return ops;
}
