/** When a node stops for good although nothing is wrong: at a height or time it was told, or by the application. */
import { HaltError } from '../base/exit.ts';
import type { Abci } from '../app/abci.ts';
import type { ChainState } from './chain-state.ts';

/** The node stops after the first block at or past these; 0: never. */
export interface HaltOptions {
  readonly height: number;
  /** Seconds since 1970, compared with the time of the block. */
  readonly timeSeconds: number;
}

export const NEVER_HALT: HaltOptions = { height: 0, timeSeconds: 0 };

/** Throws HaltError when nothing may follow the newest block; that block is committed. */
export function requireNoHalt(
  { height, timeSeconds }: HaltOptions,
  state: ChainState,
  app: Pick<Abci, 'haltReason'>,
): void {
  if (state.lastValidators === undefined) return;
  const at = `after block ${state.height}`;
  if (height > 0 && state.height >= height) {
    throw new HaltError(`halted ${at}: consensus.haltHeight is ${height}; change it to go on`);
  }
  if (timeSeconds > 0 && state.time.seconds >= BigInt(timeSeconds)) {
    throw new HaltError(`halted ${at}: consensus.haltTime is ${timeSeconds}; change it to go on`);
  }
  const reason = app.haltReason?.();
  if (reason !== undefined) throw new HaltError(`halted ${at} by the application: ${reason}`);
}
