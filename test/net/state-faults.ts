/** What happens to folders: a node joins late, loses its data, or gets an older copy of it back. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import type { Perturbation } from './perturbation.ts';
import type { TestNet } from './test-net.ts';
import { pause } from './waiting.ts';

/** Blocks that the others decide between the copy and its return. */
const BLOCKS_AFTER_COPY = 8;
/** So long a node with a forgetful folder is left alone before it reaches anybody. */
const ALONE_MS = 10_000;

/** A node that was never there fetches all blocks while the chain goes on. */
export function lateJoiner(node: number): Perturbation {
  return {
    name: `node${node} joins late and fetches all blocks`,
    async run(net) {
      const top = net.history.top;
      net.process(node).start();
      await net.expectProgress(`node${node} fetched ${top} blocks`, [node]);
    },
  };
}

function wipe(net: TestNet, node: number): void {
  const { data } = net.process(node).home;
  rmSync(data, { recursive: true });
  mkdirSync(data);
}

/** Long enough for rounds to pass in which it could vote. */
async function leaveAlone(net: TestNet, node: number): Promise<void> {
  await net.answers(node);
  await pause(ALONE_MS);
  net.proxy.heal();
}

export const wiped: Perturbation = {
  name: 'a validator loses its data folder',
  async run(net, random) {
    const node = random.pick(net.validators());
    await net.process(node).stop();
    wipe(net, node);
    net.process(node).start();
    await net.expectProgress(`node${node} rejoined with an empty folder`);
  },
};

/** It does not know that it has voted before: it must not vote before it has heard from others. */
export const wipedAndAlone: Perturbation = {
  name: 'a validator loses its data folder and is alone at first',
  async run(net, random) {
    const node = random.pick(net.validators());
    const others = net.running().filter((index) => index !== node);
    await net.process(node).stop();
    wipe(net, node);
    net.proxy.partition([node], others);
    net.process(node).start();
    await leaveAlone(net, node);
    await net.expectProgress(`node${node} rejoined with an empty folder`);
  },
};

async function bringBackOlder(net: TestNet, node: number): Promise<void> {
  const { data, root } = net.process(node).home;
  const copy = `${root}.copy`;
  await net.process(node).stop();
  cpSync(data, copy, { recursive: true });
  net.process(node).start();
  await net.expectProgress(`node${node} was copied`, [node]);
  await net.blocks(BLOCKS_AFTER_COPY);
  await net.process(node).stop();
  rmSync(data, { recursive: true });
  cpSync(copy, data, { recursive: true });
  rmSync(copy, { recursive: true });
}

export const olderCopy: Perturbation = {
  name: 'a validator is started with an older copy of its data folder',
  async run(net, random) {
    const node = random.pick(net.validators());
    await bringBackOlder(net, node);
    net.process(node).start();
    await net.expectProgress(`node${node} rejoined with an older copy`);
  },
};

export const olderCopyAndAlone: Perturbation = {
  name: 'a validator is started with an older copy of its data folder, alone at first',
  async run(net, random) {
    const node = random.pick(net.validators());
    const others = net.running().filter((index) => index !== node);
    await bringBackOlder(net, node);
    net.proxy.partition([node], others);
    net.process(node).start();
    await leaveAlone(net, node);
    await net.expectProgress(`node${node} rejoined with an older copy`);
  },
};
