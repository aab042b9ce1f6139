/** One case of the damage matrix: copy the sound home, damage it, start it, judge what it says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { homeAt } from '../../node/home.ts';
import { repairHome, signAbove } from '../../node/repair.ts';
import { Random } from '../unit/store/random.ts';
import { difference } from './answers.ts';
import { Examiner, type Outcome } from './examiner.ts';
import { FILE_CLASSES, MUTATIONS, mutate, type FileClass } from './mutations.ts';
import { copyHome, type SoundHome } from './sound-home.ts';

/** Damaged data, a disk that refuses, a setting or key that is wrong. */
const REFUSALS = new Set([65, 74, 78]);
const START_TIMEOUT_MS = 20_000;
/** Blocks a lonely validator must make after its damage, if it starts at all. */
const MORE_BLOCKS = 2;

export interface Case {
  readonly fileClass: FileClass;
  readonly mutation: string;
  /** Where in the file, from 0 to below 1. */
  readonly at: number;
  readonly seed: number;
}

/** harmless: started with the right answers. repaired: refused, and right after the command it named. */
export type Verdict = 'harmless' | 'refused' | 'repaired';

export function allCases(offsets: number, seed: number): Case[] {
  const random = new Random(seed);
  return FILE_CLASSES.flatMap((fileClass) =>
    Object.keys(MUTATIONS).flatMap((mutation) =>
      Array.from({ length: countOf(fileClass, mutation, offsets) }, (_, index) => {
        const at = (index + random.below(1000) / 1000) / offsets;
        return { fileClass, mutation, at, seed: random.below(2 ** 31) };
      }),
    ),
  );
}

/** Without settings a node uses the standard ports, which another one may be using here. */
function countOf(fileClass: FileClass, mutation: string, offsets: number): number {
  if (mutation !== 'deleted') return offsets;
  return fileClass.name === 'config' ? 0 : 1;
}

export function nameOf({ fileClass, mutation, at }: Case): string {
  return `${fileClass.name}: ${mutation} at ${(at * 100).toFixed(1)} %`;
}

/** Throws with what is wrong when the damage leads to anything but one of the verdicts. */
export async function judge(sound: SoundHome, examiner: Examiner, each: Case): Promise<Verdict> {
  const { lonely = false, find } = each.fileClass;
  const folder = await copyHome(sound, 'case', lonely);
  try {
    const path = find(folder);
    if (path === undefined) throw new Error(`no file of the class ${each.fileClass.name}`);
    mutate(join(folder, path), each.mutation, each.at, new Random(each.seed));
    return await verdictOn(sound, examiner, { folder, lonely, file: basename(path) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Damaged {
  readonly folder: string;
  readonly lonely: boolean;
  /** A refusal must name it, or the command that repairs. */
  readonly file: string;
}

export async function verdictOn(
  sound: SoundHome,
  examiner: Examiner,
  { folder, lonely, file }: Damaged,
): Promise<Verdict> {
  const { height } = sound.answers;
  const atLeast = lonely ? height + MORE_BLOCKS : height;
  const ask = { folder, last: height, atLeast, timeoutMs: START_TIMEOUT_MS };
  const first = await examiner.examine(ask);
  if (isRight(sound, first)) return 'harmless';
  if (first.type !== 'refused') throw new Error(told(first));
  if (first.exitCode === undefined || !REFUSALS.has(first.exitCode)) throw new Error(told(first));
  if (first.message.includes('--sign-above')) return abstained(sound, examiner, folder);
  if (!first.message.includes('bitscale repair')) {
    if (first.message.includes(file.split('.')[0]!)) return 'refused';
    throw new Error(`no file and no command is named: ${told(first)}`);
  }
  assert.ok(first.message.includes(folder), `the command lacks the home: ${told(first)}`);
  await repairHome(folder, Date.now());
  const second = await examiner.examine(ask);
  if (isRight(sound, second)) return 'repaired';
  throw new Error(`after the repair: ${told(second)}`);
}

/** With the command that was named, the node follows the chain again and does not sign what it may have signed. */
async function abstained(sound: SoundHome, examiner: Examiner, folder: string): Promise<Verdict> {
  const { height } = sound.answers;
  await signAbove(folder, height + 1, Date.now());
  const ask = { folder, last: height, atLeast: height, timeoutMs: START_TIMEOUT_MS };
  const outcome = await examiner.examine(ask);
  if (isRight(sound, outcome) && outcome.type === 'started' && outcome.next === undefined) {
    return 'repaired';
  }
  throw new Error(`after --sign-above: ${told(outcome)}`);
}

/** Started, and every answer is that of the undamaged node. */
function isRight(sound: SoundHome, outcome: Outcome): boolean {
  const { answers } = sound;
  if (outcome.type !== 'started') return false;
  const other = difference(answers, outcome.answers);
  if (other !== undefined) throw new Error(`silently wrong: ${other}`);
  if (outcome.next !== undefined) requireSameVote(sound, outcome.next);
  return outcome.answers.base === answers.base;
}

/** What the key signed before the damage must not be contradicted by the block that it decides now. */
function requireSameVote(
  { folder, answers }: SoundHome,
  next: { round: number; hash: string },
): void {
  const text = readFileSync(homeAt(folder).validatorStateFile, 'utf8');
  const last = JSON.parse(text) as { height: string; round: number; signbytes?: string };
  if (Number(last.height) !== answers.height + 1 || last.round !== next.round) return;
  assert.ok(last.signbytes?.toLowerCase().includes(next.hash), 'the key contradicts itself');
}

function told(outcome: Outcome): string {
  if (outcome.type === 'refused') return `exit code ${outcome.exitCode}: ${outcome.message}`;
  if (outcome.type === 'died') return `the process died: ${outcome.how}`;
  return `${outcome.type} at height ${outcome.answers.height}`;
}
