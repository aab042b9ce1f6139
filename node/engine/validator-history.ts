/**
 * The validator set of every height. Most sets are the one before, one turn later: only a set that is not, and
 * every SET_CHECKPOINT_HEIGHTS one that is, are stored whole; the others name the height they follow from.
 */
import { bytesToUint64, concat, equal, uint64ToBytes, type Bytes } from '../base/bytes.ts';
import { SET_CHECKPOINT_HEIGHTS } from '../base/limits.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';
import type { Db, DbOp } from '../store/db.ts';
import { validatorsKey } from './block-keys.ts';
import { decodeValidatorSet, encodeValidatorSet, sealed, unsealed } from './state-codec.ts';

/** First byte of a record that names another height; no encoded set begins with it. */
const FOLLOWS = 0;

type Stored = { readonly from: number } | { readonly set: ValidatorSet };

export class ValidatorHistory {
  readonly #db: Db;
  /** The sets that follow from the one at `from`, as far as they were asked for. */
  #run: { readonly from: number; readonly sets: ValidatorSet[] } = { from: -1, sets: [] };

  constructor(db: Db) {
    this.#db = db;
  }

  at(height: number): ValidatorSet | undefined {
    const stored = this.#stored(height);
    if (stored === undefined || 'set' in stored) return stored?.set;
    return this.#following(stored.from, height);
  }

  /** What to write for `height`; `before` is the set of the height before if that is stored. */
  put(height: number, set: ValidatorSet, before?: ValidatorSet): DbOp {
    const isNextTurn =
      before !== undefined &&
      height % SET_CHECKPOINT_HEIGHTS !== 0 &&
      equal(encodeValidatorSet(before.advance(1)), encodeValidatorSet(set));
    const last = isNextTurn ? this.#stored(height - 1) : undefined;
    if (last === undefined) return whole(height, set);
    return follows(height, 'set' in last ? height - 1 : last.from);
  }

  /** What to write so that `first` and all above stay known when those below are gone. */
  rebase(first: number): DbOp[] {
    const stored = this.#stored(first);
    const set = this.at(first);
    if (stored === undefined || set === undefined || 'set' in stored) return [];
    const ops = [whole(first, set)];
    for (let height = first + 1; ; height += 1) {
      const next = this.#stored(height);
      if (next === undefined || 'set' in next || next.from >= first) return ops;
      ops.push(follows(height, first));
    }
  }

  #stored(height: number): Stored | undefined {
    const bytes = this.#db.get(validatorsKey(height));
    const record = bytes && unsealed(bytes);
    if (record === undefined) return undefined;
    if (record[0] === FOLLOWS) return { from: Number(bytesToUint64(record, 1)) };
    return { set: decodeValidatorSet(record) };
  }

  #following(from: number, height: number): ValidatorSet | undefined {
    if (this.#run.from !== from) {
      const first = this.#stored(from);
      if (first === undefined || !('set' in first)) return undefined;
      this.#run = { from, sets: [first.set] };
    }
    const { sets } = this.#run;
    for (let last = sets.at(-1); last && from + sets.length <= height; last = sets.at(-1)) {
      sets.push(last.advance(1));
    }
    return sets[height - from];
  }
}

function whole(height: number, set: ValidatorSet): DbOp {
  return { type: 'put', key: validatorsKey(height), value: sealed(encodeValidatorSet(set)) };
}

function follows(height: number, from: number): DbOp {
  const record: Bytes = concat(Uint8Array.of(FOLLOWS), uint64ToBytes(from));
  return { type: 'put', key: validatorsKey(height), value: sealed(record) };
}
