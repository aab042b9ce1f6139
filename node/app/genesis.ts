/** The first state of a chain from its genesis file, and back. */
import { BitscaleError } from '../base/errors.ts';
import { assert } from '../base/errors.ts';
import { toHex } from '../base/bytes.ts';
import type { InitChainRequest, ValidatorUpdate } from './abci.ts';
import { PARAMS_STORE, writeConsensusParams } from './chain-record.ts';
import { Context, type BlockFacts } from './context.ts';
import { DamagedStoreError } from '../store/errors.ts';
import { ErrGenesisShape } from './genesis-json.ts';
import type { Module } from './module.ts';
import type { StateBranch } from './state.ts';

/** Fills `state`; returns the first validators. Throws BitscaleError on a file that makes no sense. */
export function runGenesis(
  state: StateBranch,
  request: InitChainRequest,
  modules: readonly Module[],
): readonly ValidatorUpdate[] {
  const names = new Set(modules.map(({ name }) => name));
  for (const name of Object.keys(request.appState)) {
    if (names.has(name)) continue;
    throw new BitscaleError(ErrGenesisShape, `app_state names an unknown module ${name}`);
  }
  writeConsensusParams(state.store(PARAMS_STORE), request.consensusParams);
  const block = genesisFacts(request);
  const updates = modules.flatMap((module) => {
    const context = new Context({ block, mode: 'genesis', state });
    return named(module, () => module.initGenesis(context, request.appState[module.name]) ?? []);
  });
  return mergeUpdates([updates]);
}

/** Whoever reads of the fault has the file before him, not the code; whatever fails, the file is wrong. */
function named<T>({ name }: Module, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof DamagedStoreError || !(error instanceof Error)) throw error;
    const place = `app_state.${name}`;
    if (!error.message.includes(place)) error.message = `${place}: ${error.message}`;
    if (error instanceof BitscaleError) throw error;
    throw new BitscaleError(ErrGenesisShape, error.message, { cause: error });
  }
}

function genesisFacts(request: InitChainRequest): BlockFacts {
  return {
    chainId: request.chainId,
    height: 0,
    time: request.time,
    proposer: new Uint8Array(0),
    lastCommit: [],
    misbehavior: [],
    consensusParams: request.consensusParams,
  };
}

export function exportGenesis(
  context: Context,
  modules: readonly Module[],
): Record<string, unknown> {
  return Object.fromEntries(modules.map((module) => [module.name, module.exportGenesis(context)]));
}

/** All updates in one list ordered by key; two modules may not both speak for one validator. */
export function mergeUpdates(
  lists: readonly (readonly ValidatorUpdate[])[],
): readonly ValidatorUpdate[] {
  const byKey = new Map<string, ValidatorUpdate>();
  for (const update of lists.flat()) {
    const key = toHex(update.pubKey);
    assert(!byKey.has(key), `two updates of validator ${key}`);
    byKey.set(key, update);
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, update]) => update);
}
