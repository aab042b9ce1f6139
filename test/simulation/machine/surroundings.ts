/** What all parts of a run share. */
import type { Watch } from '../check/watch.ts';
import type { EventQueue } from '../event-queue.ts';
import type { FaultLog } from '../faults/fault-log.ts';
import type { Random } from '../random.ts';
import type { SimulatedNetwork } from './network.ts';
import type { World } from './world.ts';

export interface Surroundings {
  readonly world: World;
  readonly queue: EventQueue;
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly watch: Watch;
  readonly log: FaultLog;
}
