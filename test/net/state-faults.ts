/** What happens to folders: a node joins late, loses its data, or gets an older copy of it back. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { joinByState } from './homes.ts';
import type { Perturbation } from './perturbation.ts';
import { PROGRESS_MS, type TestNet } from './test-net.ts';
import { pause, until } from './waiting.ts';

/** Blocks that the others decide between the copy and its return. */
const BLOCKS_AFTER_COPY = 8;
/** So long a node with a forgetful folder is left alone before it reaches anybody. */
const ALONE_MS = 10_000;
const REFUSED = 78;
const START_MS = 30_000;
const LAUNCH = fileURLToPath(new URL('../../node/cli/launch.js', import.meta.url));

/**
 * As an operator would: start it; when it refuses to sign because it knows that its memory is gone, do what it
 * says, with the height that another node shows, and start it again.
 */
async function startForgetful(net: TestNet, node: number): Promise<void> {
  const process = net.process(node);
  process.start({ mayRefuse: true });
  const isDecided = async (): Promise<boolean> =>
    !process.isRunning || (await net.see(node)) !== undefined;
  await until(`node${node} starts or refuses`, isDecided, net.options.patience * START_MS);
  if (process.isRunning) {
    process.mustLive();
    return;
  }
  if (process.exitCode !== REFUSED) {
    throw new Error(`node${node} ended with exit code ${process.exitCode}, not ${REFUSED}`);
  }
  const above = String(net.history.top + 1);
  net.say(`  node${node} refuses to sign; bitscale repair --sign-above ${above}`);
  const args = [LAUNCH, 'repair', '--home', process.home.root, '--sign-above', above];
  await promisify(execFile)(globalThis.process.execPath, args);
  process.start();
}

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

/** Snapshots are taken every 20 blocks, so from here on there is one that is newer than what is trusted. */
const BLOCKS_BEFORE_STATE = 45;
const TRUSTED_HEIGHT = 3;

/** A node that was never there fetches a state, and only the blocks after it. */
export function joinerByState(node: number): Perturbation {
  return {
    name: `node${node} joins late by a snapshot of the state`,
    async run(net) {
      const missing = BLOCKS_BEFORE_STATE - net.history.top;
      if (missing > 0) await net.blocks(missing, missing * PROGRESS_MS);
      const hash = net.history.hashAt(TRUSTED_HEIGHT);
      if (hash === undefined) throw new Error(`nobody has seen block ${TRUSTED_HEIGHT}`);
      joinByState(net.process(node).home, { height: TRUSTED_HEIGHT, hash });
      net.process(node).start();
      await net.expectProgress(`node${node} joined by a state`, [node]);
      const { earliest } = await net.rpc(node).status();
      if (earliest <= TRUSTED_HEIGHT)
        throw new Error(`node${node} has block ${earliest}: no state`);
      net.say(`  its oldest block is ${earliest}`);
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
    await startForgetful(net, node);
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
    await startForgetful(net, node);
    await leaveAlone(net, node);
    await net.expectProgress(`node${node} rejoined with an empty folder`);
  },
};

/** A snapshot of its disk while it runs, and later that snapshot in the place of its disk. */
async function bringBackOlder(net: TestNet, node: number): Promise<void> {
  const process = net.process(node);
  const { data, root } = process.home;
  const copy = `${root}.copy`;
  process.pause();
  cpSync(data, copy, { recursive: true });
  process.resume();
  await net.blocks(BLOCKS_AFTER_COPY);
  await process.kill();
  rmSync(data, { recursive: true });
  cpSync(copy, data, { recursive: true });
  rmSync(copy, { recursive: true });
}

export const olderCopy: Perturbation = {
  name: 'a validator is started with an older copy of its data folder',
  async run(net, random) {
    const node = random.pick(net.validators());
    await bringBackOlder(net, node);
    await startForgetful(net, node);
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
    await startForgetful(net, node);
    await leaveAlone(net, node);
    await net.expectProgress(`node${node} rejoined with an older copy`);
  },
};
