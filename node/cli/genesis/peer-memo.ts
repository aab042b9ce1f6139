/** Where the node of a gentx is found: `<peer id>@<host>:<port>` in its memo. */
import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { parsePeerAddress } from '../../network/peer-address.ts';
import { usageError } from '../command.ts';

const MEMO = /^([1-9A-HJ-NP-Za-km-z]{20,80})@(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

export interface PeerPlace {
  readonly peerId: string;
  readonly host: string;
  readonly port: number;
}

/** Throws ExitError 64 for what no node could be found by. */
export function peerMemo({ peerId, host, port }: PeerPlace): string {
  const memo = `${peerId}@${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (peerAddress(memo) === undefined) throw usageError(`${memo} is not a place of a node`);
  return memo;
}

/** The multiaddress for the settings; undefined for a memo that says something else. */
export function peerAddress(memo: string): string | undefined {
  const [, peerId = '', ip6, host = '', port = ''] = MEMO.exec(memo) ?? [];
  if (peerId === '' || Number(port) < 1 || Number(port) > 65_535) return undefined;
  const named = isIPv4(host) ? `/ip4/${host}` : `/dns4/${host}`;
  const address = `${ip6 === undefined ? named : `/ip6/${ip6}`}/tcp/${port}/p2p/${peerId}`;
  try {
    parsePeerAddress(address);
    return address;
  } catch {
    return undefined;
  }
}

/** The first address of this machine that others may reach. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
