/** Gas: the price list of state access, and the meter each transaction pays into. */
import { BitscaleError, assert } from '../base/errors.ts';
import type { Bytes } from '../base/bytes.ts';
import { OUT_OF_GAS } from '../base/sdk-errors.ts';
import type { KvStore } from '../store/kv.ts';

/** The Cosmos SDK's prices of a persistent store. */
const COST = {
  has: 1000n,
  delete: 1000n,
  readFlat: 1000n,
  readPerByte: 3n,
  writeFlat: 2000n,
  writePerByte: 30n,
  nextFlat: 30n,
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
  #consumed = 0n;

  constructor(limit?: bigint) {
    assert(limit === undefined || (limit >= 0n && limit <= MAX_UINT64), 'gas limit out of range');
    this.limit = limit;
  }

  get consumed(): bigint {
    return this.#consumed;
  }

  /** Throws OutOfGasError beyond the limit; `location` is the word clients see. */
  consume(amount: bigint, location: string): void {
    assert(amount >= 0n, 'negative gas');
    this.#consumed += amount;
    if (this.limit !== undefined && this.#consumed > this.limit) {
      throw new OutOfGasError(location, this.limit, this.#consumed);
    }
  }
}

/** What reading a value costs, for one that is known already. */
export function payForRead(gas: GasMeter, keyBytes: number, valueBytes: number): void {
  gas.consume(COST.readFlat, 'ReadFlat');
  gas.consume(COST.readPerByte * BigInt(keyBytes), 'ReadPerByte');
  gas.consume(COST.readPerByte * BigInt(valueBytes), 'ReadPerByte');
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

  get(key: Bytes): Bytes | undefined {
    this.#gas.consume(COST.readFlat, 'ReadFlat');
    const value = this.#inner.get(key);
    this.#gas.consume(COST.readPerByte * BigInt(key.length), 'ReadPerByte');
    this.#gas.consume(COST.readPerByte * BigInt(value?.length ?? 0), 'ReadPerByte');
    return value;
  }

  has(key: Bytes): boolean {
    this.#gas.consume(COST.has, 'Has');
    return this.#inner.has(key);
  }

  set(key: Bytes, value: Bytes): void {
    this.#gas.consume(COST.writeFlat, 'WriteFlat');
    this.#gas.consume(COST.writePerByte * BigInt(key.length), 'WritePerByte');
    this.#gas.consume(COST.writePerByte * BigInt(value.length), 'WritePerByte');
    this.#inner.set(key, value);
  }

  delete(key: Bytes): void {
    this.#gas.consume(COST.delete, 'Delete');
    this.#inner.delete(key);
  }

  *iterate(start?: Bytes, end?: Bytes, reverse?: boolean): IterableIterator<[Bytes, Bytes]> {
    for (const entry of this.#inner.iterate(start, end, reverse)) {
      const size = BigInt(entry[0].length + entry[1].length);
      this.#gas.consume(COST.readPerByte * size, 'ValuePerByte');
      this.#gas.consume(COST.nextFlat, 'IterNextFlat');
      yield entry;
    }
    this.#gas.consume(COST.nextFlat, 'IterNextFlat');
  }
}
