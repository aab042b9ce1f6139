/**
 * The way to a fork, were the lock rule broken: in `round` the victim decides and falls silent, one node is
 * locked, one never hears of the certificate; from then on these two and the byzantine one go on alone.
 */
import type { Endpoint } from '../machine/endpoint.ts';
import type { Tag } from '../machine/packet.ts';
import type { Random } from '../random.ts';

export interface Plot {
  readonly round: number;
  readonly victim: Endpoint;
  readonly locked: Endpoint;
  readonly unaware: Endpoint;
  readonly isLeaked: () => boolean;
}

/** True when the plot keeps this message back. */
export function isPartOfPlot(
  plot: Plot,
  { kind, round }: Tag,
  from: Endpoint,
  to: Endpoint,
): boolean {
  if (plot.isLeaked()) return false;
  if (kind === 'commit') return true;
  if (round < plot.round) return kind === 'proposal';
  if (round > plot.round) return from === plot.victim || to === plot.victim;
  if (to !== plot.unaware) return false;
  return kind !== 'vote 2' && kind !== 'proposal';
}

/** In a round before one that a byzantine node leads, under a leader who is not the unaware one. */
export function makePlot(
  endpoints: readonly Endpoint[],
  leads: (round: number, one: Endpoint) => boolean,
  random: Random,
): Plot | undefined {
  const outlaws = endpoints.filter((one) => one.isOutlaw === true);
  const honest = random.shuffled(endpoints.filter((one) => one.isOutlaw !== true));
  const round = [0, 1, 2, 3, 4].find(
    (at) => outlaws.some((one) => leads(at + 1, one)) && honest.some((one) => leads(at, one)),
  );
  if (round === undefined || honest.length !== 3 || random.chance(0.2)) return undefined;
  const unaware = honest.find((one) => !leads(round, one))!;
  const [victim, locked] = honest.filter((one) => one !== unaware);
  const leak = random.pick([0, 0, 0.05, 0.2]);
  const isLeaked = () => random.chance(leak);
  return { round, victim: victim!, locked: locked!, unaware, isLeaked };
}
