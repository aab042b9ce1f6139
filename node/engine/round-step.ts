/** Where a round stands, in the numbers and names CometBFT has for it. */
import type { State } from '../consensus/state.ts';

export const STEP_PROPOSE = 3;
export const STEP_PREVOTE = 4;
export const STEP_PRECOMMIT = 6;
export const STEP_COMMIT = 8;

const STEP_NAMES: ReadonlyMap<number, string> = new Map([
  [STEP_PROPOSE, 'Propose'],
  [STEP_PREVOTE, 'Prevote'],
  [STEP_PRECOMMIT, 'Precommit'],
  [STEP_COMMIT, 'Commit'],
]);

/** The step CometBFT would call this. */
export function stepOf(state: State): number {
  if (state.phase === 'decided') return STEP_COMMIT;
  const { own } = state.rounds.get(state.round) ?? {};
  if (own?.precommit !== undefined) return STEP_PRECOMMIT;
  return own?.prevote !== undefined ? STEP_PREVOTE : STEP_PROPOSE;
}

/** For example "Prevote". */
export const stepName = (step: number): string => STEP_NAMES.get(step) ?? '';
