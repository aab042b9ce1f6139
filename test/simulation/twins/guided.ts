/**
 * Scenarios that are built like attacks. The processes fall into four parts: twins, their copies, workers, the
 * rest. Two worlds can make certificates without each other: twins with workers, and copies with workers and
 * the rest (where there are too many twins, also copies with the rest alone). A certificate is hidden, a commit
 * is seen by few, rounds pass, and then the other world speaks.
 */
import {
  everybody,
  isQuorumOf,
  processesOf,
  throughout,
  towards,
  validatorOf,
  within,
  type Hears,
  type ScriptedRound,
  type Shape,
  type TwinsScenario,
} from './scenario.ts';

interface Parts {
  readonly twins: readonly number[];
  readonly copies: readonly number[];
  /** As many honest ones as make a quorum with the twins. */
  readonly workers: readonly number[];
  readonly rest: readonly number[];
}

export function partsOf(shape: Shape): Parts {
  const { validators, twins } = shape;
  const all = Array.from({ length: processesOf(shape) }, (_, process) => process);
  const quorum = Math.floor((validators * 2) / 3) + 1;
  return {
    twins: all.slice(0, twins),
    copies: all.slice(validators),
    workers: all.slice(twins, quorum),
    rest: all.slice(quorum, validators),
  };
}

interface World {
  readonly members: readonly number[];
  /** Its twins. */
  readonly doubles: readonly number[];
  /** Validators who may lead in it. */
  readonly leaders: readonly number[];
}

function worldsOf(shape: Shape): World[] {
  const { twins, copies, workers, rest } = partsOf(shape);
  const key = (list: readonly number[]): number[] =>
    list.slice(0, 1).map((process) => validatorOf(shape, process));
  const world = (doubles: readonly number[], ...others: (readonly number[])[]): World => ({
    members: [...doubles, ...others.flat()],
    doubles,
    leaders: [doubles, ...others].flatMap(key),
  });
  const worlds = [world(twins, workers), world(copies, workers, rest), world(copies, rest)];
  return worlds.filter(({ members }) => isQuorumOf(shape, members));
}

/** What a round is for; each kind in all its variations. */
interface Kinds {
  /** A certificate comes to be, and few know it: they are cut off before they can tell. */
  readonly hide: readonly ScriptedRound[];
  /** A certificate that all have, precommits that few hear: who decides is cut off. */
  readonly commit: readonly ScriptedRound[];
  /** A round without a proposal. */
  readonly skip: readonly ScriptedRound[];
  /** One world, undisturbed. */
  readonly speak: readonly ScriptedRound[];
  /**
   * Where there are too many twins: workers decide; the rest give up, with the twins' precommits in hand; then
   * the copies can go on with the rest, having signed nothing that contradicts their twins in this round.
   */
  readonly betray: readonly ScriptedRound[];
}

function betrayRounds(shape: Shape): ScriptedRound[] {
  const { twins, copies, workers, rest } = partsOf(shape);
  const count = processesOf(shape);
  const own = within(count, [[...twins, ...workers]]);
  const some = towards(count, twins, [...copies, ...rest]);
  const precommit = own.map((mask, process) => mask | some[process]!);
  const end = towards(count, rest, [...rest, ...copies]);
  return [...twins, ...workers].map((leader) => ({
    leader,
    hears: { propose: own, prevote: own, certify: own, precommit, end },
  }));
}

const without = (list: readonly number[], gone: readonly number[]): number[] =>
  list.filter((one) => !gone.includes(one));

/** A part, or nobody. */
type Group = readonly number[];

function hideRounds(shape: Shape, world: World, known: Group): ScriptedRound[] {
  const count = processesOf(shape);
  const own = within(count, [world.members]);
  const others = Array.from({ length: count }, (_, process) => process);
  const isStar = shape.mode === 'star';
  return world.leaders.map((leader) => {
    // In a star the leader makes the certificate; elsewhere whoever hears the votes.
    const leaders = world.members.filter((one) => validatorOf(shape, one) === leader);
    const holders = isStar ? [...new Set([...known, ...leaders])] : known;
    const told = towards(count, world.members, holders);
    return {
      leader,
      hears: {
        propose: own,
        prevote: isStar ? own : told,
        certify: told,
        precommit: within(count, []),
        end: within(count, [without(others, holders)]),
      },
    };
  });
}

interface CommitPlan {
  readonly speakers: Group;
  /** They hear all the precommits they need. */
  readonly deciders: Group;
  /** They hear of the round by the precommits, and have given it up. */
  readonly stragglers: Group;
  /** Stragglers tell the workers that they gave up, and are told nothing. */
  readonly isTold: boolean;
  /** The world's twins give the round up and learn of the certificate only then. */
  readonly isLate: boolean;
}

