/** Everything at once: processes die and stand still while links fail, chosen at random, without a rest. */
import { CLEAR } from './link.ts';
import type { Perturbation } from './perturbation.ts';
import type { Random } from './random.ts';
import type { TestNet } from './test-net.ts';
import { pause } from './waiting.ts';

const MOST_BETWEEN_MS = 1_000;
const MOST_TROUBLE_MS = 4_000;
const SLOW = { delayMs: 80, jitterMs: 60, loss: 0.02, bytesPerSecond: 300_000 };

/** One trouble; it is over when the promise resolves. */
type Trouble = (net: TestNet, random: Random) => Promise<void>;

const die: Trouble = async (net, random) => {
  const node = random.pick(net.running());
  const lasts = random.below(MOST_TROUBLE_MS);
  await net.process(node).kill();
  await pause(lasts);
  if (!net.process(node).isRunning) net.process(node).start();
};

const standStill: Trouble = async (net, random) => {
  const process = net.process(random.pick(net.running()));
  process.pause();
  await pause(random.below(MOST_TROUBLE_MS));
  process.resume();
};

const split: Trouble = async (net, random) => {
  const mixed = random.shuffled(net.running());
  const size = 1 + random.below(mixed.length - 1);
  net.proxy.partition(mixed.slice(0, size), mixed.slice(size));
  await pause(random.below(MOST_TROUBLE_MS));
  net.proxy.setAll({ blocked: false });
};

const oneWay: Trouble = async (net, random) => {
  const [from = 0, ...others] = random.shuffled(net.running());
  for (const to of others.slice(random.below(others.length))) {
    net.proxy.link(from, to).set({ blocked: true });
  }
  await pause(random.below(MOST_TROUBLE_MS));
  net.proxy.setAll({ blocked: false });
};

const cut: Trouble = async (net, random) => {
  const node = random.pick(net.running());
  net.proxy.cut((nodes) => nodes.includes(node));
};

const slow: Trouble = async (net, random) => {
  net.proxy.setAll(SLOW);
  await pause(random.below(MOST_TROUBLE_MS));
  net.proxy.setAll({ ...CLEAR, blocked: false });
};

const TROUBLES: readonly Trouble[] = [die, die, standStill, split, oneWay, cut, slow];

export function storm(seconds: number): Perturbation {
  return {
    name: `a storm of ${seconds} s: everything at random, at the same time`,
    async run(net, random) {
      const all = net.running();
      const top = net.history.top;
      const troubles: Promise<void>[] = [];
      const end = performance.now() + 1000 * seconds;
      while (performance.now() < end) {
        if (net.running().length > 1) troubles.push(random.pick(TROUBLES)(net, random));
        await pause(random.below(MOST_BETWEEN_MS));
      }
      await Promise.all(troubles);
      net.proxy.heal();
      net.say(`  ${troubles.length} troubles, ${net.history.top - top} blocks meanwhile`);
      await net.expectProgress('the storm', all);
    },
  };
}
