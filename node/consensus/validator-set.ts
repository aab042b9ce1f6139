/**
 * The validators of one height and whose turn it is: CometBFT's weighted round robin by priority, exactly
 * (spec/consensus/proposer-selection.md), int64 clipping included. Immutable.
 */
import { compare, equal, toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError, assert, defineError } from '../base/errors.ts';
import { MAX_CACHED_LEADERS } from '../base/limits.ts';
import { merkleRoot } from '../base/merkle.ts';
import { encodeSimpleValidator } from './encoding.ts';
import {
  MAX_TOTAL_POWER,
  centred,
  highest,
  raised,
  rescaled,
  type RankedValidator,
} from './priorities.ts';
import type { Validator } from './types.ts';

export type { RankedValidator } from './priorities.ts';

export const ErrValidatorSet = defineError('consensus', 2, 'invalid validator set change');

/** A new power for a key; 0 removes it. */
export interface ValidatorChange {
  readonly address: Bytes;
  readonly pubKey: Bytes;
  readonly power: bigint;
}

export class ValidatorSet {
  /** Power descending, then address ascending. */
  readonly validators: readonly RankedValidator[];
  /** Whose turn it is. After `update` this may be one who has left, until the next `advance`. */
  readonly proposer: RankedValidator;
  readonly totalPower: bigint;
  readonly #leaders = new Map<number, RankedValidator>();
  /** How far the rotation was followed: a later round costs only the turns from there. */
  #followed: { readonly round: number; readonly ranked: readonly RankedValidator[] } | undefined;
  #hash: Bytes | undefined;
  #indexes: ReadonlyMap<string, number> | undefined;

  private constructor(validators: readonly RankedValidator[], proposer?: RankedValidator) {
    this.validators = validators;
    this.totalPower = validators.reduce((sum, validator) => sum + validator.power, 0n);
    assert(this.totalPower <= MAX_TOTAL_POWER, 'total voting power is within its limit');
    const next = proposer ?? validators[highest(validators)];
    assert(next, 'a validator set is not empty');
    this.proposer = next;
  }

  /** The set of a genesis: priorities from zero, advanced once. */
  static create(validators: readonly Validator[]): ValidatorSet {
    if (validators.length === 0) throw new BitscaleError(ErrValidatorSet, 'no validators');
    if (validators.some(({ power }) => power === 0n)) {
      throw new BitscaleError(ErrValidatorSet, 'a first validator needs power');
    }
    return new ValidatorSet(applyChanges([], validators)).advance(1);
  }

  /** A set as it was stored. `proposer` is the stored one (it may have left the set). */
  static restore(validators: readonly RankedValidator[], proposer?: RankedValidator): ValidatorSet {
    assert(validators.length > 0, 'a stored validator set is not empty');
    return new ValidatorSet([...validators].sort(setOrder), proposer);
  }

  /** n turns later. Rescaling and centring happen once per call, so advance(2) need not be two advance(1). */
  advance(n: number): ValidatorSet {
    assert(Number.isSafeInteger(n) && n > 0, 'the rotation advances by a positive number');
    let ranked = centred(rescaled(this.validators, this.totalPower));
    let turn = -1;
    for (let i = 0; i < n; i++) ({ ranked, turn } = raised(ranked, this.totalPower));
    return new ValidatorSet(ranked, ranked[turn]);
  }

  /** The leader of `round` at the height of this set. */
  leader(round: number): RankedValidator {
    if (round === 0) return this.proposer;
    const known = this.#leaders.get(round);
    if (known) return known;
    assert(Number.isSafeInteger(round) && round > 0, 'a round is not negative');
    const leader = this.#follow(round);
    if (this.#leaders.size >= MAX_CACHED_LEADERS) this.#leaders.clear();
    this.#leaders.set(round, leader);
    return leader;
  }

  /** The same as advance(round).proposer. */
  #follow(round: number): RankedValidator {
    const known = this.#followed;
    const isAhead = known !== undefined && known.round < round;
    let ranked = isAhead ? known.ranked : centred(rescaled(this.validators, this.totalPower));
    let turn = -1;
    for (let at = isAhead ? known.round : 0; at < round; at++) {
      ({ ranked, turn } = raised(ranked, this.totalPower));
    }
    if (known === undefined || isAhead) this.#followed = { round, ranked };
    return ranked[turn]!;
  }

