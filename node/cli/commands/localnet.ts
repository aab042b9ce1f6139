/** bitscale localnet: a whole network on this machine. */
import type { Call, Command } from '../command.ts';
import { usageError } from '../command.ts';
import { runLocalnet } from '../localnet/localnet.ts';
import { watchNpm } from '../localnet/npm-parent.ts';
import {
  MAX_LOCAL_ACCOUNTS,
  MAX_LOCAL_VALIDATORS,
  type AskedOptions,
} from '../localnet/options.ts';
import { Screen } from '../localnet/screen.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function countUpTo(call: Call, name: string, max: number): number | undefined {
  if (call.optional(name) === undefined) return undefined;
  const value = call.integer(name);
  if (value < 1 || value > max) throw usageError(`--${name} must be 1 to ${max}`);
  return value;
}

function asked(call: Call): AskedOptions {
  const command = call.optional('prover-command');
  return {
    validators: countUpTo(call, 'validators', MAX_LOCAL_VALIDATORS),
    accounts: countUpTo(call, 'accounts', MAX_LOCAL_ACCOUNTS),
    l1: call.flag('no-l1') ? false : undefined,
    blockTimeMs: call.integer('block-time'),
    ...(command !== undefined && { proverCommand: command.split(' ').filter(Boolean) }),
  };
}

export const localnetCommand: Command = {
  name: 'localnet',
  summary: 'Run a whole network on this machine: validators, L1, contracts, provers',
  options: {
    home: { value: '<folder>', help: 'where everything is kept', default: '.localnet' },
    validators: { value: '<number>', help: 'how many validators; 4 in a new folder' },
    accounts: { value: '<number>', help: 'how many funded accounts; 10 in a new folder' },
    'block-time': {
      value: '<ms>',
      help: 'least time between blocks; 0 is as fast as consensus goes',
      default: '1000',
    },
    'no-l1': { help: 'without L1 and provers' },
    fresh: { help: 'throw away the state of earlier runs first' },
    'prover-command': {
      value: '<words>',
      help: 'prove with this program instead of snarkjs; {zkey} {wtns} {proof} {public} are replaced',
    },
  },
  examples: ['bitscale localnet', 'bitscale localnet --validators 7 --block-time 0 --no-l1'],
  run: async (call) => {
    const controller = new AbortController();
    // A second Ctrl-C changes nothing: ending takes a few seconds, and must not be cut short.
    for (const name of SIGNALS) process.on(name, () => controller.abort());
    watchNpm(process.env, () => controller.abort());
    await runLocalnet({
      folder: call.text('home'),
      asked: asked(call),
      fresh: call.flag('fresh'),
      screen: new Screen(process.stdout, process.env),
      signal: controller.signal,
    });
    process.exit(0);
  },
};
