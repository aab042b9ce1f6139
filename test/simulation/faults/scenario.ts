/** What a seed means: how many machines, which faults, how long. Plain JSON, so that it can be kept. */
import type { Mode, Timeouts } from '../../../node/consensus/inputs.ts';
import { Random } from '../random.ts';
import { VICES, type Vice } from './vices.ts';

/** Chances unless another unit is named. */
export interface Faults {
  readonly drop: number;
  readonly duplicate: number;
  /** Longest ordinary delay, ms. */
  readonly delayMs: number;
  /** Of a message being much later than that. */
  readonly straggle: number;
  /** Share of (round, kind of message, receiver) that is never delivered. */
  readonly hostile: number;
  /** Per check (every 300 ms) that the network splits, heals, loses a direction or isolates the leader. */
  readonly partition: number;
  /** Per disk operation that the host loses power before or after it. */
  readonly crash: number;
  /** Per disk operation that the disk is full or a sync fails; the node ends and is started again. */
  readonly disk: number;
  /** Per check that a host is stopped for up to 10 s. */
  readonly stop: number;
  /** Largest error of a clock of the honest, ms: below what a block's time may be off. */
  readonly skewMs: number;
  /** Per check that a clock is set anew within that error. */
  readonly jump: number;
  /** Per check that a node restarts with empty databases, its log and signer state kept. */
  readonly wipe: number;
}

/**
 * twin: two nodes with one key. chaotic: no machine at all, votes for anything, to anybody. villain: a node
 * whose messages are bent by its vices. forgetful: its disk loses synced records of the log. broken: its
 * application panics or differs. skewed: its clock is a minute off. All of them together have less than 1/3 of the power.
 */
export type Kind =
  'twin' | 'chaotic' | 'villain' | 'forgetful' | 'panicking' | 'differing' | 'skewed';

export interface Faulty {
  readonly index: number;
  readonly kind: Kind;
  readonly vices?: readonly Vice[];
}

export type Changes = 'none' | 'some' | 'every height' | 'grow' | 'shrink' | 'replace';

export interface Scenario {
  readonly seed: number;
  /** Of the first validators. */
  readonly powers: readonly number[];
  readonly faulty: readonly Faulty[];
  readonly mode: Mode;
  readonly timeouts: Timeouts;
  readonly blockTimeMs: number;
  readonly faults: Faults;
  readonly changes: Changes;
  /** Peers that serve wrong blocks, or claim heights that do not exist. */
  readonly liar: boolean;
  readonly flood: boolean;
  /** Every node restarts once as another version, the network switching its mode of messages. */
  readonly upgrade: boolean;
  /** How long the faults go on, virtual ms. */
  readonly chaosMs: number;
  /** Instead: the faults go on for this many steps. */
  readonly chaosSteps?: number;
  /** The node of this validator loses power at its n-th disk operation. */
  readonly crashAt?: {
    readonly index: number;
    readonly operation: number;
    readonly when: 'before' | 'after';
  };
  /** For measurements: every message takes exactly so long, none is lost, and disks take no time. */
  readonly delayMs?: number;
  /** Heights every honest node must add after healing. */
  readonly heightsAfter: number;
}

export const CALM: Faults = {
  drop: 0,
  duplicate: 0,
  delayMs: 10,
  straggle: 0,
  hostile: 0,
  partition: 0,
  crash: 0,
  disk: 0,
  stop: 0,
  skewMs: 0,
  jump: 0,
  wipe: 0,
};

const HASTY: Timeouts = {
  roundMs: 150,
  roundDeltaMs: 10,
  roundMaxMs: 400,
  newRoundMs: 60,
  graceMs: 10,
  resendMs: 300,
};

const TIMEOUTS: Timeouts = {
  roundMs: 400,
  roundDeltaMs: 100,
  roundMaxMs: 3_000,
  newRoundMs: 120,
  graceMs: 40,
  resendMs: 250,
};

function chooseFaults(random: Random): Faults {
  const harsh = random.float();
  return {
    drop: random.pick([0, 0.02, 0.1, 0.3]) * harsh,
    duplicate: random.pick([0, 0.05, 0.2]),
    delayMs: random.pick([5, 20, 60, 200]),
    straggle: random.pick([0, 0.02, 0.1]),
    hostile: 0,
    partition: random.pick([0, 0.1, 0.4]),
    crash: random.pick([0, 0, 0.002, 0.01]),
    disk: random.pick([0, 0, 0, 0.002]),
    stop: random.pick([0, 0, 0.05]),
    skewMs: random.pick([0, 0, 300, 4_000]),
    jump: random.pick([0, 0.1]),
    wipe: random.pick([0, 0, 0, 0.03]),
  };
}

