/** The consensus machine with an observer: whatever a host's driver asks of it is seen after every step. */
import type { Input } from '../../../node/consensus/inputs.ts';
import * as real from '../../../node/consensus/machine.ts';
import type { State } from '../../../node/consensus/state.ts';
import { currentHost, type Host } from './host.ts';

export { INITIAL_STATE } from '../../../node/consensus/machine.ts';
export type { StepResult } from '../../../node/consensus/machine.ts';

export type Observer = (host: Host, before: State, input: Input, result: real.StepResult) => void;

let observer: Observer = () => undefined;

export function observeSteps(by: Observer): void {
  observer = by;
}

export function step(state: State, input: Input): real.StepResult {
  const result = real.step(state, input);
  const host = currentHost();
  if (host) observer(host, state, input, result);
  return result;
}
