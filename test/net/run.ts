/**
 * npm run test:net [-- options]
 *
 *   --full            the whole campaign: 24 kills, seven validators
 *   --seed N          the same choices again
 *   --kills N         how often kill -9
 *   --validators N    4 to 7
 *   --patience N      deadlines N times as long, for a machine that is busy with other things
 *   --only TEXT       only perturbations whose name contains TEXT
 *   --keep            keep logs and data in any case
 *   --list            their names
 */
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { allPerturbations, isShort } from './plan.ts';
import { recoveryTable } from './recovery-table.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seed: { type: 'string' },
    kills: { type: 'string' },
    validators: { type: 'string' },
    patience: { type: 'string', default: '1' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const { full, only } = values;
const validators = Number(values.validators ?? (full ? 7 : 4));
const kills = Number(values.kills ?? process.env['NET_KILLS'] ?? (full ? 24 : 4));
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const all = allPerturbations({ validators, kills });
const chosen = all.filter((one) => {
  return only === undefined ? full || isShort(one) : one.name.includes(only);
});

if (values.list) {
  for (const { name } of all) console.log(name);
} else if (validators < 4 || validators > 7 || chosen.length === 0) {
  console.error('4 to 7 validators, and at least one perturbation (--list)');
  process.exitCode = 64;
} else {
  const started = performance.now();
  const result = await runCampaign({
    seed,
    validators,
    followers: 1,
    accounts: 8,
    blockTimeMs: 500,
    keep: values.keep,
    patience: Number(values.patience),
    perturbations: chosen,
    say: (text) => console.log(text),
  });
  console.log(recoveryTable(result.recoveries));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const verdict = result.problems.length === 0 ? 'everything held' : 'something is WRONG';
  console.log(`${chosen.length} perturbations in ${seconds} s, seed ${seed}: ${verdict}`);
  process.exit(result.problems.length === 0 ? 0 : 1);
}
