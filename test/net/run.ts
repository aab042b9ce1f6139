/** A network of real processes, and all that can disturb it; what it does is in HELP. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { commandLine, wholeNumber } from '../support/command-line.ts';
import { runCampaign } from './campaign.ts';
import { allPerturbations, isShort } from './plan.ts';
import { Random } from './random.ts';
import { recoveryPage, recoveryTable } from './recovery-table.ts';
import type { Recovery } from './test-net.ts';
import { runValidatorChanges, VALIDATOR_CHANGES } from './validator-changes.ts';

const HELP = `npm run test:net -- [options]

  --full            the whole campaign: 24 kills, seven validators
  --seed N          the same choices again
  --kills N         how often kill -9 (4)
  --validators N    4 to 7 (4)
  --mode NAME       star or clique; auto is clique for so few validators
  --patience N      deadlines N times as long, for a machine that is busy with other things (1)
  --only TEXT       only perturbations whose name contains TEXT
  --write           writes docs/operations/recovery-times.md
  --keep            keeps logs and data in any case
  --list            shows the names of the perturbations

Exit code 0: everything held; 1: something did not; 64: the command line is wrong.`;

const values = commandLine(HELP, {
  full: { type: 'boolean', default: false },
  seed: { type: 'string' },
  kills: { type: 'string' },
  validators: { type: 'string' },
  mode: { type: 'string', default: 'auto' },
  patience: { type: 'string', default: '1' },
  only: { type: 'string' },
  keep: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
});

const INTERRUPTED = 130;
const STORM_SECONDS = 20;
const FULL_STORM_SECONDS = 120;
const MODES = ['auto', 'clique', 'star'];
const PAGE = fileURLToPath(new URL('../../docs/operations/recovery-times.md', import.meta.url));
const { full, only } = values;
const validators = wholeNumber('validators', values.validators ?? (full ? '7' : '4'));
const kills = wholeNumber('kills', values.kills ?? process.env['NET_KILLS'] ?? (full ? '24' : '4'));
const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000));
const patience = Number(values.patience);
const say = (text: string): void => console.log(text);
const stormSeconds = full ? FULL_STORM_SECONDS : STORM_SECONDS;
const all = allPerturbations({ validators, kills, stormSeconds });
const isWanted = (name: string): boolean => only === undefined || name.includes(only);
const chosen = all.filter((one) => isWanted(one.name) && (full || only || isShort(one)));

async function writePage(recoveries: readonly Recovery[]): Promise<void> {
  const load = loadavg()[1]?.toFixed(1);
  const about =
    `${validators} validators, two nodes that join late, and all that disturbs them, on one machine with ` +
    `${availableParallelism()} processors; load of the machine over the last five minutes ${load}; seed ${seed}.`;
  const text = recoveryPage(recoveries, about);
  const options = { ...(await resolveConfig(PAGE)), filepath: PAGE };
  writeFileSync(PAGE, await format(text, options));
}

async function run(): Promise<boolean> {
  const started = performance.now();
  const problems: string[] = [];
  if (chosen.length > 0) {
    const options = { seed, validators, followers: 2, accounts: 8, blockTimeMs: 500, patience };
    const { keep } = values;
    const result = await runCampaign({
      ...options,
      mode: values.mode,
      keep,
      perturbations: chosen,
      say,
    });
    say(recoveryTable(result.recoveries));
    problems.push(...result.problems);
    if (values.write) await writePage(result.recoveries);
  }
  if (isWanted(VALIDATOR_CHANGES)) {
    problems.push(...(await runValidatorChanges({ random: new Random(seed), patience, say })));
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const verdict = problems.length === 0 ? 'everything held' : 'something is WRONG';
  say(`${seconds} s, seed ${seed}, load of the machine ${loadavg()[0]?.toFixed(1)}: ${verdict}`);
  return problems.length === 0;
}

for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => process.exit(INTERRUPTED));

if (values.list) {
  for (const name of [...all.map((one) => one.name), VALIDATOR_CHANGES]) say(name);
} else if (validators < 4 || validators > 7 || !MODES.includes(values.mode)) {
  console.error('4 to 7 validators; mode auto, clique or star');
  process.exitCode = 64;
} else if (chosen.length === 0 && !isWanted(VALIDATOR_CHANGES)) {
  console.error('no perturbation has this in its name; --list shows all');
  process.exitCode = 64;
} else {
  process.exit((await run()) ? 0 : 1);
}
