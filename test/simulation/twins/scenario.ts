/**
 * A scenario of the Twins method as plain data: some validators run twice with one key, and for each round it
 * is written down who leads it and who hears whom in each of its phases. After the last round of the script
 * everybody hears everybody.
 */
import type { Mode } from '../../../node/consensus/inputs.ts';

/** In the order in which a round goes through them. */
export const PHASES = ['propose', 'prevote', 'certify', 'precommit', 'end'] as const;
/**
 * certify: the leader forwards the certificate (star). end: timeouts, reports to the next leader, commits for
 * those left behind.
 */
export type Phase = (typeof PHASES)[number];

/** By listener: the processes it hears, as bits. */
export type Hears = readonly number[];

export interface ScriptedRound {
  /** Position in the validator set. */
  readonly leader: number;
  readonly hears: Readonly<Record<Phase, Hears>>;
}

export interface TwinsScenario {
  /** What to give to the generator to get it again. */
  readonly name: string;
  readonly mode: Mode;
  readonly validators: number;
  /** Validators 0 to twins - 1 run twice: process validators + i is the copy of validator i. */
  readonly twins: number;
  readonly rounds: readonly ScriptedRound[];
  /** Leads the next height, and so collects precommits as well in a star; the last validator by default. */
  readonly next?: number;
  /** Copies propose a block of their own with the certificate of another. */
  readonly lies?: boolean;
}

export type Shape = Pick<TwinsScenario, 'mode' | 'validators' | 'twins'>;

export const processesOf = ({ validators, twins }: Shape): number => validators + twins;

/** Which validator's key a process has. */
export const validatorOf = ({ validators }: Shape, process: number): number =>
  process < validators ? process : process - validators;

export const isTwin = (shape: Shape, process: number): boolean =>
  validatorOf(shape, process) < shape.twins;

export const bitsOf = (processes: readonly number[]): number =>
  processes.reduce((bits, process) => bits | (1 << process), 0);

/** Everybody hears everybody. */
export function everybody(count: number): Hears {
  return Array.from({ length: count }, () => (1 << count) - 1);
}

/** Who is in no group hears nobody. */
export function within(count: number, groups: readonly (readonly number[])[]): Hears {
  const hears = Array.from({ length: count }, () => 0);
  for (const group of groups) for (const process of group) hears[process]! |= bitsOf(group);
  return hears;
}

/** Some speak, some listen; nothing else is said. */
export function towards(count: number, from: readonly number[], to: readonly number[]): Hears {
  const hears = Array.from({ length: count }, () => 0);
  for (const process of to) hears[process] = bitsOf(from);
  return hears;
}

/** The same in every phase. */
export function throughout(leader: number, hears: Hears): ScriptedRound {
  return {
    leader,
    hears: { propose: hears, prevote: hears, certify: hears, precommit: hears, end: hears },
  };
}

/** Do these processes have the keys of more than 2/3 of the validators? */
export function isQuorumOf(shape: Shape, processes: readonly number[]): boolean {
  const keys = new Set(processes.map((process) => validatorOf(shape, process)));
  return keys.size * 3 > shape.validators * 2;
}
