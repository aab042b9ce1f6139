/** Runs one scenario: faults for a while, then calm, then everybody must get on. Throws when a rule is broken. */
import assert from 'node:assert/strict';
import { ChaoticVoter } from './chaotic-voter.ts';
import { EventQueue } from './event-queue.ts';
import { Invariants } from './invariants.ts';
import { Network } from './network.ts';
import { Random } from './random.ts';
import type { Scenario } from './scenario.ts';
import { SimNode, type Surroundings } from './sim-node.ts';
import { World } from './world.ts';

const SHAKE_EVERY_MS = 300;
const MAX_EVENTS = 3_000_000;

export interface Outcome {
  readonly height: number;
  readonly maxRound: number;
  readonly crashes: number;
  readonly events: number;
}

function populate(around: Surroundings): SimNode[] {
  const { world, network } = around;
  const nodes: SimNode[] = [];
  world.validators.forEach((_, index) => {
    const byzantine = world.scenario.byzantine.find((one) => one.index === index);
    if (byzantine?.kind === 'chaotic') {
      network.endpoints.push(new ChaoticVoter(around, index));
      return;
    }
    const isHonest = byzantine === undefined;
    nodes.push(new SimNode(around, index, { name: `node ${index}`, isHonest }));
    if (!isHonest) nodes.push(new SimNode(around, index, { name: `twin ${index}`, isHonest }));
  });
  network.endpoints.push(...nodes);
  return nodes;
}

export function runScenario(scenario: Scenario): Outcome {
  const queue = new EventQueue();
  const random = new Random(scenario.seed ^ 0x5eed);
  const world = new World(scenario);
  const leaderOf = (height: number, round: number) => world.setAt(height).leader(round).address;
  const network = new Network({ queue, random, faults: scenario.faults, leaderOf });
  const invariants = new Invariants(world);
  const nodes = populate({ world, queue, network, random, invariants });
  for (const node of nodes) queue.after(random.between(0, 50), () => node.boot());
  const shake = () => {
    if (queue.now >= scenario.chaosMs) return;
    if (random.chance(scenario.faults.partition)) network.shake();
    queue.after(SHAKE_EVERY_MS, shake);
  };
  queue.after(SHAKE_EVERY_MS, shake);

  let events = 0;
  const runUntil = (isDone: () => boolean) => {
    while (!isDone()) {
      assert.ok(events++ < MAX_EVENTS, 'too many events: something never stops');
      assert.ok(queue.next(), 'nothing left to happen');
    }
  };
  runUntil(() => queue.now >= scenario.chaosMs);
  const honest = nodes.filter((node) => node.isHonest);
  const maxRound = Math.max(...honest.map(({ state }) => state.round));
  network.heal();
  for (const node of nodes) if (!node.isUp) node.boot();
  checkProgress({ scenario, queue, invariants, honest, maxRound, runUntil });
  return {
    height: invariants.decisions.length - 1,
    maxRound,
    crashes: nodes.reduce((sum, node) => sum + node.crashes, 0),
    events,
  };
}

interface Progress {
  readonly scenario: Scenario;
  readonly queue: EventQueue;
  readonly invariants: Invariants;
  readonly honest: readonly SimNode[];
  readonly maxRound: number;
  readonly runUntil: (isDone: () => boolean) => void;
}

/** After healing every honest node adds heights, each within n + 3 rounds of where the rounds stood. */
function checkProgress(progress: Progress): void {
  const { scenario, queue, invariants, honest, maxRound, runUntil } = progress;
  const base = Math.max(...honest.map(({ disk }) => disk.tip));
  const target = base + scenario.heightsAfter;
  const rounds = scenario.size + 3;
  const roundMs = scenario.timeouts.roundMaxMs + 1_000;
  const deadline = queue.now + (scenario.heightsAfter + 2) * rounds * roundMs;
  const describe = () =>
    honest.map(({ name, state, disk }) => `${name}: ${disk.tip}+${state.round} ${state.phase}`);
  runUntil(() => {
    assert.ok(queue.now < deadline, `no progress after healing: ${describe().join('; ')}`);
    return honest.every(({ disk }) => disk.tip >= target);
  });
  for (let height = base + 1; height <= target; height++) {
    const limit = rounds + (height === base + 1 ? maxRound : 0);
    const { round } = invariants.decisions[height]!;
    assert.ok(round <= limit, `height ${height} took until round ${round}, limit ${limit}`);
  }
}
