/** Which perturbations there are, in which order, and which of them run every time. */
import { wrongClock } from './clock-faults.ts';
import * as network from './network-faults.ts';
import type { Perturbation } from './perturbation.ts';
import * as processes from './process-faults.ts';
import * as state from './state-faults.ts';
import { storm } from './storm.ts';

export function allPerturbations(options: {
  readonly validators: number;
  readonly kills: number;
  readonly stormSeconds: number;
}): Perturbation[] {
  return [
    processes.kills(options.kills),
    processes.suspended,
    processes.restarted,
    network.disconnected,
    network.unplugged,
    network.isolatedLeader,
    network.asymmetric,
    network.rollingPartition,
    network.halves,
    network.flapping,
    network.badLinks,
    state.lateJoiner(options.validators),
    state.joinerByState(options.validators + 1),
    processes.rollingRestart,
    processes.allKilled,
    storm(options.stormSeconds),
    wrongClock,
    state.wiped,
    state.wipedAndAlone,
    state.olderCopy,
    state.olderCopyAndAlone,
  ];
}

/** Left out of the run of a few minutes. */
const ONLY_FULL: readonly Perturbation[] = [network.unplugged, network.rollingPartition];

export function isShort(one: Perturbation): boolean {
  return !ONLY_FULL.includes(one);
}
