/**
 * Plain stores are outside the app hash and have no history. Whoever owns them says what a snapshot carries of
 * them, and fills them again on a node that starts from one.
 */
import type { KvPair, KvReader, KvStore } from '../kv.ts';

export interface ExportedState {
  readonly height: number;
  /** A store of the app hash at `height`. Each reader starts with nothing in memory. */
  tree(name: string): KvReader;
  /** A plain store as it is now, which may be after `height`. */
  plain(name: string): KvReader;
}

export interface RestoredState extends ExportedState {
  plain(name: string): KvStore;
}

/** Refuses by throwing BitscaleError. */
export interface PlainOwner {
  /**
   * The pairs to carry, keys ascending: only what never changes once it is there, and only what the state of that
   * height speaks of, so that every node carries the same.
   */
  carried(state: ExportedState, store: string): Iterable<KvPair>;
  /** A pair from a snapshot: to be checked against the trees, which are right, and written. */
  accept(state: RestoredState, store: string, pair: KvPair): void;
  /** Builds what no snapshot carries, and checks that nothing is missing. The caller rests between the steps. */
  finish(state: RestoredState): Iterable<void>;
}
