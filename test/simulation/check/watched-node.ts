/** A simulated node, as far as it is watched. */
import type { Bytes } from '../../../node/base/bytes.ts';
import type { Engine } from '../../../node/engine/engine.ts';
import type { Kind } from '../faults/scenario.ts';
import type { Host } from '../kernel/host.ts';

export interface WatchedNode {
  readonly name: string;
  /** Which key it has. */
  readonly index: number;
  readonly address: Bytes;
  readonly kind: Kind | 'honest';
  readonly isHonest: boolean;
  readonly height: number;
  readonly host: Host;
  readonly engine: Engine | undefined;
}
