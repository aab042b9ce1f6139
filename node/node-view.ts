/** The node as its RPC shows it. */
import { EMPTY, fromHex } from './base/bytes.ts';
import { assert } from './base/errors.ts';
import { timeFromMillis } from './base/time.ts';
import type { Abci } from './app/abci.ts';
import type { Engine } from './engine/engine.ts';
import { stepOf } from './engine/round-step.ts';
import type { PeerInfo as NetworkPeer } from './network/peer.ts';
import type { Node, Pool } from './node.ts';
import type {
  BlockReader,
  ConsensusStateView,
  NodeView,
  PeerInfo,
  RoundVotes,
} from './rpc/expected.ts';
import { SOFTWARE, VERSION } from './version.ts';

/** The API level clients choose their decoder by. */
export const COMETBFT_LEVEL = '0.38.17';
const NANOS_PER_MILLI = 1_000_000n;

export function blockReader({ store }: Pick<Engine, 'store'>): BlockReader {
  return {
    height: () => store.height(),
    base: () => store.base(),
    block: (height) => store.block(height),
    commit: (height) => store.commit(height),
    heightByHash: (hash) => store.heightByHash(hash),
    validators: (height) => store.validators(height),
    results: (height) => store.results(height),
    blockPart: (height, positions) => store.blockPart(height, positions),
    txResults: (height, positions) => store.txResults(height, positions),
    blockEvents: (height) => store.blockEvents(height),
    consensusParams: (height) => {
      const params = store.consensusParams(height) ?? store.state()?.params;
      assert(params !== undefined, 'the chain has begun');
      return params;
    },
  };
}

export function nodeView(node: Node<Abci, Pool>): NodeView {
  const { config, genesis, identity, engine } = node;
  return {
    nodeInfo: {
      id: fromHex(identity.nodeId),
      moniker: config.moniker,
      network: genesis.chainId,
      version: COMETBFT_LEVEL,
      listenAddr: config.p2p.externalAddress || `tcp://${config.p2p.host}:${config.p2p.port}`,
      rpcAddr: `tcp://${config.rpc.host}:${config.rpc.port}`,
      appVersion: genesis.consensusParams.version.app,
      software: SOFTWARE,
      softwareVersion: VERSION,
    },
    genesis: genesis.json,
    validatorPubKey: node.signer?.pubKey ?? EMPTY,
    status: {
      get catchingUp(): boolean {
        return node.syncer.isCatchingUp;
      },
    },
    peers: () => (node.network?.peers() ?? []).map(peerInfo),
    consensusState: () => consensusState(engine),
  };
}

function peerInfo(peer: NetworkPeer): PeerInfo {
  return {
    id: fromHex(peer.nodeId),
    moniker: peer.moniker,
    listenAddr: peer.listenAddress,
    remoteIp: peer.remoteIp,
    outbound: peer.outbound,
    connectedNanos: BigInt(Math.round(peer.connectedAtMs)) * NANOS_PER_MILLI,
  };
}

function consensusState(engine: Engine): ConsensusStateView {
  const chain = engine.store.state();
  assert(chain !== undefined, 'the chain has begun');
  const { state, pool } = engine.driver;
  const current = state.rounds.get(state.round);
  const proposal = current?.proposal?.proposal;
  const proposed = proposal && pool.get(proposal.blockId);
  const lastCommit = engine.store.seenCommit(chain.height);
  const votes = [...state.rounds.values()].map(({ round, prevotes, precommits }): RoundVotes => {
    return { round, prevotes: prevotes.votes, precommits: precommits.votes };
  });
  const committedMs = engine.heightSinceMs();
  return {
    height: chain.height + 1,
    round: state.round,
    step: stepOf(state),
    startTime: timeFromMillis(committedMs + (state.context?.paceMs ?? 0)),
    commitTime: timeFromMillis(committedMs),
    proposer: current?.leader ?? chain.validators.leader(0).address,
    ...(proposal && { proposal }),
    ...(proposed && { proposalBlock: proposed.block }),
    ...lockView(engine),
    commitRound: state.decision?.round ?? -1,
    validators: chain.validators,
    ...(chain.lastValidators && { lastValidators: chain.lastValidators }),
    ...(lastCommit && { lastCommit }),
    votes,
    timedOut: current?.timedOut ?? false,
  };
}

/** The highest quorum certificate is both lock and valid block. */
function lockView({ driver: { state, pool } }: Engine) {
  const { lock } = state;
  const hash = lock?.blockId.hash ?? EMPTY;
  const round = lock?.round ?? -1;
  const held = lock && pool.get(lock.blockId);
  return {
    lockedHash: hash,
    validHash: hash,
    lockedRound: round,
    validRound: round,
    ...(lock && { lockedParts: lock.blockId.parts }),
    ...(held && { lockedBlock: held.block }),
  };
}
