/** The arithmetic of proposer priorities: int64, clipped where CometBFT clips. */
import { compare } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { Validator } from './types.ts';

export interface RankedValidator extends Validator {
  /** int64; the highest has the next turn. */
  readonly priority: bigint;
}

const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);

/** MaxInt64 / 8, so that no sum of powers and priorities overflows. */
export const MAX_TOTAL_POWER = MAX_INT64 / 8n;
/** Priorities are kept within this many times the total power of each other. */
const PRIORITY_WINDOW_FACTOR = 2n;

function clip(value: bigint): bigint {
  if (value > MAX_INT64) return MAX_INT64;
  return value < MIN_INT64 ? MIN_INT64 : value;
}

function withPriority(one: RankedValidator, priority: bigint): RankedValidator {
  const { address, pubKey, power } = one;
  return { address, pubKey, power, priority };
}

/** Scales the priorities down so that they span at most twice the total power; rounds towards zero. */
export function rescaled(
  ranked: readonly RankedValidator[],
  totalPower: bigint,
): readonly RankedValidator[] {
  const window = PRIORITY_WINDOW_FACTOR * totalPower;
  if (ranked.length === 0 || window <= 0n) return ranked;
  let min = MAX_INT64;
  let max = MIN_INT64;
  for (const { priority } of ranked) {
    if (priority < min) min = priority;
    if (priority > max) max = priority;
  }
  const wrapped = BigInt.asIntN(64, max - min);
  const span = wrapped < 0n ? BigInt.asIntN(64, -wrapped) : wrapped;
  if (span <= window) return ranked;
  const ratio = BigInt.asIntN(64, span + window - 1n) / window;
  return ranked.map((one) => withPriority(one, one.priority / ratio));
}

/** Moves the average to zero; the average rounds towards minus infinity. */
export function centred(ranked: readonly RankedValidator[]): readonly RankedValidator[] {
  const count = BigInt(ranked.length);
  if (count === 0n) return ranked;
  const sum = ranked.reduce((total, { priority }) => total + priority, 0n);
  const average = (sum - (((sum % count) + count) % count)) / count;
  return ranked.map((one) => withPriority(one, clip(one.priority - average)));
}

/** One turn: everyone rises by their power, the highest takes the turn and pays the total for it. */
export function raised(
  ranked: readonly RankedValidator[],
  totalPower: bigint,
): { ranked: readonly RankedValidator[]; turn: number } {
  const next = ranked.map((one) => withPriority(one, clip(one.priority + one.power)));
  const turn = highest(next);
  const winner = next[turn];
  assert(winner, 'a validator set is not empty');
  next[turn] = withPriority(winner, clip(winner.priority - totalPower));
  return { ranked: next, turn };
}

/** Position of the highest priority; the lower address wins a tie. */
export function highest(ranked: readonly RankedValidator[]): number {
  let best = 0;
  ranked.forEach((one, index) => {
    const leader = ranked[best]!;
    if (one.priority > leader.priority) best = index;
    else if (one.priority === leader.priority && compare(one.address, leader.address) < 0) {
      best = index;
    }
  });
  return best;
}
