/** Runs one scenario: faults for a while, then calm, then everybody must get on. Throws when a rule is broken. */
import { setImmediate as realTurn } from 'node:timers/promises';
import { Watch, type Mark } from './check/watch.ts';
import { checkHistory } from './check/history.ts';
import { Violation } from './check/violation.ts';
import { EventQueue } from './event-queue.ts';
import { FaultLog, type Fault } from './faults/fault-log.ts';
import { Operator } from './faults/operator.ts';
import type { Scenario } from './faults/scenario.ts';
import { leaveHost } from './kernel/host.ts';
import { counts } from './kernel/memo-ed25519.ts';
import { observeSteps } from './kernel/watched-machine.ts';
import { ChaoticVoter } from './machine/chaotic-voter.ts';
import { resetForge } from './machine/forge.ts';
import { SimulatedNetwork } from './machine/network.ts';
import { SimNode } from './machine/node.ts';
import type { Surroundings } from './machine/surroundings.ts';
import { Oracle } from './machine/oracle.ts';
import { Flooder, LyingPeer } from './machine/strangers.ts';
import { Villain } from './machine/villain.ts';
import { World } from './machine/world.ts';
import { Random } from './random.ts';

const MAX_EVENTS = 3_000_000;

export interface Outcome {
  readonly height: number;
  readonly maxRound: number;
  readonly steps: number;
  readonly events: number;
  readonly crashes: number;
  readonly faults: Partial<Record<Fault, number>>;
  /** By height. */
  readonly marks: readonly Mark[];
}

interface Run {
  readonly around: Surroundings;
  readonly nodes: SimNode[];
  readonly operator: Operator;
  readonly flooders: Flooder[];
  events: number;
}

function populate(around: Surroundings, oracle: Oracle): SimNode[] {
  const { world, network, log } = around;
  const nodes: SimNode[] = [];
  world.identities.forEach((_, index) => {
    const faulty = world.scenario.faulty.find((one) => one.index === index);
    const kind = faulty?.kind ?? 'honest';
    if (kind === 'chaotic') {
      network.endpoints.push(new ChaoticVoter(around, oracle, index));
      return;
    }
    const node = new SimNode(around, { name: `node ${index}`, index, kind });
    nodes.push(node);
    if (kind === 'twin') {
      log.note('F8 twins');
      nodes.push(new SimNode(around, { name: `twin ${index}`, index, kind }));
    }
    if (kind !== 'villain') return;
    const villain = new Villain(around, oracle, node, faulty?.vices ?? []);
    node.speak = (to, payload) => villain.speak(to, payload);
  });
  network.endpoints.push(...nodes);
  oracle.nodes.push(...nodes.filter(({ isHonest }) => isHonest));
  return nodes;
}

function prepare(scenario: Scenario, random: Random): Run {
  resetForge();
  const queue = new EventQueue();
  const log = new FaultLog();
  const world = new World(scenario, log);
  const oracle = new Oracle();
  const leaderOf = (height: number, round: number) =>
    oracle.validators(height)?.leader(round).address;
  const { faults } = scenario;
  const { delayMs } = scenario;
  const network = new SimulatedNetwork({ queue, random, faults, log, leaderOf, delayMs });
  const watch = new Watch(world);
  watch.costs = () => ({ sent: network.sent, verified: counts.verified });
  counts.verified = 0;
  const around: Surroundings = { world, queue, network, random, watch, log };
  const nodes = populate(around, oracle);
  for (const node of nodes) {
    watch.add(node);
    if (delayMs !== undefined) node.host.disk.syncMs = 0;
  }
  observeSteps((...args) => watch.onStep(...args));
  const operator = new Operator(around, nodes);
  operator.start();
  const flooders: Flooder[] = [];
  if (scenario.liar) {
    const liar = new LyingPeer(around, oracle);
    network.endpoints.push(liar);
    liar.start();
  }
  if (scenario.flood) {
    const flooder = new Flooder(around);
    network.endpoints.push(flooder);
    flooders.push(flooder);
    flooder.start();
  }
  return { around, nodes, operator, flooders, events: 0 };
}

async function runUntil(run: Run, isDone: () => boolean): Promise<void> {
  const { queue } = run.around;
  while (!isDone()) {
    run.events += 1;
    if (run.events > MAX_EVENTS) throw new Violation('I8', 'something never stops');
    leaveHost();
    if (!queue.next()) throw new Violation('I8', 'nothing left to happen');
    // Whatever the event has set in motion comes to rest before the next one.
    await realTurn();
    if (run.operator.broken !== undefined) throw run.operator.broken as Error;
  }
}

/** `draw` is set to this run's dice. */
export const dice = { draw: (): number => 0 };

export async function runScenario(scenario: Scenario): Promise<Outcome> {
  const random = new Random(scenario.seed ^ 0x5eed);
  dice.draw = () => random.float();
  const run = prepare(scenario, random);
  const { queue, network, watch, log } = run.around;
  const { chaosMs, chaosSteps } = scenario;
  await runUntil(run, () =>
    chaosSteps === undefined ? queue.now >= chaosMs : watch.steps >= chaosSteps,
  );
  const honest = run.nodes.filter((node) => node.isHonest);
  const maxRound = Math.max(0, ...honest.map(({ engine }) => engine?.driver.state.round ?? 0));
  network.heal();
  for (const flooder of run.flooders) flooder.stop();
  run.operator.finish();
  await checkProgress(run, honest, maxRound);
  checkHistory(run.around, honest);
  leaveHost();
  return {
    height: watch.decisions.length - 1,
    maxRound,
    steps: watch.steps,
    events: run.events,
    crashes: run.operator.crashes,
    faults: log.counts,
    marks: watch.marks,
  };
}

/** After healing every honest node adds heights, each within n + 3 rounds of where the rounds stood. */
async function checkProgress(run: Run, honest: SimNode[], maxRound: number): Promise<void> {
  const { queue, watch, world } = run.around;
  const { scenario } = world;
  const base = Math.max(...honest.map(({ height }) => height));
  const target = base + scenario.heightsAfter;
  const rounds = scenario.powers.length + 3;
  const roundMs = scenario.timeouts.roundMaxMs + 1_000;
  const deadline = queue.now + (scenario.heightsAfter + 2) * rounds * roundMs;
  await runUntil(run, () => {
    if (queue.now >= deadline) {
      const where = honest.map((node) => node.describe()).join('; ');
      throw new Violation('I8', `height ${target} is not reached: ${where}`);
    }
    return watch.decisions.length > target && honest.every(({ height }) => height >= target);
  });
  for (let height = base + 1; height <= target; height++) {
    const limit = rounds + (height === base + 1 ? maxRound : 0);
    const { round } = watch.decisions[height]!;
    if (round <= limit) continue;
    throw new Violation('I8', `height ${height} took until round ${round}, limit ${limit}`);
  }
}
