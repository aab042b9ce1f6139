/** Prepares the machine for the next height: its context, its log and the blocks in it. */
import { addNanos, timeToNanos } from '../base/time.ts';
import type { WalRecord } from '../consensus/effects.ts';
import type { HeightContext, Mode, StartInput } from '../consensus/inputs.ts';
import type { ChainState } from './chain-state.ts';
import type { DriverParts } from './driver-deps.ts';
import { hasLog } from './signing-guard.ts';
import { decodeLogEntry } from './wal-record.ts';

/** Up to this many validators everybody sends to everybody. */
const MAX_CLIQUE = 30;
const NANOS_PER_MILLI = 1_000_000n;

/** Opens the log of the next height and answers the input that starts it. */
export async function prepareHeight(parts: DriverParts): Promise<StartInput> {
  const state = parts.committer.state();
  const context = heightContext(parts, state);
  parts.timers.clear();
  parts.pool.dropUpTo(state.height);
  const records: WalRecord[] = [];
  for (const bytes of await parts.wal.begin(context.height)) {
    const entry = decodeLogEntry(bytes);
    if (entry.type === 'record') records.push(entry.record);
    else {
      const held = parts.pool.addBytes(entry.block, parts.clock.now());
      if (held !== undefined) held.logged = true;
    }
  }
  if (hasLog(parts.signer?.last, context.height, records))
    return { type: 'start', context, records };
  const { height } = context;
  parts.logger.warn('the key signed at this height, but its log is not here: not voting', {
    height,
  });
  return { type: 'start', context: { ...context, ownIndex: undefined }, records };
}

function heightContext(parts: DriverParts, state: ChainState): HeightContext {
  const { options, signer, store } = parts;
  const { validators, nextValidators, lastValidators, height } = state;
  const lastCommit = lastValidators && store.seenCommit(height);
  const signed = store.block(height)?.block.lastCommit.signatures;
  const signedBefore = signed?.map(({ address }) => address).filter(({ length }) => length > 0);
  return {
    height: height + 1,
    validators,
    ownIndex: signer && validators.indexOf(signer.address),
    nextProposer: nextValidators.proposer.address,
    ...(lastCommit && { lastCommit }),
    ...(lastValidators && { lastValidators }),
    ...(signedBefore && { signedBefore }),
    mode: modeFor(options.mode, validators.size),
    timeouts: options.timeouts,
    paceMs: paceMs(state, options.blockTimeMs, parts.clock.now()),
  };
}

/** auto: clique for few, star for many. */
export function modeFor(mode: Mode | 'auto', size: number): Mode {
  if (mode !== 'auto') return mode;
  return size <= MAX_CLIQUE ? 'clique' : 'star';
}

/**
 * The next block is due one interval after the time of the last one. A clock that is off moves this by one
 * interval at most; before the genesis time nothing is proposed.
 */
export function paceMs(state: ChainState, blockTimeMs: number, nowMs: number): number {
  const interval = BigInt(blockTimeMs) * NANOS_PER_MILLI;
  const isFirst = state.lastValidators === undefined;
  const due = timeToNanos(isFirst ? state.time : addNanos(state.time, interval));
  const wait = Number(due / NANOS_PER_MILLI) - nowMs;
  return Math.max(0, isFirst ? wait : Math.min(blockTimeMs, wait));
}
