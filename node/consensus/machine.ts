/**
 * The consensus machine: one pure, total, synchronous function. An input is taken note of or rejected with
 * the state as it was; then the rules fire until none applies.
 */
import { onBlockReceived, onBlockValidated } from './blocks.ts';
import type { Draft, Rejection } from './draft.ts';
import type { Effect } from './effects.ts';
import type { Input } from './inputs.ts';
import { onReceived } from './on-received.ts';
import { onSigned, onSignRefused } from './on-signed.ts';
import { onStart, onSynced } from './on-start.ts';
import { onTimer } from './on-timer.ts';
import { onBlockBuilt } from './propose.ts';
import { settle } from './settle.ts';
import type { State } from './state.ts';

export { INITIAL_STATE } from './state.ts';

export interface StepResult {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** Why the input was not accepted; the state is then the old one and there are no effects. */
  readonly rejected?: string;
}

export function step(state: State, input: Input): StepResult {
  const draft: Draft = { state, effects: [] };
  const rejected = state.phase === 'halted' ? 'halted' : take(draft, input);
  if (rejected !== undefined) return { state, effects: [], rejected };
  settle(draft);
  return { state: draft.state, effects: draft.effects };
}

function take(draft: Draft, input: Input): Rejection {
  switch (input.type) {
    case 'start':
      return onStart(draft, input);
    case 'received':
      return onReceived(draft, input);
    case 'timeout':
      return onTimer(draft, input);
    case 'blockBuilt':
      return onBlockBuilt(draft, input);
    case 'blockReceived':
      return onBlockReceived(draft, input);
    case 'blockValidated':
      return onBlockValidated(draft, input);
    case 'signed':
      return onSigned(draft, input);
    case 'signRefused':
      return onSignRefused(draft, input);
    case 'synced':
      return onSynced(draft, input);
  }
}
