/** A network, the perturbations in their order, and the checks at the end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkRunning, checkStopped } from './final-checks.ts';
import type { Perturbation } from './perturbation.ts';
import { Random } from './random.ts';
import { TestNet, type Recovery } from './test-net.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly validators: number;
  /** Full nodes beside the validators; they run only from when a perturbation starts them. */
  readonly followers: number;
  readonly accounts: number;
  readonly blockTimeMs: number;
  /** auto, clique or star. */
  readonly mode: string;
  readonly patience: number;
  /** Also when nothing is wrong. */
  readonly keep: boolean;
  readonly perturbations: readonly Perturbation[];
  readonly say: (text: string) => void;
}

export interface CampaignResult {
  /** Empty when everything held. */
  readonly problems: readonly string[];
  readonly recoveries: readonly Recovery[];
  readonly blocks: number;
  /** Kept when something is wrong. */
  readonly folder: string;
}

const MOST_SHOWN = 20;
const CALM = { what: 'a calm start', blocks: 3 };

/** Never rejects: what goes wrong is among the problems. The folder is removed if there are none. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, validators, followers, say } = options;
  const root = mkdtempSync(join(tmpdir(), 'bitscale-net-'));
  const random = new Random(seed);
  say(`${validators} validators, seed ${seed}, everything in ${root}`);
  const nodes = validators + followers;
  const net = await TestNet.prepare({ ...options, root, nodes, random });
  const problems: string[] = [];
  try {
    await net.start(net.validators());
    await net.blocks(CALM.blocks);
    await net.expectProgress(CALM.what);
    for (const one of options.perturbations) await perturb(net, one, random.fork());
    net.say('The end: is everything there?');
    problems.push(...(await checkRunning(net)));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  await net.stop();
  problems.push(...net.history.violations);
  problems.push(...(await checkStopped(net).catch((error: unknown) => [String(error)])));
  const result = { problems: [...new Set(problems)], recoveries: net.recoveries };
  if (options.keep || result.problems.length > 0) keep(root, result.problems, say);
  else rmSync(root, { recursive: true, force: true });
  return { ...result, blocks: net.history.top, folder: root };
}

async function perturb(net: TestNet, { name, run }: Perturbation, random: Random): Promise<void> {
  const started = performance.now();
  net.say(`${name} (block ${net.history.top}, ${net.sends} sends)`);
  try {
    await run(net, random);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  net.say(`  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function keep(root: string, problems: readonly string[], say: (text: string) => void): void {
  writeFileSync(join(root, 'problems.txt'), `${problems.join('\n')}\n`);
  for (const problem of problems.slice(0, MOST_SHOWN)) say(`WRONG: ${problem}`);
  if (problems.length > MOST_SHOWN) say(`and ${problems.length - MOST_SHOWN} more`);
  say(`Logs and data are kept in ${root}`);
}
