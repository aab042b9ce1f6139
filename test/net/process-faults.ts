/** What happens to processes: killed, suspended, restarted. */
import type { Perturbation } from './perturbation.ts';
import { pause } from './waiting.ts';

const SUSPENDED_MS = 10_000;
/** A killed node is started again after up to so long. */
const MOST_DOWN_MS = 2_000;

/** kill -9, `times` in all, at moments chosen at random, each node in its turn. */
export function kills(times: number): Perturbation {
  return {
    name: `kill -9, ${times} times`,
    async run(net, random) {
      let turn: number[] = [];
      for (let done = 0; done < times; done++) {
        if (turn.length === 0) turn = random.shuffled(net.running());
        const node = turn.shift() as number;
        await pause(random.below(MOST_DOWN_MS));
        await net.process(node).kill();
        await pause(random.below(MOST_DOWN_MS));
        net.process(node).start();
        await net.expectProgress(`kill -9 of node${node}`);
      }
    },
  };
}

export const allKilled: Perturbation = {
  name: 'kill -9 of all nodes at once',
  async run(net) {
    const all = net.running();
    await Promise.all(all.map((node) => net.process(node).kill()));
    for (const node of all) net.process(node).start();
    await net.expectProgress('kill -9 of all', all);
  },
};

/** A machine that was suspended; the others must not wait for it. */
export const suspended: Perturbation = {
  name: 'a process stands still for 10 s (SIGSTOP)',
  async run(net, random) {
    const node = random.pick(net.running());
    const others = net.running().filter((index) => index !== node);
    net.process(node).pause();
    await net.expectProgress(`node${node} stands still`, others);
    await pause(SUSPENDED_MS);
    net.process(node).resume();
    await net.expectProgress(`node${node} runs again`);
  },
};

export const restarted: Perturbation = {
  name: 'a node is stopped and started',
  async run(net, random) {
    const node = random.pick(net.running());
    await net.process(node).stop();
    net.process(node).start();
    await net.expectProgress(`restart of node${node}`);
  },
};

/** As an operator brings a new version to a network. */
export const rollingRestart: Perturbation = {
  name: 'all nodes are restarted, one after the other',
  async run(net, random) {
    for (const node of random.shuffled(net.running())) {
      await net.process(node).stop();
      net.process(node).start();
      await net.expectProgress(`restart of node${node}`);
    }
  },
};