  /** The set after these changes; the rotation is not advanced. Throws BitscaleError, changing nothing. */
  update(changes: readonly ValidatorChange[]): ValidatorSet {
    if (changes.length === 0) return this;
    return new ValidatorSet(applyChanges(this.validators, changes), this.proposer);
  }

  indexOf(address: Bytes): number | undefined {
    this.#indexes ??= new Map(this.validators.map((one, index) => [toHex(one.address), index]));
    return this.#indexes.get(toHex(address));
  }

  byAddress(address: Bytes): RankedValidator | undefined {
    const index = this.indexOf(address);
    return index === undefined ? undefined : this.validators[index];
  }

  hash(): Bytes {
    return (this.#hash ??= merkleRoot(this.validators.map(encodeSimpleValidator)));
  }

  get size(): number {
    return this.validators.length;
  }
}

/** Set order: power descending, then address ascending. */
function setOrder(a: Validator, b: Validator): number {
  if (a.power !== b.power) return a.power > b.power ? -1 : 1;
  return compare(a.address, b.address);
}

function refuse(detail: string): never {
  throw new BitscaleError(ErrValidatorSet, detail);
}

function checkChanges(changes: readonly ValidatorChange[]): readonly ValidatorChange[] {
  const sorted = [...changes].sort((a, b) => compare(a.address, b.address));
  sorted.forEach((change, i) => {
    const before = sorted[i - 1];
    if (before && equal(before.address, change.address)) {
      refuse(`duplicate entry ${toHex(change.address)}`);
    }
    if (change.power < 0n) refuse('voting power cannot be negative');
    if (change.power > MAX_TOTAL_POWER) refuse('voting power exceeds the limit');
  });
  return sorted;
}

/** CometBFT's updateWithChangeSet: check everything, then apply, then rescale, centre and sort. */
function applyChanges(
  current: readonly RankedValidator[],
  given: readonly ValidatorChange[],
): readonly RankedValidator[] {
  const changes = checkChanges(given);
  const byAddress = new Map(current.map((one) => [toHex(one.address), one]));
  const known = (change: ValidatorChange) => byAddress.get(toHex(change.address));
  const removals = changes.filter(({ power }) => power === 0n);
  const updates = changes.filter(({ power }) => power > 0n);

  for (const one of removals) if (!known(one)) refuse('a validator to remove is not in the set');
  if (removals.length === current.length && updates.every((one) => known(one))) {
    refuse('the changes would leave an empty set');
  }
  const removedPower = removals.reduce((sum, one) => sum + known(one)!.power, 0n);
  const before = current.reduce((sum, one) => sum + one.power, 0n);
  const deltas = updates.map((one) => one.power - (known(one)?.power ?? 0n));
  let total = before - removedPower;
  for (const delta of deltas.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    total += delta;
    if (total > MAX_TOTAL_POWER) refuse('total voting power would exceed the limit');
  }
  // A newcomer starts behind everybody, so that leaving and joining again does not pay.
  const withRemovals = total + removedPower;
  const newcomer = -(withRemovals + (withRemovals >> 3n));
  for (const one of updates) {
    const { address, pubKey, power } = one;
    const priority = known(one)?.priority ?? newcomer;
    byAddress.set(toHex(address), { address, pubKey, power, priority });
  }
  for (const one of removals) byAddress.delete(toHex(one.address));
  return centred(rescaled([...byAddress.values()], total)).toSorted(setOrder);
}
