/** CometBFT's JSON of the node itself and its peers. */
import type { NodeInfo, PeerInfo } from '../expected.ts';
import { int64, type JsonObject } from './scalars.ts';
import { toHex } from '../../base/bytes.ts';

const P2P_PROTOCOL = '8';
const BLOCK_PROTOCOL = '11';

interface Identity {
  readonly id: NodeInfo['id'];
  readonly moniker: string;
  readonly listenAddr: string;
  readonly rpcAddr: string;
}

function nodeInfoOf(own: NodeInfo, identity: Identity): JsonObject {
  return {
    protocol_version: { p2p: P2P_PROTOCOL, block: BLOCK_PROTOCOL, app: int64(own.appVersion) },
    id: toHex(identity.id),
    listen_addr: identity.listenAddr,
    network: own.network,
    version: own.version,
    channels: '40202122233038606100',
    moniker: identity.moniker,
    other: { tx_index: 'on', rpc_address: identity.rpcAddr },
  };
}

export function nodeInfoJson(info: NodeInfo): JsonObject {
  return nodeInfoOf(info, info);
}

/** Traffic counters are zero: libp2p counts by protocol, and the metrics endpoint shows those. */
export function peerJson(own: NodeInfo, peer: PeerInfo): JsonObject {
  return {
    node_info: nodeInfoOf(own, { ...peer, rpcAddr: '' }),
    is_outbound: peer.outbound,
    connection_status: {
      Duration: int64(peer.connectedNanos),
      SendMonitor: monitorJson(peer),
      RecvMonitor: monitorJson(peer),
      Channels: [],
    },
    remote_ip: peer.remoteIp,
  };
}

function monitorJson(peer: PeerInfo): JsonObject {
  return {
    Start: '0001-01-01T00:00:00Z',
    Bytes: '0',
    Samples: '0',
    InstRate: '0',
    CurRate: '0',
    AvgRate: '0',
    PeakRate: '0',
    BytesRem: '0',
    Duration: int64(peer.connectedNanos),
    Idle: '0',
    TimeRem: '0',
    Progress: 0,
    Active: true,
  };
}
