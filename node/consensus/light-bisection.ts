/**
 * From a trusted header to a far one: straight when enough trusted validators signed it, else by headers in
 * between, halving the distance. Pure: a generator that asks for light blocks by height, so that whoever
 * runs it may fetch them from where he likes.
 */
import { equal } from '../base/bytes.ts';
import { BitscaleError, assert, defineError } from '../base/errors.ts';
import { MAX_LIGHT_STEPS } from '../base/limits.ts';
import { headerHash } from './hashing.ts';
import {
  ErrLightNotEnoughTrust,
  verifyLight,
  type LightBlock,
  type LightOptions,
} from './light.ts';

export const ErrLightProvider = defineError('light', 4, 'the provider gives another height');
export const ErrLightTooFar = defineError('light', 5, 'too many headers in between');
/** Two different headers of one height, both committed: > 1/3 of the validators signed twice. */
export const ErrLightConflict = defineError('light', 6, 'conflicting headers');

/** Thrown for a header that is not true, so that whoever gave it can be told. */
export class RefusedLightBlock extends BitscaleError {
  readonly block: LightBlock;

  constructor(block: LightBlock, cause: BitscaleError) {
    super(cause.kind, `height ${block.header.height}`, { cause });
    this.block = block;
  }
}

export interface LightPath {
  /** The header of the wanted height. */
  readonly block: LightBlock;
  /** All that were verified on the way, in the order of their heights, `block` last. */
  readonly trace: readonly LightBlock[];
}

/** Yields the heights it needs and is given their light blocks. Throws BitscaleError. */
export function* bisect(
  trusted: LightBlock,
  height: number,
  options: LightOptions,
): Generator<number, LightPath, LightBlock> {
  assert(height > trusted.header.height, 'only forward');
  const trace: LightBlock[] = [];
  /** Asked for and not verified yet, the farthest first. */
  const pending: LightBlock[] = [yield* ask(height)];
  let base = trusted;
  for (let steps = 0; ; steps += 1) {
    if (steps === MAX_LIGHT_STEPS) throw new BitscaleError(ErrLightTooFar);
    const next = pending.at(-1)!;
    const refused = attempt(base, next, options);
    if (refused === undefined) {
      base = next;
      trace.push(next);
      pending.pop();
      if (pending.length === 0) return { block: next, trace };
    } else {
      const from = base.header.height;
      const between = Math.floor((from + next.header.height) / 2);
      if (between === from) throw refused;
      pending.push(yield* ask(between));
    }
  }
}

function* ask(height: number): Generator<number, LightBlock, LightBlock> {
  const block = yield height;
  if (block.header.height !== height) throw new BitscaleError(ErrLightProvider);
  return block;
}

/** Why not, when a header in between may help; any other refusal is thrown. */
function attempt(
  { header, validators }: LightBlock,
  next: LightBlock,
  options: LightOptions,
): BitscaleError | undefined {
  try {
    verifyLight(header, validators, next, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    if (error.kind === ErrLightNotEnoughTrust) return error;
    throw new RefusedLightBlock(next, error);
  }
}

/** What two providers say of one height. Throws light/6 when both were verified and differ. */
export function requireSameHeader(one: LightBlock, other: LightBlock): void {
  if (equal(headerHash(one.header), headerHash(other.header))) return;
  throw new BitscaleError(ErrLightConflict, `height ${one.header.height}`);
}
