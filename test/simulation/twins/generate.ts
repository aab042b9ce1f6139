/** Scenario number so-and-so: the same number is the same scenario, anywhere. */
import { enumerated } from './enumerated.ts';
import { guided } from './guided.ts';
import { random } from './random.ts';
import type { Shape, TwinsScenario } from './scenario.ts';

const GENERATORS = { guided, enumerated, random } as const;

export type Kind = keyof typeof GENERATORS;
export const KINDS = Object.keys(GENERATORS) as Kind[];
/** All kinds in turn. */
export type Choice = Kind | 'mixed';

const MODES = ['star', 'clique'] as const;

const faultsOf = (validators: number): number => Math.floor((validators - 1) / 3);

/** In turn: star and clique, then 4 and 7 validators. `extra` twins more than f. */
function shapeOf(index: number, kind: Kind, extra: number): readonly [Shape, number] {
  const mode = MODES[index % 2]!;
  const half = Math.floor(index / 2);
  if (kind === 'enumerated') return [{ mode, validators: 4, twins: 1 + extra }, half];
  const validators = half % 2 === 0 ? 4 : 7;
  return [{ mode, validators, twins: faultsOf(validators) + extra }, Math.floor(half / 2)];
}

export function scenarioAt(index: number, choice: Choice = 'mixed', extra = 0): TwinsScenario {
  const kinds = choice === 'mixed' ? KINDS : [choice];
  const kind = kinds[index % kinds.length]!;
  const [shape, inner] = shapeOf(Math.floor(index / kinds.length), kind, extra);
  const scenario = GENERATORS[kind](shape, inner);
  return { ...scenario, name: `${choice}:${index}` };
}