function commitRounds(shape: Shape, world: World, plan: CommitPlan): ScriptedRound[] {
  const { speakers, deciders, stragglers, isTold, isLate } = plan;
  const { workers } = partsOf(shape);
  const count = processesOf(shape);
  const own = within(count, [world.members]);
  const listeners = [...deciders, ...stragglers];
  const end = isTold
    ? towards(count, [...workers, ...stragglers], workers)
    : within(count, [without(world.members, listeners)]);
  const precommit = towards(count, speakers, listeners);
  const late = isLate ? world.doubles : [];
  const told = own.map((mask, process) => (late.includes(process) ? 0 : mask));
  return world.leaders.map((leader) => ({
    leader,
    hears: { propose: own, prevote: told, certify: told, precommit, end },
  }));
}

function kindsOf(shape: Shape): Kinds {
  const { workers, rest } = partsOf(shape);
  const count = processesOf(shape);
  const worlds = worldsOf(shape);
  const all: Hears = everybody(count);
  const apart: Hears = within(count, []);
  const leaders = [...new Set(worlds.flatMap((world) => world.leaders))];
  return {
    hide: worlds.flatMap((world) =>
      [world.doubles, workers.slice(0, 1), rest.slice(0, 1)].flatMap((known) =>
        hideRounds(shape, world, known),
      ),
    ),
    commit: worlds.flatMap((world) =>
      commitPlans(shape, world).flatMap((plan) => commitRounds(shape, world, plan)),
    ),
    skip: leaders.map((leader) => {
      const silent = throughout(leader, apart);
      return { leader, hears: { ...silent.hears, end: all } };
    }),
    speak: [
      ...worlds.flatMap((world) =>
        world.leaders.map((leader) => throughout(leader, within(count, [world.members]))),
      ),
      ...leaders.map((leader) => throughout(leader, all)),
    ],
    betray: betrayRounds(shape),
  };
}

function commitPlans(shape: Shape, world: World): CommitPlan[] {
  const { twins, copies, workers, rest } = partsOf(shape);
  const deciders = world.members.includes(rest[0]!) ? rest : workers.slice(0, 1);
  const plain = { deciders, stragglers: [], isTold: false, isLate: false };
  const others = [twins, copies].flatMap((stragglers) =>
    [false, true].map((isTold) => ({ ...plain, stragglers, isTold })),
  );
  const both = [workers, [...workers, ...world.doubles]].flatMap((speakers) =>
    [plain, ...others].map((plan) => ({ ...plan, speakers })),
  );
  return [...both, { ...plain, isLate: true, speakers: workers }];
}

/** How attacks go: the lock is taken in one world and tried in the other. */
const PLOTS: readonly (readonly (keyof Kinds)[])[] = [
  ['commit', 'speak'],
  ['hide', 'commit', 'speak'],
  ['hide', 'commit', 'skip', 'speak'],
  ['hide', 'hide', 'commit', 'speak'],
  ['commit', 'hide', 'speak'],
  ['hide', 'skip', 'commit', 'speak', 'speak'],
  ['commit', 'hide', 'commit', 'speak', 'speak'],
  ['hide', 'commit', 'hide', 'commit', 'speak', 'speak'],
];

/** With copies that lie about certificates. */
const LIES: readonly (readonly (keyof Kinds)[])[] = [
  ['commit', 'speak'],
  ['hide', 'commit', 'speak'],
];

const BETRAYALS: readonly (readonly (keyof Kinds)[])[] = [
  ['betray', 'speak'],
  ['skip', 'betray', 'speak'],
];

const known = new Map<string, Kinds>();

/** Shares no factor with any number of variations that occurs, so that all are met in time. */
const STRIDE = 7_368_787;

/** Scenario `index`: the plots in turn, each going through its variations far apart from each other. */
export function guided(shape: Shape, index: number): TwinsScenario {
  const name = `${shape.mode}/${shape.validators}/${shape.twins}`;
  const kinds = known.get(name) ?? kindsOf(shape);
  known.set(name, kinds);
  const isOverFault = shape.twins * 3 >= shape.validators;
  const plots = [...PLOTS, ...(isOverFault ? BETRAYALS : LIES)];
  const plot = plots[index % plots.length]!;
  const lies = LIES.includes(plot);
  const total = plot.reduce((product, kind) => product * kinds[kind].length, 1);
  let rest = Number((BigInt(Math.floor(index / plots.length)) * BigInt(STRIDE)) % BigInt(total));
  const rounds = plot.map((kind) => {
    const variations = kinds[kind];
    const round = variations[rest % variations.length]!;
    rest = Math.floor(rest / variations.length);
    return round;
  });
  return { ...shape, name: `guided:${index}`, rounds, ...(lies && { lies }) };
}