/** No luck involved: an adversary decides who hears what. */
function hostileFaults(random: Random): Faults {
  return {
    ...CALM,
    straggle: random.pick([0, 0.05]),
    hostile: random.pick([0.2, 0.3, 0.4, 0.5]),
    crash: random.pick([0, 0, 0.004]),
  };
}

function choosePowers(random: Random, size: number): number[] {
  const choice = random.float();
  if (choice < 0.35) return Array.from({ length: size }, () => 1);
  if (choice < 0.6) return Array.from({ length: size }, () => 10);
  return Array.from({ length: size }, () => 1 + random.below(20));
}

const KINDS: readonly Kind[] = [
  'twin',
  'twin',
  'chaotic',
  'chaotic',
  'villain',
  'villain',
  'villain',
  'forgetful',
  'panicking',
  'differing',
  'skewed',
];

function villain(random: Random, index: number): Faulty {
  const vices = random.shuffled(VICES).slice(0, 2 + random.below(6));
  return { index, kind: 'villain', vices };
}

/** As many faulty validators as stay strictly below 1/3 of the power. */
function chooseFaulty(random: Random, powers: readonly number[]): Faulty[] {
  const total = powers.reduce((sum, power) => sum + power, 0);
  const chosen: Faulty[] = [];
  let power = 0;
  for (const index of random.shuffled([...powers.keys()])) {
    if ((power + powers[index]!) * 3 >= total) continue;
    power += powers[index]!;
    const kind = random.pick(KINDS);
    chosen.push(kind === 'villain' ? villain(random, index) : { index, kind });
  }
  return random.chance(0.25) ? [] : chosen;
}

/** One height after the other under an adversary, four machines, one of them lawless. */
function hostileScenario(seed: number, random: Random): Scenario {
  const index = random.below(4);
  const kind = random.pick(['chaotic', 'chaotic', 'chaotic', 'twin', 'villain'] as const);
  return {
    seed,
    powers: random.pick([
      [1, 1, 1, 1],
      [10, 10, 10, 10],
    ]),
    faulty: [kind === 'villain' ? villain(random, index) : { index, kind }],
    mode: random.chance(0.5) ? 'star' : 'clique',
    timeouts: HASTY,
    blockTimeMs: 0,
    faults: hostileFaults(random),
    changes: 'none',
    liar: false,
    flood: false,
    upgrade: false,
    chaosMs: random.pick([2_000, 5_000]),
    heightsAfter: 2,
  };
}

/** Nothing fails: for measurements. */
export function quietScenario(size: number, mode: Mode, delayMs: number): Scenario {
  return {
    seed: 1,
    powers: Array.from({ length: size }, () => 10),
    faulty: [],
    mode,
    timeouts: { ...TIMEOUTS, roundMs: 5_000, roundMaxMs: 5_000, newRoundMs: 1_000, graceMs: 0 },
    blockTimeMs: 0,
    faults: CALM,
    changes: 'none',
    liar: false,
    flood: false,
    upgrade: false,
    delayMs,
    chaosMs: 30 * delayMs,
    heightsAfter: 6,
  };
}

export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  if (random.chance(0.4)) return hostileScenario(seed, random);
  const size = random.pick([1, 4, 4, 4, 5, 6, 7, 7, 10]);
  const powers = choosePowers(random, size);
  const changes: Changes = random.pick([
    'none',
    'none',
    'none',
    'some',
    'every height',
    'grow',
    'shrink',
    'replace',
  ]);
  // Whoever may leave or join is honest then: the shares of the faulty must stay below 1/3 at any time.
  const isFixed = changes === 'none' || changes === 'some' || changes === 'every height';
  return {
    seed,
    powers,
    faulty: isFixed ? chooseFaulty(random, powers) : [],
    mode: random.chance(0.5) ? 'star' : 'clique',
    timeouts: TIMEOUTS,
    blockTimeMs: random.pick([0, 0, 30, 200]),
    faults: chooseFaults(random),
    changes,
    liar: random.chance(0.2),
    flood: random.chance(0.1),
    upgrade: random.chance(0.15),
    chaosMs: random.pick([2_000, 5_000, 10_000]),
    heightsAfter: 3,
  };
}
