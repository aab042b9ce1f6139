/** Who calls, as far as an address can tell. */
import { isIPv6 } from 'node:net';

/** Whoever has one IPv6 address has these many groups of it in common with all of his others. */
const OWN_GROUPS = 4;

/** An address; of IPv6 the network, because its owner has 2^64 addresses in it. */
export function clientOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv6(plain) ? expanded(plain).slice(0, OWN_GROUPS).join(':') : plain;
}

function expanded(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const [first, last] = [head.split(':'), tail === undefined ? [] : tail.split(':')];
  const missing = 8 - first.length - last.length;
  return [...first, ...Array<string>(Math.max(missing, 0)).fill('0'), ...last];
}
