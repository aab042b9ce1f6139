/**
 * The handshake at boot between block store and application. The application may be behind (a crash between
 * the two writes of a commit): it runs the stored blocks again and must come to the same hashes. It may
 * never be ahead: then blocks were lost.
 */
import { equal, toHex, toUpperHex, type Bytes } from '../base/bytes.ts';
import { EXIT_CONFIG, EXIT_DATA, ExitError } from '../base/exit.ts';
import type { Logger } from '../base/service.ts';
import type { Time } from '../base/time.ts';
import type { Abci, BlockRequest, ConsensusParams, ValidatorUpdate } from '../app/abci.ts';
import type { InitChainRequest, InitChainResponse } from '../app/abci.ts';
import { BitscaleError } from '../base/errors.ts';
import { GENESIS_KEY } from './block-keys.ts';
import type { StoredBlock, BlockStore } from './block-store.ts';
import { commitVotes, genesisChainState, sameState, type ChainState } from './chain-state.ts';
import { misbehaviorOf } from './evidence-pool.ts';

/** The genesis file, as far as the engine reads it. */
export interface Genesis {
  readonly chainId: string;
  readonly initialHeight: number;
  readonly time: Time;
  readonly params: ConsensusParams;
  readonly validators: readonly ValidatorUpdate[];
  readonly appState: Record<string, unknown>;
  /** Of the file's bytes. */
  readonly hash?: Bytes;
}

export async function handshake(
  store: BlockStore,
  app: Abci,
  genesis: Genesis,
  logger: Logger,
): Promise<void> {
  const stored = store.state();
  if (stored !== undefined && stored.chainId !== genesis.chainId) {
    throw new ExitError(
      EXIT_CONFIG,
      `the blocks here belong to chain ${stored.chainId}, the genesis file to ${genesis.chainId}`,
    );
  }
  // The state came as a snapshot, but the process died before the engine knew: begin anew.
  if (store.height() === 0 && (await app.forgetSnapshot())) logger.warn('a restore is taken back');
  const appHeight = app.info().height;
  if (appHeight > store.height()) throw appAhead(appHeight, store.height());
  if (appHeight === 0) await begin(store, app, genesis);
  await requireSameGenesis(store, genesis);
  await catchUp(store, app, logger);
  const state = store.state();
  const { height, appHash } = app.info();
  if (state === undefined || height === 0) return;
  if (!equal(appHash, state.appHash)) throw differs(height, state.appHash, appHash);
}

/** A file that was changed later would be served to others, and the first state could not be made from it. */
async function requireSameGenesis(store: BlockStore, { hash }: Genesis): Promise<void> {
  if (hash === undefined) return;
  const known = store.db.get(GENESIS_KEY);
  if (known === undefined) {
    await store.db.batch([{ type: 'put', key: GENESIS_KEY, value: hash }], { sync: true });
  } else if (!equal(known, hash)) {
    throw new ExitError(
      EXIT_CONFIG,
      'the genesis file is not the one this node began with, to the last byte; get it again from where ' +
        `you had it (its SHA-256 is ${toHex(known)})`,
    );
  }
}

/** Before the first block: the application makes the first state, each time anew until a block is there. */
async function begin(store: BlockStore, app: Abci, genesis: Genesis): Promise<void> {
  const state = initialState(app, genesis);
  const stored = store.state();
  if (stored === undefined) await store.begin(state);
  else if (store.height() === 0 && !sameState(stored, state)) {
    throw new ExitError(EXIT_DATA, 'the genesis file is not the one this node began with');
  }
}

function initialState(app: Abci, genesis: Genesis): ChainState {
  const { chainId, time, initialHeight, params, appState } = genesis;
  const request = { chainId, time, initialHeight, consensusParams: params, appState };
  const answer = begun(app, request);
  const validators = answer.validators.length > 0 ? answer.validators : genesis.validators;
  const { appHash } = answer;
  return genesisChainState({ chainId, initialHeight, time, params, validators, appHash });
}

function begun(app: Abci, request: InitChainRequest): InitChainResponse {
  try {
    return app.initChain(request);
  } catch (cause) {
    if (!(cause instanceof BitscaleError)) throw cause;
    throw new ExitError(EXIT_DATA, `the genesis file cannot be used: ${cause.message}`, { cause });
  }
}

async function catchUp(store: BlockStore, app: Abci, logger: Logger): Promise<void> {
  const initialHeight = store.state()?.initialHeight ?? 1;
  const first = Math.max(app.info().height + 1, initialHeight);
  if (first < store.base()) throw gone(first);
  for (let height = first; height <= store.height(); height += 1) {
    const stored = store.block(height);
    const results = store.results(height);
    if (stored === undefined || results === undefined) {
      throw gone(height);
    }
    logger.info('running a stored block again', { height });
    const request = replayRequest(store, stored);
    const response = app.finalizeBlock(request);
    if (!equal(response.appHash, results.appHash)) {
      throw differs(height, results.appHash, response.appHash);
    }
    await app.commit();
  }
}

function replayRequest(store: BlockStore, { block, blockId }: StoredBlock): BlockRequest {
  const { header, txs, evidence, lastCommit } = block;
  const lastValidators = store.validators(header.height - 1);
  return {
    txs,
    height: header.height,
    time: header.time,
    hash: blockId.hash,
    proposerAddress: header.proposerAddress,
    nextValidatorsHash: header.nextValidatorsHash,
    lastCommit: {
      round: lastCommit.round,
      votes: commitVotes(lastCommit, lastCommit.signatures.length > 0 ? lastValidators : undefined),
    },
    misbehavior: evidence.map(misbehaviorOf),
  };
}

/** Pruned, or never here because the node began after it. */
function gone(height: number): ExitError {
  return new ExitError(
    EXIT_DATA,
    `the application needs block ${height}, which is not here any more. Take its state from a snapshot: ` +
      'bitscale snapshot restore; or fetch everything again: bitscale repair',
  );
}

function appAhead(appHeight: number, storeHeight: number): ExitError {
  return new ExitError(
    EXIT_DATA,
    `the application is at height ${appHeight} but the newest block here is ${storeHeight}: blocks ` +
      'were lost. Nothing was signed. Repair with: bitscale repair',
  );
}

function differs(height: number, expected: Bytes, got: Bytes): ExitError {
  return new ExitError(
    EXIT_DATA,
    `the application state at height ${height} has hash ${toUpperHex(got)}, the chain says ` +
      `${toUpperHex(expected)}: the data is damaged or another program wrote it`,
  );
}
