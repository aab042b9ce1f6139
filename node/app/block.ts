/** One block: modules begin it, its transactions run in order, modules end it. */
import type { BlockRequest, ConsensusParams, Event, TxResult, ValidatorUpdate } from './abci.ts';
import { PARAMS_STORE, RECORD_STORE, changedParams, writeBlockRecord } from './chain-record.ts';
import { Context, type BlockFacts, type ExecMode } from './context.ts';
import { withAttribute } from './events.ts';
import { mergeUpdates } from './genesis.ts';
import { runTx, type RunnerDeps } from './run-tx.ts';
import type { StateBranch } from './state.ts';

export interface BlockOutcome {
  readonly events: readonly Event[];
  readonly txResults: readonly TxResult[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** Present when the block changed them. */
  readonly consensusParamUpdates?: ConsensusParams;
}

export function blockFacts(
  request: BlockRequest,
  chain: { readonly chainId: string; readonly consensusParams: ConsensusParams },
): BlockFacts {
  return {
    ...chain,
    height: request.height,
    time: request.time,
    proposer: request.proposerAddress,
    hash: request.hash,
    lastCommit: request.lastCommit.votes,
    misbehavior: request.misbehavior,
  };
}

export function executeBlock(
  block: BlockFacts,
  state: StateBranch,
  { txs, deps }: { readonly txs: BlockRequest['txs']; readonly deps: RunnerDeps },
): BlockOutcome {
  const context = (mode: ExecMode = 'finalize'): Context => new Context({ block, mode, state });
  const events: Event[] = [];
  for (const module of deps.registry.modules) {
    const begin = context();
    module.beginBlock?.(begin);
    events.push(...withAttribute(begin.events.list(), 'mode', 'BeginBlock'));
  }
  const txResults = txs.map((tx) => runTx(context(), tx, deps).result);
  const updates = deps.registry.modules.map((module) => {
    const end = context();
    const own = module.endBlock?.(end) ?? [];
    events.push(...withAttribute(end.events.list(), 'mode', 'EndBlock'));
    return own;
  });
  writeBlockRecord(state.store(RECORD_STORE), block);
  const changed = changedParams(state.store(PARAMS_STORE), block.consensusParams);
  return {
    events,
    txResults,
    validatorUpdates: mergeUpdates(updates),
    ...(changed && { consensusParamUpdates: changed }),
  };
}
