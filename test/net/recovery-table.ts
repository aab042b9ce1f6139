/** How long nodes took until progress, by what had happened to them. */
import type { Recovery } from './test-net.ts';

const NODE = / of node\d+|node\d+(, the leader,)?/g;

/** The same for every node it happened to. */
const kindOf = ({ what }: Recovery): string =>
  what.replace(NODE, (text) => (text.startsWith(' ') ? '' : 'a node')).trim();

export function recoveryTable(recoveries: readonly Recovery[]): string {
  const kinds = new Map<string, number[]>();
  for (const recovery of recoveries) {
    const kind = kindOf(recovery);
    kinds.set(kind, [...(kinds.get(kind) ?? []), recovery.ms / 1000]);
  }
  const rows = [...kinds].map(([kind, list]) => {
    const times = list.sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    const columns = [median.toFixed(1), times.at(-1)?.toFixed(1) ?? '', String(times.length)];
    return `${columns.map((text) => text.padStart(7)).join('')}  ${kind}`;
  });
  return [' median  worst  times  seconds until progress, by what happened', ...rows].join('\n');
}
