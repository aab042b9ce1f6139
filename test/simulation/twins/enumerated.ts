/**
 * All scenarios of one, two, three ... rounds, as in the Twins paper: who leads, and how the network is split;
 * here also in which phase of the round it stops speaking. Splits in which nobody has a quorum are left out,
 * and so are first rounds that are another one with validators renamed.
 */
import {
  PHASES,
  everybody,
  isQuorumOf,
  processesOf,
  throughout,
  validatorOf,
  within,
  type Hears,
  type Phase,
  type ScriptedRound,
  type Shape,
  type TwinsScenario,
} from './scenario.ts';

/** More validators have too many splits to write down. */
const MAX_ENUMERATED = 4;
const MAX_ROUNDS = 8;
const CUTS = ['prevote', 'certify', 'precommit', 'end'] as const satisfies readonly Phase[];

/** All ways to put processes into groups; each as the group of every process. */
function splits(count: number): number[][] {
  let all: number[][] = [[]];
  for (let process = 0; process < count; process += 1) {
    all = all.flatMap((groups) => {
      const next = Math.max(-1, ...groups) + 1;
      return Array.from({ length: next + 1 }, (_, group) => [...groups, group]);
    });
  }
  return all;
}

function groupsOf(split: readonly number[]): number[][] {
  const groups: number[][] = [];
  split.forEach((group, process) => (groups[group] ??= []).push(process));
  return groups;
}

/** From `cut` on nobody hears anybody, but for the end of the round, where `isEndHeard` says who does. */
function cutRound(leader: number, hears: Hears, cut: Phase, end: Hears): ScriptedRound {
  const round = throughout(leader, hears);
  const silence = hears.map(() => 0);
  const at = PHASES.indexOf(cut);
  const cutOff = PHASES.map((phase, index) => [phase, index >= at ? silence : hears]);
  return { leader, hears: { ...round.hears, ...Object.fromEntries(cutOff), end } };
}

function roundsOf(shape: Shape): ScriptedRound[] {
  const count = processesOf(shape);
  const quorate = splits(count)
    .map(groupsOf)
    .filter((groups) => groups.some((group) => isQuorumOf(shape, group)));
  const all = everybody(count);
  return quorate.flatMap((groups) => {
    const hears = within(count, groups);
    return Array.from({ length: shape.validators }, (_, leader) =>
      CUTS.flatMap((cut) => {
        const own = cutRound(leader, hears, cut, hears);
        return groups.length === 1 ? [own] : [own, cutRound(leader, hears, cut, all)];
      }),
    ).flat();
  });
}

/** Renamings that leave a scenario the same: honest validators among each other, a twin with its copy. */
function renamings(shape: Shape): number[][] {
  const { validators, twins } = shape;
  const count = processesOf(shape);
  const honest = Array.from({ length: validators - twins }, (_, index) => twins + index);
  const swaps = Array.from({ length: 1 << twins }, (_, bits) => bits);
  return permutations(honest).flatMap((order) =>
    swaps.map((bits) =>
      Array.from({ length: count }, (_, process) => {
        const validator = validatorOf(shape, process);
        if (validator >= twins) return order[process - twins]!;
        const swapped = (bits >> validator) & 1;
        return process < validators
          ? process + swapped * validators
          : process - swapped * validators;
      }),
    ),
  );
}

function permutations(list: readonly number[]): number[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first) =>
    permutations(list.filter((one) => one !== first)).map((rest) => [first, ...rest]),
  );
}

function renamed(shape: Shape, round: ScriptedRound, names: readonly number[]): string {
  const bits = (mask: number): number =>
    names.reduce((all, name, process) => (mask & (1 << process) ? all | (1 << name) : all), 0);
  const parts = PHASES.map((phase) => {
    const hears: number[] = [];
    round.hears[phase].forEach((mask, process) => (hears[names[process]!] = bits(mask)));
    return hears.join(',');
  });
  return `${validatorOf(shape, names[round.leader]!)}/${parts.join('/')}`;
}

/** One of each kind. */
function firstRoundsOf(shape: Shape, rounds: readonly ScriptedRound[]): ScriptedRound[] {
  const names = renamings(shape);
  const seen = new Set<string>();
  return rounds.filter((round) => {
    const smallest = names.map((one) => renamed(shape, round, one)).sort()[0]!;
    if (seen.has(smallest)) return false;
    seen.add(smallest);
    return true;
  });
}

interface Choices {
  readonly first: readonly ScriptedRound[];
  readonly later: readonly ScriptedRound[];
}

const known = new Map<string, Choices>();

export function choicesOf(shape: Shape): Choices {
  const name = `${shape.validators}/${shape.twins}`;
  let choices = known.get(name);
  if (choices === undefined) {
    if (shape.validators > MAX_ENUMERATED) throw new RangeError('too many splits to enumerate');
    const later = roundsOf(shape);
    choices = { first: firstRoundsOf(shape, later), later };
    known.set(name, choices);
  }
  return choices;
}

/** How many scenarios there are of exactly so many rounds. */
export function countOf(shape: Shape, rounds: number): number {
  const { first, later } = choicesOf(shape);
  return first.length * later.length ** (rounds - 1);
}

/** Of four scenarios one is a long one, out of turn. */
const TURNS = 4;
/** Prime, so that long scenarios are met far apart from each other. */
const STRIDE = 15_485_863_000_000_007n;

/** All scenarios in turn, the short ones first; in between longer ones from all over the rest. */
export function enumerated(shape: Shape, index: number): TwinsScenario {
  const name = `enumerated:${index}`;
  const turn = Math.floor(index / TURNS);
  if (index % TURNS === TURNS - 1) {
    const depth = 3 + (turn % (MAX_ROUNDS - 2));
    return { ...shape, name, rounds: roundsAt(shape, depth, BigInt(turn) * STRIDE) };
  }
  let rest = turn * (TURNS - 1) + (index % TURNS);
  let depth = 1;
  while (depth < MAX_ROUNDS && rest >= countOf(shape, depth)) {
    rest -= countOf(shape, depth);
    depth += 1;
  }
  return { ...shape, name, rounds: roundsAt(shape, depth, BigInt(rest)) };
}

function roundsAt(shape: Shape, depth: number, number: bigint): ScriptedRound[] {
  const { first, later } = choicesOf(shape);
  let rest = number;
  const next = (choices: readonly ScriptedRound[]): ScriptedRound => {
    const count = BigInt(choices.length);
    const chosen = choices[Number(rest % count)]!;
    rest /= count;
    return chosen;
  };
  return Array.from({ length: depth }, (_, at) => next(at === 0 ? first : later));
}
