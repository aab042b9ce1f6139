/** The node as its RPC shows it. */
import { EMPTY, fromHex, type Bytes } from './base/bytes.ts';
import { assert } from './base/errors.ts';
import type { Abci } from './app/abci.ts';
import type { Engine } from './engine/engine.ts';
import type { PeerInfo as NetworkPeer } from './network/peer.ts';
import type { Node, Pool } from './node.ts';
import type {
  BlockReader,
  ConsensusStateView,
  NodeView,
  PeerInfo,
  RoundVotes,
} from './rpc/expected.ts';
import { stepOf } from './round-events.ts';
import { SOFTWARE, VERSION } from './version.ts';

/** The API level clients choose their decoder by. */
const COMETBFT_LEVEL = '0.38.17';
const NANOS_PER_MILLI = 1_000_000n;

export function blockReader({ store }: Engine): BlockReader {
  return {
    height: () => store.height(),
    base: () => store.base(),
    block: (height) => store.block(height),
    commit: (height) => store.commit(height),
    heightByHash: (hash) => store.heightByHash(hash),
    validators: (height) => store.validators(height),
    results: (height) => store.results(height),
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
  const { state } = engine.driver;
  const current = state.rounds.get(state.round);
  const lockedHash: Bytes = state.lock?.blockId.hash ?? EMPTY;
  const lockedRound = state.lock?.round ?? -1;
  const lastCommit = engine.store.seenCommit(chain.height);
  const votes = [...state.rounds.values()].map(({ round, prevotes, precommits }): RoundVotes => {
    return { round, prevotes: prevotes.votes, precommits: precommits.votes };
  });
  return {
    height: chain.height + 1,
    round: state.round,
    step: stepOf(state),
    startTime: chain.time,
    commitTime: chain.time,
    proposalHash: current?.proposal?.proposal.blockId.hash ?? EMPTY,
    lockedHash,
    validHash: lockedHash,
    lockedRound,
    validRound: lockedRound,
    commitRound: state.decision?.round ?? -1,
    validators: chain.validators,
    ...(chain.lastValidators && { lastValidators: chain.lastValidators }),
    ...(lastCommit && { lastCommit }),
    votes,
  };
}
