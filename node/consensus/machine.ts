/** The consensus machine: one pure, total, synchronous function. */
import type { Effect } from './effects.ts';
import type { Input } from './inputs.ts';
import { INITIAL_STATE, type State } from './state.ts';

export interface StepResult {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** Why the input was not accepted; the state is then the old one and there are no effects. */
  readonly rejected?: string;
}

export function step(state: State, _input: Input): StepResult {
  return { state, effects: [], rejected: 'not started' };
}

export { INITIAL_STATE };
