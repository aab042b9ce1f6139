/** Changing the consensus parameters. The kit keeps them and answers queries for them. */
import type { Module } from '../../node/app/module.ts';
import { updateParams, type ConsensusOptions } from './msgs.ts';

export function consensusModule(options: ConsensusOptions): Module {
  return {
    name: 'consensus',
    stores: [],
    messages: [updateParams(options)],
    queries: [],
    // The parameters stand in the outer part of the genesis file, not in app_state.
    initGenesis: () => undefined,
    exportGenesis: () => ({}),
  };
}
