/** How long nodes took until progress, by what had happened to them. */
import type { Recovery } from './test-net.ts';

const NODE = / of node\d+|node\d+(, the leader,)?/g;

/** The same for every node it happened to. */
const kindOf = ({ what }: Recovery): string =>
  what.replace(NODE, (text) => (text.startsWith(' ') ? '' : 'a node')).trim();

interface Row {
  readonly kind: string;
  readonly median: number;
  readonly worst: number;
  readonly times: number;
}

function rowsOf(recoveries: readonly Recovery[]): Row[] {
  const kinds = new Map<string, number[]>();
  for (const recovery of recoveries) {
    const kind = kindOf(recovery);
    kinds.set(kind, [...(kinds.get(kind) ?? []), recovery.ms / 1000]);
  }
  return [...kinds].map(([kind, list]) => {
    const times = list.sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    return { kind, median, worst: times.at(-1) ?? 0, times: times.length };
  });
}

export function recoveryTable(recoveries: readonly Recovery[]): string {
  const lines = rowsOf(recoveries).map(({ kind, median, worst, times }) => {
    const columns = [median.toFixed(1), worst.toFixed(1), String(times)];
    return `${columns.map((text) => text.padStart(7)).join('')}  ${kind}`;
  });
  return [' median  worst  times  seconds until progress, by what happened', ...lines].join('\n');
}

/** The same as a page of the documents. */
export function recoveryPage(recoveries: readonly Recovery[], about: string): string {
  const lines = rowsOf(recoveries).map(({ kind, median, worst, times }) => {
    return `| ${kind} | ${median.toFixed(1)} | ${worst.toFixed(1)} | ${times} |`;
  });
  return [
    '# Recovery times',
    '',
    'Written by `npm run test:net -- --write`; not by hand. Seconds until a node showed a block above all',
    'that anybody had seen before, counted from the moment named; each time and node is one measurement.',
    '',
    about,
    '',
    '| after | median | worst | measurements |',
    '| --- | --: | --: | --: |',
    ...lines,
    '',
  ].join('\n');
}
