/** Gas: the price list of state access, and the meter each transaction pays into. */
import { BitscaleError, assert } from '../base/errors.ts';
import type { Bytes } from '../base/bytes.ts';
import { OUT_OF_GAS } from '../base/sdk-errors.ts';
import type { Key, KvStore } from '../store/kv.ts';

/** The Cosmos SDK's prices of a persistent store. */
const COST = {
  has: 1000,
  delete: 1000,
  readFlat: 1000,
  readPerByte: 3,
  writeFlat: 2000,
  writePerByte: 30,
  nextFlat: 30,
} as const;

const MAX_UINT64 = (1n << 64n) - 1n;

/** Ends a transaction that has used up its gas. What it did is undone; the gas is paid. */
export class OutOfGasError extends BitscaleError {
  constructor(location: string, limit: bigint, used: bigint) {
    super(OUT_OF_GAS, `out of gas in location: ${location}; gasWanted: ${limit}, gasUsed: ${used}`);
    this.name = 'OutOfGasError';
  }
}

export class GasMeter {
  /** Undefined: gas is counted but never runs out (genesis, begin and end of block, queries). */
  readonly limit: bigint | undefined;
  /** What was consumed is the sum of both: small amounts are added as numbers, which costs no memory. */
  #small = 0;
  #large = 0n;
  /** How far the small part may grow, which stays exact; below zero: the gas is used up. */
  #room: number;
  readonly #isTrial: boolean;
  #strain = 0n;

  /** `isTrial`: of a trial run, whose limit is this node's own and counts strain, too. */
  constructor(limit?: bigint, isTrial = false) {
    assert(limit === undefined || (limit >= 0n && limit <= MAX_UINT64), 'gas limit out of range');
    this.limit = limit;
    this.#room = roomFor(limit);
    this.#isTrial = isTrial;
  }

  get consumed(): bigint {
    return this.#large + BigInt(this.#small);
  }

  /** Throws OutOfGasError beyond the limit; `location` is the word clients see. */
  consume(amount: bigint | number, location: string): void {
    assert(amount >= 0, 'negative gas');
    if (amount > this.#room - this.#small) this.#consumeLarge(BigInt(amount), location);
    else this.#small += Number(amount);
  }

  /**
   * Tells of work that takes longer than its gas says, in gas that would take as long. It is not consumed; but trial
   * runs, which nobody pays for, come to an end when they have taken too long.
   */
  strain(amount: bigint, location: string): void {
    if (!this.#isTrial) return;
    this.#strain += amount;
    this.#consumeLarge(0n, location);
  }

  #consumeLarge(amount: bigint, location: string): void {
    this.#large = this.consumed + amount;
    this.#small = 0;
    if (this.limit === undefined) return;
    this.#room = roomFor(this.limit - this.#large - this.#strain);
    if (this.#room >= 0) return;
    const where = this.#isTrial ? `${location}${TRIAL_HINT}` : location;
    throw new OutOfGasError(where, this.limit, this.#large);
  }
}

/** Tells the client, and the operator, what to change. */
const TRIAL_HINT = ' (simulationGasLimit of this node)';
const MAX_SMALL = Number.MAX_SAFE_INTEGER;

function roomFor(left: bigint | undefined): number {
  if (left === undefined || left > BigInt(MAX_SMALL)) return MAX_SMALL;
  return left < 0n ? -1 : Number(left);
}

/** What reading a value costs, for one that is known already. */
export function payForRead(gas: GasMeter, keyBytes: number, valueBytes: number): void {
  gas.consume(COST.readFlat, 'ReadFlat');
  gas.consume(COST.readPerByte * keyBytes, 'ReadPerByte');
  gas.consume(COST.readPerByte * valueBytes, 'ReadPerByte');
}

/** What asking for a key costs. */
export function payForLook(gas: GasMeter): void {
  gas.consume(COST.has, 'Has');
}

/** A store that charges a meter for each access. */
export class GasStore implements KvStore {
  readonly #inner: KvStore;
  readonly #gas: GasMeter;

  constructor(inner: KvStore, gas: GasMeter) {
    this.#inner = inner;
    this.#gas = gas;
  }

  get(key: Key): Bytes | undefined {
    this.#gas.consume(COST.readFlat, 'ReadFlat');
    const value = this.#inner.get(key);
    this.#gas.consume(COST.readPerByte * key.length, 'ReadPerByte');
    if (value) this.#gas.consume(COST.readPerByte * value.length, 'ReadPerByte');
    return value;
  }

  has(key: Key): boolean {
    this.#gas.consume(COST.has, 'Has');
    return this.#inner.has(key);
  }

  set(key: Key, value: Bytes): void {
    this.#gas.consume(COST.writeFlat, 'WriteFlat');
    this.#gas.consume(COST.writePerByte * key.length, 'WritePerByte');
    this.#gas.consume(COST.writePerByte * value.length, 'WritePerByte');
    this.#inner.set(key, value);
  }

  delete(key: Key): void {
    this.#gas.consume(COST.delete, 'Delete');
    this.#inner.delete(key);
  }

  *iterate(start?: Bytes, end?: Bytes, reverse?: boolean): IterableIterator<[Bytes, Bytes]> {
    for (const entry of this.#inner.iterate(start, end, reverse)) {
      const size = entry[0].length + entry[1].length;
      this.#gas.consume(COST.readPerByte * size, 'ValuePerByte');
      this.#gas.consume(COST.nextFlat, 'IterNextFlat');
      yield entry;
    }
    this.#gas.consume(COST.nextFlat, 'IterNextFlat');
  }
}
