/** Longer scenarios, drawn by chance. */
import { Random } from '../random.ts';
import {
  PHASES,
  everybody,
  isQuorumOf,
  processesOf,
  throughout,
  towards,
  within,
  type Hears,
  type ScriptedRound,
  type Shape,
  type TwinsScenario,
} from './scenario.ts';

const MIN_ROUNDS = 3;
const MAX_ROUNDS = 12;
const TRIES = 20;

/** Groups of which one has a quorum, if luck will have it. */
function split(shape: Shape, random: Random): Hears {
  const count = processesOf(shape);
  let groups: number[][] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const kinds = random.pick([2, 2, 3]);
    groups = Array.from({ length: kinds }, () => []);
    for (let process = 0; process < count; process += 1) {
      groups[random.chance(0.6) ? 0 : random.below(kinds)]!.push(process);
    }
    if (groups.some((group) => isQuorumOf(shape, group))) break;
  }
  return within(count, groups);
}

function some(count: number, random: Random): number[] {
  const all = random.shuffled(Array.from({ length: count }, (_, process) => process));
  return all.slice(0, 1 + random.below(count - 1));
}

/** One phase that is otherwise than the rest of its round. */
function turn(shape: Shape, random: Random, hears: Hears): Hears {
  const count = processesOf(shape);
  const kind = random.below(5);
  if (kind === 0) return everybody(count);
  if (kind === 1) return within(count, []);
  if (kind === 2) return split(shape, random);
  const some1 = towards(count, some(count, random), some(count, random));
  return kind === 3 ? some1 : some1.map((mask, process) => mask & hears[process]!);
}

function round(shape: Shape, random: Random): ScriptedRound {
  const leader = random.chance(0.4) ? random.below(shape.twins) : random.below(shape.validators);
  const hears = random.chance(0.25) ? everybody(processesOf(shape)) : split(shape, random);
  const plain = throughout(leader, hears);
  const entries = PHASES.map((phase) => [
    phase,
    random.chance(0.35) ? turn(shape, random, hears) : hears,
  ]);
  return { leader, hears: { ...plain.hears, ...Object.fromEntries(entries) } };
}

export function random(shape: Shape, index: number): TwinsScenario {
  const source = new Random(index * 4 + shape.validators + (shape.mode === 'star' ? 0 : 2));
  const length = MIN_ROUNDS + source.below(MAX_ROUNDS - MIN_ROUNDS + 1);
  const rounds = Array.from({ length }, () => round(shape, source));
  const next = source.below(shape.validators);
  return { ...shape, name: `random:${index}`, rounds, next };
}
