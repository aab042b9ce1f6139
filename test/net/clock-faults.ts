/** A wrong clock, by libfaketime: the process sees another date, its timers run as before. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Perturbation } from './perturbation.ts';
import type { TestNet } from './test-net.ts';

const LIBRARIES = '/usr/lib';
const LIBRARY = 'faketime/libfaketimeMT.so.1';
const HOUR_SECONDS = 3_600;
const NEAR_SECONDS = 300;
const BLOCKS = 10;
const BLOCKS_MS = 60_000;

function library(): string {
  const folders = [LIBRARIES, ...readdirSync(LIBRARIES).map((name) => join(LIBRARIES, name))];
  const found = folders.map((folder) => join(folder, LIBRARY)).find((path) => existsSync(path));
  if (found === undefined) throw new Error('libfaketime is missing: apt-get install faketime');
  return found;
}

/** How far the clock of a process is off, by the newest line of its log. */
function shiftOf(log: string): number {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').reverse();
  const time = lines.map((line) => /"time":"([^"]+)"/.exec(line)?.[1]).find(Boolean);
  return (Date.parse(time ?? '') - Date.now()) / 1000;
}

async function skew(net: TestNet, node: number, seconds: number): Promise<void> {
  const process = net.process(node);
  const sign = seconds < 0 ? '-' : '+';
  const others = net.running().filter((index) => index !== node);
  await process.stop();
  process.start({
    environment: {
      LD_PRELOAD: library(),
      FAKETIME: `${sign}${Math.abs(seconds)}s`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
  });
  const what = `the clock of node${node} is ${sign}${Math.abs(seconds) / HOUR_SECONDS} h off`;
  await net.expectProgress(what, [node]);
  const shift = shiftOf(process.files.log);
  if (Math.abs(shift - seconds) > NEAR_SECONDS) {
    throw new Error(
      `the clock of node${node} is ${shift} s off, not ${seconds} s: is libfaketime at work?`,
    );
  }
  const started = performance.now();
  await net.blocks(BLOCKS, BLOCKS_MS);
  const took = (performance.now() - started) / 1000;
  net.say(`  ${BLOCKS} blocks in ${took.toFixed(1)} s meanwhile`);
  await net.expectProgress(`${what}, the others`, others);
}

export const wrongClock: Perturbation = {
  name: "a validator's clock is an hour ahead, then an hour behind",
  async run(net, random) {
    const node = random.pick(net.validators());
    for (const seconds of [HOUR_SECONDS, -HOUR_SECONDS]) await skew(net, node, seconds);
    await net.process(node).stop();
    net.process(node).start();
    await net.expectProgress(`the clock of node${node} is right again`);
  },
};
