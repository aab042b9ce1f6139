/** bitscale localnet: a whole network on this machine. */
import type { Call, Command } from '../command.ts';
import { usageError } from '../command.ts';
import { runLocalnet } from '../localnet/localnet.ts';
import {
  MAX_LOCAL_ACCOUNTS,
  MAX_LOCAL_VALIDATORS,
  type LocalOptions,
} from '../localnet/options.ts';
import { Screen } from '../localnet/screen.ts';

const PROVERS = 2;

function options(call: Call): LocalOptions {
  const validators = call.integer('validators');
  const accounts = call.integer('accounts');
  if (validators < 1 || validators > MAX_LOCAL_VALIDATORS) {
    throw usageError(`--validators must be 1 to ${MAX_LOCAL_VALIDATORS}`);
  }
  if (accounts < 1 || accounts > MAX_LOCAL_ACCOUNTS) {
    throw usageError(`--accounts must be 1 to ${MAX_LOCAL_ACCOUNTS}`);
  }
  const command = call.optional('prover-command');
  const l1 = !call.flag('no-l1');
  return {
    validators,
    accounts,
    blockTimeMs: call.integer('block-time'),
    l1,
    provers: l1 ? PROVERS : 0,
    ...(command !== undefined && { proverCommand: command.split(' ').filter(Boolean) }),
  };
}

export const localnetCommand: Command = {
  name: 'localnet',
  summary: 'Run a whole network on this machine: validators, L1, contracts, provers',
  options: {
    home: { value: '<folder>', help: 'where everything is kept', default: '.localnet' },
    validators: { value: '<number>', help: 'how many validators', default: '4' },
    accounts: { value: '<number>', help: 'how many funded accounts', default: '10' },
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
    const stop = (): void => controller.abort();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    process.once('SIGHUP', stop);
    await runLocalnet({
      folder: call.text('home'),
      options: options(call),
      fresh: call.flag('fresh'),
      screen: new Screen(process.stdout),
      signal: controller.signal,
    });
  },
};
