/** When consensus waits for blocks of peers, and when it runs. Pure. */

/** What is known while consensus waits. Times in milliseconds of one clock that never goes back. */
export interface Outlook {
  readonly now: number;
  /** Of the chain. */
  readonly height: number;
  /** Highest claim of peers that have not failed to deliver lately; 0 when there is none. */
  readonly best: number;
  /** Highest claim of peers that have given true blocks, also when they fail right now. */
  readonly promised: number;
  /** Peers that have said how far they are. */
  readonly peers: number;
  /** They all begin above the next block: there is no way to it but a snapshot of the state. */
  readonly isCutOff: boolean;
  /** This node alone has more than 2/3 of the power: nobody else can have decided anything. */
  readonly isEnough: boolean;
  /** Since when consensus waits. */
  readonly since: number;
  /** When a block of a peer was last found true; undefined when none was since then. */
  readonly lastTrueAt: number | undefined;
  /** How long ago, by this node's clock, the newest block says it was made. */
  readonly tipAgeMs: number;
}

/** Claims that bring no true block for so long do not keep consensus waiting. */
export const STALL_MS = 10_000;
/** Nor, before any true block, for so long. */
export const FIRST_BLOCK_MS = 4_000;
/** A block that was made a moment ago is the tip, whatever somebody claims. */
export const RECENT_MS = 5_000;
/** Clocks differ; a block from further in the future says nothing. */
const CLOCK_DRIFT_MS = 10_000;

export type Leaving =
  /** Nobody who can be believed is ahead. */
  | 'caught up'
  /** Claims there are, but no blocks. */
  | 'claims without blocks';

/**
 * Why consensus may run now, with no block at hand; undefined while it has to wait. A chain that runs is one
 * block ahead again by the time a block has come, so one block behind is no reason to wait: what consensus
 * misses of it, others tell it.
 */
export function mayRun(outlook: Outlook): Leaving | undefined {
  const { now, height, best, promised, peers, isCutOff, isEnough } = outlook;
  const { since, lastTrueAt, tipAgeMs } = outlook;
  if (peers === 0) return isEnough ? 'caught up' : undefined;
  if (isCutOff) return undefined;
  // Whoever needs nobody must not decide anew what it once decided.
  const near = isEnough ? height : height + 1;
  const isLively = lastTrueAt !== undefined && now - lastTrueAt < STALL_MS;
  if (best <= near && !(promised > near && isLively)) return 'caught up';
  const isRecent = tipAgeMs < RECENT_MS && tipAgeMs > -CLOCK_DRIFT_MS;
  if (isRecent && !isEnough) return 'caught up';
  if (lastTrueAt === undefined) {
    return now - since >= FIRST_BLOCK_MS ? 'claims without blocks' : undefined;
  }
  return isLively ? undefined : 'claims without blocks';
}

/** So many blocks behind is behind at once. */
const CLEARLY_BEHIND = 2;

/** While consensus runs: is it worth asking peers for blocks? */
export function isBehind(
  { height, best }: { readonly height: number; readonly best: number },
  /** How long the chain has not moved while somebody claimed more. */
  waitedMs: number,
  patienceMs: number,
): boolean {
  if (best <= height) return false;
  return best >= height + CLEARLY_BEHIND || waitedMs >= patienceMs;
}
