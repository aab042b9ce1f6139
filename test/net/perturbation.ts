/** One thing that happens to a running network. It throws when a node does not recover in time. */
import type { Random } from './random.ts';
import type { TestNet } from './test-net.ts';

export interface Perturbation {
  readonly name: string;
  /** Resolves when every node has shown progress again. */
  run(net: TestNet, random: Random): Promise<void>;
}
