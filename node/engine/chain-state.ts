/** What the engine knows after a block: all that the next header is made of and checked against. */
import { equal, type Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import type { Time } from '../base/time.ts';
import type {
  CommitVote,
  ConsensusParams,
  FinalizeBlockResponse,
  ValidatorUpdate,
} from '../app/abci.ts';
import { resultsHash } from '../consensus/hashing.ts';
import type { Block, BlockId, Commit } from '../consensus/types.ts';
import { ValidatorSet } from '../consensus/validator-set.ts';
import { NIL_BLOCK_ID } from '../consensus/votes.ts';

export interface ChainState {
  readonly chainId: string;
  readonly initialHeight: number;
  /** Of the last block; initialHeight - 1 before the first. */
  readonly height: number;
  readonly blockId: BlockId;
  /** Of the last block; the genesis time before the first. */
  readonly time: Time;
  /** Validators of `height`; undefined before the first block. */
  readonly lastValidators: ValidatorSet | undefined;
  /** Validators of `height + 1` and `height + 2`. */
  readonly validators: ValidatorSet;
  readonly nextValidators: ValidatorSet;
  /** For `height + 1`. */
  readonly params: ConsensusParams;
  readonly appHash: Bytes;
  readonly resultsHash: Bytes;
}

export interface GenesisState {
  readonly chainId: string;
  readonly initialHeight: number;
  readonly time: Time;
  readonly params: ConsensusParams;
  readonly validators: readonly ValidatorUpdate[];
  readonly appHash: Bytes;
}

const ADDRESS_BYTES = 20;

/** The merkle root of no results: what the first header carries. */
const NO_RESULTS_HASH = resultsHash([]);

function withAddress({ pubKey, power }: ValidatorUpdate): ValidatorUpdate & { address: Bytes } {
  return { address: sha256(pubKey).slice(0, ADDRESS_BYTES), pubKey, power };
}

export function genesisChainState(genesis: GenesisState): ChainState {
  const validators = ValidatorSet.create(genesis.validators.map(withAddress));
  return {
    chainId: genesis.chainId,
    initialHeight: genesis.initialHeight,
    height: genesis.initialHeight - 1,
    blockId: NIL_BLOCK_ID,
    time: genesis.time,
    lastValidators: undefined,
    validators,
    nextValidators: validators.advance(1),
    params: genesis.params,
    appHash: genesis.appHash,
    resultsHash: NO_RESULTS_HASH,
  };
}

/** The state after a block. Validator updates of height X are in force from X + 2 on. */
export function nextChainState(
  state: ChainState,
  block: Block,
  blockId: BlockId,
  response: FinalizeBlockResponse,
): ChainState {
  const changed = state.nextValidators.update(response.validatorUpdates.map(withAddress));
  return {
    ...state,
    height: block.header.height,
    blockId,
    time: block.header.time,
    lastValidators: state.validators,
    validators: state.nextValidators,
    nextValidators: changed.advance(1),
    params: response.consensusParamUpdates ?? state.params,
    appHash: response.appHash,
    resultsHash: resultsHash(response.txResults),
  };
}

/** Who signed the last commit, for rewards and downtime. */
export function commitVotes(commit: Commit, validators: ValidatorSet | undefined): CommitVote[] {
  if (validators === undefined) return [];
  return validators.validators.map(({ address, power }, index) => {
    return { address, power, flag: commit.signatures[index]?.flag ?? 1 };
  });
}

export function sameState(a: ChainState, b: ChainState): boolean {
  return (
    a.height === b.height &&
    equal(a.appHash, b.appHash) &&
    equal(a.resultsHash, b.resultsHash) &&
    equal(a.nextValidators.hash(), b.nextValidators.hash())
  );
}
