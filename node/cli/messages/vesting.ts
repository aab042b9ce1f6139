/** bitscale tx vesting. */
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { usageError, wholeNumber } from '../command.ts';
import { readJson } from '../tx/files.ts';
import { addressArgument, coins, messageCommand, type Making } from './message-command.ts';

const PACKAGE = '/cosmos.vesting.v1beta1';

const create = messageCommand({
  name: 'vesting create-vesting-account',
  types: [`${PACKAGE}.MsgCreateVestingAccount`],
  summary: 'Make an account whose coins become free little by little, or all at a time',
  arguments: ['<to>', '<coins>', '<end_time>'],
  options: { delayed: { help: 'all at the end' } },
  examples: ['vesting create-vesting-account bitscale1... 100uscale 1798761600 --from alice'],
  make: ({ call, from }) => [
    {
      '@type': `${PACKAGE}.MsgCreateVestingAccount`,
      from_address: from,
      to_address: addressArgument(call, 0),
      amount: coins(call.argument(1)),
      end_time: String(wholeNumber(call.argument(2), 'the end time in unix seconds')),
      delayed: call.flag('delayed'),
    },
  ],
});

const permanent = messageCommand({
  name: 'vesting create-permanent-locked-account',
  types: [`${PACKAGE}.MsgCreatePermanentLockedAccount`],
  summary: 'Make an account whose coins never become free',
  arguments: ['<to>', '<coins>'],
  examples: ['vesting create-permanent-locked-account bitscale1... 100uscale --from alice'],
  make: ({ call, from }) => [
    {
      '@type': `${PACKAGE}.MsgCreatePermanentLockedAccount`,
      from_address: from,
      to_address: addressArgument(call, 0),
      amount: coins(call.argument(1)),
    },
  ],
});

interface PeriodFile {
  readonly start_time: number;
  readonly periods: readonly { readonly coins: string; readonly length_seconds: number }[];
}

async function readPeriods({ call, terminal }: Making) {
  const file = (await readJson(terminal, call.argument(1))) as PeriodFile;
  if (!Number.isSafeInteger(file.start_time) || !Array.isArray(file.periods)) {
    const form =
      '{"start_time": 1798761600, "periods": [{"coins": "10uscale", "length_seconds": 60}]}';
    throw new ExitError(EXIT_DATA, `a file of periods is ${form}`);
  }
  const periods = file.periods.map((period) => {
    if (!Number.isSafeInteger(period.length_seconds)) throw usageError('a period has a length');
    return { length: String(period.length_seconds), amount: coins(String(period.coins)) };
  });
  return { start_time: String(file.start_time), vesting_periods: periods };
}

const periodic = messageCommand({
  name: 'vesting create-periodic-vesting-account',
  types: [`${PACKAGE}.MsgCreatePeriodicVestingAccount`],
  summary: 'Make an account whose coins become free in periods',
  arguments: ['<to>', '<file>'],
  examples: ['vesting create-periodic-vesting-account bitscale1... periods.json --from alice'],
  make: async (making) => [
    {
      '@type': `${PACKAGE}.MsgCreatePeriodicVestingAccount`,
      from_address: making.from,
      to_address: addressArgument(making.call, 0),
      ...(await readPeriods(making)),
    },
  ],
});

export const vestingMessages = [create, permanent, periodic];
