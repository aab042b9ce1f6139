/** An adversary knows the state of every node. */
import type { Commit } from '../../../node/consensus/types.ts';
import type { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import type { ChainState } from '../../../node/engine/chain-state.ts';
import type { SimNode } from './node.ts';

export interface Base {
  readonly state: ChainState;
  readonly lastCommit: Commit | undefined;
}

export class Oracle {
  readonly nodes: SimNode[] = [];

  /** The state that blocks of `height` are made on, if a node is there just now. */
  base(height: number): Base | undefined {
    for (const { engine, kind } of this.nodes) {
      const state = engine?.store.state();
      if (!engine || state?.height !== height - 1 || kind === 'differing') continue;
      const lastCommit = state.lastValidators && engine.store.seenCommit(state.height);
      return { state, lastCommit };
    }
    return undefined;
  }

  validators(height: number): ValidatorSet | undefined {
    for (const { engine } of this.nodes) {
      const state = engine?.store.state();
      if (state?.height === height - 1) return state.validators;
      if (state?.height === height - 2) return state.nextValidators;
      if (state?.height === height) return state.lastValidators;
    }
    return undefined;
  }
}
