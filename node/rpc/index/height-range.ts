/** The part of a query that speaks about heights, as one range. */
import type { Condition } from '../query/query.ts';

/** Both ends included; empty when `low` > `high`. */
export interface HeightRange {
  readonly low: number;
  readonly high: number;
}

/** Splits off the conditions on `tag` and folds them into `within`. */
export function heightRange(
  conditions: readonly Condition[],
  tag: string,
  within: HeightRange,
): { range: HeightRange; rest: readonly Condition[] } {
  let { low, high } = within;
  const rest: Condition[] = [];
  for (const condition of conditions) {
    if (condition.tag !== tag) {
      rest.push(condition);
      continue;
    }
    const bounds = boundsOf(condition);
    low = Math.max(low, bounds.low);
    high = Math.min(high, bounds.high);
  }
  return { range: { low, high }, rest };
}

const NOTHING: HeightRange = { low: 1, high: 0 };

function boundsOf({ op, value, valueKind }: Condition): HeightRange {
  if (op === 'EXISTS') return { low: 0, high: Infinity };
  const number = valueKind === 'number' || /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return NOTHING;
  switch (op) {
    case '=':
      return Number.isInteger(number) ? { low: number, high: number } : NOTHING;
    case '<':
      return { low: 0, high: Math.ceil(number) - 1 };
    case '<=':
      return { low: 0, high: Math.floor(number) };
    case '>':
      return { low: Math.floor(number) + 1, high: Infinity };
    case '>=':
      return { low: Math.ceil(number), high: Infinity };
    default:
      return NOTHING;
  }
}
