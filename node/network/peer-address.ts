/** Addresses of peers: from the settings, where a name is fine, and from other peers, where it is not. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { EXIT_CONFIG, ExitError } from '../base/exit.ts';
import { MAX_ADDRESS_CHARS } from '../base/limits.ts';

export interface PeerAddress {
  readonly address: Multiaddr;
  readonly peerId: string;
  /** Empty for a name. */
  readonly ip: string;
}

export function ipOf(address: Multiaddr): string {
  const part = address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6');
  return part?.value ?? '';
}

/** Reads /ip4/1.2.3.4/tcp/26656/p2p/12D3Koo...; a peer without its id could be anybody. */
export function parsePeerAddress(text: string): PeerAddress {
  try {
    const address = multiaddr(text);
    const last = address.getComponents().at(-1);
    if (last?.name !== 'p2p' || last.value === undefined)
      throw new Error('no /p2p/<id> at its end');
    return { address, peerId: peerIdFromString(last.value).toString(), ip: ipOf(address) };
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `"${text}" is not a peer address: ${String(error)}`);
  }
}

export function parsePeerId(text: string): string {
  try {
    return peerIdFromString(text).toString();
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `"${text}" is not a peer id: ${String(error)}`);
  }
}

const ANYWHERE = new BlockList();
ANYWHERE.addAddress('0.0.0.0');
ANYWHERE.addAddress('::', 'ipv6');
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');
const LOCAL = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const) {
  LOCAL.addSubnet(net, bits);
}
LOCAL.addSubnet('fc00::', 7, 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8);
NOWHERE.addSubnet('224.0.0.0', 3);
NOWHERE.addAddress('::', 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');

const isIn = (list: BlockList, ip: string): boolean =>
  isIP(ip) !== 0 && list.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');

/** 0: the internet. 1: a private network. 2: this machine. */
function nearness(ip: string): number {
  if (isIn(LOOPBACK, ip)) return 2;
  return isIn(LOCAL, ip) ? 1 : 0;
}

/**
 * What a peer at `fromIp` says of an address: exactly IP, TCP port and peer id, and no nearer than the peer
 * itself, so that nobody can make this node connect to its own machine or network. Else undefined.
 */
export function toldAddress(text: string, fromIp: string): PeerAddress | undefined {
  if (text.length > MAX_ADDRESS_CHARS) return undefined;
  try {
    const peer = parsePeerAddress(text);
    const parts = peer.address.getComponents();
    const [ip, tcp] = parts;
    const isPlain =
      parts.length === 3 && (ip?.name === 'ip4' || ip?.name === 'ip6') && tcp?.name === 'tcp';
    if (!isPlain || !(Number(tcp.value) > 0) || isIn(NOWHERE, peer.ip)) return undefined;
    return nearness(peer.ip) <= nearness(fromIp) ? peer : undefined;
  } catch {
    return undefined;
  }
}

/** What a peer says of itself; where it says "anywhere", it is where its connection comes from. */
export function ownAddress(
  listenAddress: string,
  peerId: string,
  fromIp: string,
): PeerAddress | undefined {
  if (listenAddress.length > MAX_ADDRESS_CHARS || isIP(fromIp) === 0) return undefined;
  try {
    const parts = multiaddr(listenAddress).getComponents();
    const [ip, tcp] = parts;
    if (ip?.value === undefined || tcp?.value === undefined) return undefined;
    const host = isIn(ANYWHERE, ip.value) ? fromIp : ip.value;
    const kind = isIPv6(host) ? 'ip6' : 'ip4';
    return toldAddress(`/${kind}/${host}/${tcp.name}/${tcp.value}/p2p/${peerId}`, fromIp);
  } catch {
    return undefined;
  }
}

/** The part of the internet an address is in: whoever rents many addresses has them side by side. */
export function groupOf(ip: string): string {
  return isIPv6(ip) ? ip.split(':').slice(0, 2).join(':') : ip.split('.').slice(0, 2).join('.');
}
