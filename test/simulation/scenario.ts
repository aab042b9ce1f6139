/** What a seed means: how many machines, which faults, how long. */
import type { Mode, Timeouts } from '../../node/consensus/inputs.ts';
import { Random } from './random.ts';

export interface Faults {
  readonly drop: number;
  readonly duplicate: number;
  /** Longest ordinary delay, ms. */
  readonly delayMs: number;
  /** Chance of a message being much later than that. */
  readonly straggle: number;
  /** Share of (round, kind of message, receiver) that is never delivered. */
  readonly hostile: number;
  /** Chance per partition check (every 300 ms) that the network splits or heals. */
  readonly partition: number;
  /** Chance of a crash before any single effect. */
  readonly crash: number;
  /** Chance that a validator finds a fresh block's time too far off. */
  readonly untimely: number;
}

export interface Scenario {
  readonly seed: number;
  readonly size: number;
  readonly powers: readonly bigint[];
  /** twin: two copies with one key. chaotic: votes for anything, to anybody. */
  readonly byzantine: readonly { readonly index: number; readonly kind: 'twin' | 'chaotic' }[];
  readonly mode: Mode;
  readonly faults: Faults;
  readonly timeouts: Timeouts;
  /** How long the faults go on, virtual ms. */
  readonly chaosMs: number;
  /** Heights every honest node must add after healing. */
  readonly heightsAfter: number;
  /** Powers change from time to time. */
  readonly rotating: boolean;
  readonly realSignatures: boolean;
}

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
    crash: random.pick([0, 0, 0.0005, 0.003]),
    untimely: random.pick([0, 0, 0.1]),
  };
}

/** No luck involved: an adversary decides who hears what. */
function hostileFaults(random: Random): Faults {
  return {
    drop: 0,
    duplicate: 0,
    delayMs: 10,
    straggle: random.pick([0, 0.05]),
    hostile: random.pick([0.2, 0.3, 0.4, 0.5]),
    partition: 0,
    crash: random.pick([0, 0, 0.002]),
    untimely: 0,
  };
}

function choosePowers(random: Random, size: number): bigint[] {
  if (random.chance(0.5)) return Array.from({ length: size }, () => 10n);
  return Array.from({ length: size }, () => BigInt(1 + random.below(20)));
}

/** As many byzantine validators as stay strictly below 1/3 of the power. */
function chooseByzantine(random: Random, powers: readonly bigint[]): Scenario['byzantine'] {
  const total = powers.reduce((sum, power) => sum + power, 0n);
  const chosen: { index: number; kind: 'twin' | 'chaotic' }[] = [];
  let power = 0n;
  for (const index of random.shuffled([...powers.keys()])) {
    if ((power + powers[index]!) * 3n >= total) continue;
    power += powers[index]!;
    chosen.push({ index, kind: random.chance(0.5) ? 'twin' : 'chaotic' });
  }
  return random.chance(0.3) ? [] : chosen;
}

/** One height after the other under an adversary, four machines, one of them lawless. */
function hostileScenario(seed: number, random: Random): Scenario {
  return {
    seed,
    size: 4,
    powers: [10n, 10n, 10n, 10n],
    byzantine: [{ index: random.below(4), kind: random.chance(0.8) ? 'chaotic' : 'twin' }],
    mode: random.chance(0.5) ? 'star' : 'clique',
    faults: hostileFaults(random),
    timeouts: HASTY,
    chaosMs: random.pick([2_000, 5_000]),
    heightsAfter: 2,
    rotating: false,
    realSignatures: false,
  };
}

export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  if (random.chance(0.5)) return hostileScenario(seed, random);
  const size = random.pick([4, 4, 7]);
  const powers = choosePowers(random, size);
  return {
    seed,
    size,
    powers,
    byzantine: chooseByzantine(random, powers),
    mode: random.chance(0.5) ? 'star' : 'clique',
    faults: chooseFaults(random),
    timeouts: TIMEOUTS,
    chaosMs: random.pick([2_000, 5_000, 10_000]),
    heightsAfter: 3,
    rotating: random.chance(0.3),
    realSignatures: false,
  };
}
