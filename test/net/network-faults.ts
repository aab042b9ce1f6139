/** What happens to links. While more than 2/3 of the stake is connected, the chain goes on. */
import { CLEAR } from './link.ts';
import type { Perturbation } from './perturbation.ts';
import type { Random } from './random.ts';
import type { TestNet } from './test-net.ts';
import { pause } from './waiting.ts';
import type { Round } from './watch.ts';

const CUT_OFF_MS = 10_000;
const TURN_MS = 3_000;
const SPLIT_MS = 8_000;
const FLAPPING_MS = 10_000;
const MOST_BETWEEN_CUTS_MS = 600;
const BAD_LINKS_MS = 12_000;
const BAD_LINKS = { delayMs: 50, jitterMs: 30, loss: 0.01, bytesPerSecond: 500_000 };
/** Blocks that may have been on their way when the stake was split. */
const UNDER_WAY = 1;

const without = (all: readonly number[], node: number): number[] =>
  all.filter((index) => index !== node);

function victim(net: TestNet, random: Random): { node: number; others: number[] } {
  const node = random.pick(net.validators());
  return { node, others: without(net.running(), node) };
}

/** Connections are reset and refused, as by a firewall. */
export const disconnected: Perturbation = {
  name: 'a validator is disconnected for 10 s (connections reset)',
  async run(net, random) {
    const { node, others } = victim(net, random);
    net.proxy.disconnect(node);
    await net.expectProgress(`node${node} is disconnected`, others);
    await pause(CUT_OFF_MS);
    net.proxy.heal();
    await net.expectProgress(`node${node} is connected again`);
  },
};

/** Nothing arrives, and nobody is told. */
export const unplugged: Perturbation = {
  name: 'a validator is unplugged for 10 s (nothing arrives)',
  async run(net, random) {
    const { node, others } = victim(net, random);
    net.proxy.partition([node], others);
    await net.expectProgress(`node${node} is unplugged`, others);
    await pause(CUT_OFF_MS);
    net.proxy.heal();
    await net.expectProgress(`node${node} is plugged in again`);
  },
};

/** The next round of a new height, as soon as a node enters it. */
function nextLeader(net: TestNet): Promise<Round> {
  return new Promise((resolve) => {
    const listener = (round: Round): void => {
      if (round.round > 0) return;
      net.watch.onRound.delete(listener);
      resolve(round);
    };
    net.watch.onRound.add(listener);
  });
}

export const isolatedLeader: Perturbation = {
  name: 'the leader is isolated when its round begins, three times',
  async run(net) {
    for (let times = 0; times < 3; times++) {
      const { proposer, height } = await nextLeader(net);
      const leader = net.nodeOf(proposer);
      const others = without(net.running(), leader);
      net.proxy.partition([leader], others);
      // The block that this leader was to propose; the one before it may not have been shown yet.
      const before = Math.max(net.history.top, height - 1);
      await net.expectProgress(`node${leader}, the leader, is isolated`, others, before);
      net.proxy.heal();
      await net.expectProgress(`node${leader} is back`);
    }
  },
};

export const asymmetric: Perturbation = {
  name: 'a validator hears but is not heard for 10 s, then the other way round',
  async run(net, random) {
    const { node, others } = victim(net, random);
    for (const other of others) net.proxy.link(node, other).set({ blocked: true });
    await net.expectProgress(`node${node} is not heard`, others);
    await pause(CUT_OFF_MS);
    net.proxy.heal();
    await net.expectProgress(`node${node} is heard again`);
    for (const other of others) net.proxy.link(other, node).set({ blocked: true });
    await net.expectProgress(`node${node} does not hear`, others);
    await pause(CUT_OFF_MS);
    net.proxy.heal();
    await net.expectProgress(`node${node} hears again`);
  },
};

/** The next node is isolated before the one before it has caught up. */
export const rollingPartition: Perturbation = {
  name: 'each validator is isolated in turn, without a rest',
  async run(net, random) {
    const all = net.running();
    for (const node of random.shuffled(net.validators())) {
      net.proxy.heal();
      net.proxy.partition([node], without(all, node));
      await pause(TURN_MS);
    }
    net.proxy.heal();
    await net.expectProgress('the last isolated node is back');
  },
};

export const halves: Perturbation = {
  name: 'the network is split in halves: nobody decides, and then all go on',
  async run(net, random) {
    const mixed = random.shuffled(net.validators());
    const here = mixed.slice(0, Math.floor(mixed.length / 2));
    const there = net.running().filter((node) => !here.includes(node));
    const isEnough = 3 * (mixed.length - here.length) > 2 * mixed.length;
    net.proxy.partition(here, there);
    const top = net.history.top;
    await pause(SPLIT_MS);
    const decided = net.history.top - top;
    if (!isEnough && decided > UNDER_WAY) {
      net.history.violate(`${decided} blocks were decided without 2/3 of the stake`);
    }
    net.proxy.heal();
    await net.expectProgress('the halves are joined');
  },
};

/** Connections break all the time; what they carried has to be sent again on others, in another order. */
export const flapping: Perturbation = {
  name: 'connections are cut at random for 10 s',
  async run(net, random) {
    const end = performance.now() + FLAPPING_MS;
    const top = net.history.top;
    let cuts = 0;
    while (performance.now() < end) {
      const [a, b] = random.shuffled(net.running());
      const isBetween = (nodes: readonly number[]): boolean =>
        nodes.includes(a as number) && nodes.includes(b as number);
      cuts += net.proxy.cut(isBetween);
      await pause(random.below(MOST_BETWEEN_CUTS_MS));
    }
    net.say(`  ${cuts} connections cut, ${net.history.top - top} blocks meanwhile`);
    await net.expectProgress('connections stay again');
  },
};

export const badLinks: Perturbation = {
  name: 'links of 50 ms with jitter, loss and 500 kB/s',
  async run(net) {
    net.proxy.setAll(BAD_LINKS);
    const top = net.history.top;
    await net.expectProgress('links are bad');
    await pause(BAD_LINKS_MS);
    net.say(`  ${net.history.top - top} blocks over bad links`);
    net.proxy.setAll(CLEAR);
    await net.expectProgress('links are good again');
  },
};
