/** bitscale genesis add-account, bulk-add-account. */
import { object, objects, text } from '../../../genesis/read.ts';
import { parseAccount } from '../../base/address.ts';
import { coinsFromText, parseCoins, type Coins, type CoinText } from '../../base/coin.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { homeAt } from '../../home.ts';
import { wholeNumber, type Call, type Command } from '../command.ts';
import { GenesisDocument } from '../genesis/document.ts';
import { accountNamed } from '../genesis/keys.ts';
import { addAccount, type NewAccount } from '../genesis/new-account.ts';
import { KEYRING_OPTIONS } from '../keyring/options.ts';
import { HOME_OPTION, homeFolder } from '../shared-options.ts';
import type { Terminal } from '../terminal.ts';
import { readWhole } from '../whole-file.ts';

const APPEND = {
  append: { help: 'give more coins to an account that is in the file already' },
};

function documentOf(call: Call, terminal: Terminal): GenesisDocument {
  return new GenesisDocument(homeAt(homeFolder(call, terminal)).genesisFile);
}

const seconds = (call: Call, option: string): bigint =>
  BigInt(wholeNumber(call.text(option), `--${option}`));

const addAccountCommand: Command = {
  name: 'genesis add-account',
  aliases: ['genesis add-genesis-account', 'add-genesis-account'],
  summary: 'Put an account with coins into the genesis file of a new chain',
  arguments: ['<address|key>', '<coins>'],
  options: {
    ...KEYRING_OPTIONS,
    'vesting-amount': { value: '<coins>', help: 'coins of it that vest', default: '' },
    'vesting-start-time': { value: '<seconds>', help: 'since 1970; vests from then', default: '0' },
    'vesting-end-time': { value: '<seconds>', help: 'since 1970; all is free then', default: '0' },
    ...APPEND,
  },
  examples: [
    'bitscale genesis add-account alice 1000000uscale',
    'bitscale genesis add-account bitscale1... 5000000uscale --vesting-amount 4000000uscale ' +
      '--vesting-end-time 1893456000',
  ],
  run: (call, terminal) => {
    const document = documentOf(call, terminal);
    const account: NewAccount = {
      address: accountNamed(call, terminal, call.argument(0)),
      coins: parseCoins(call.argument(1)),
      vesting: parseCoins(call.text('vesting-amount')),
      vestingStart: seconds(call, 'vesting-start-time'),
      vestingEnd: seconds(call, 'vesting-end-time'),
    };
    addAccount(document, account, call.flag('append'));
    document.save();
  },
};

const bulkCommand: Command = {
  name: 'genesis bulk-add-account',
  aliases: ['bulk-add-genesis-account'],
  summary: 'Put many accounts into the genesis file, all or none',
  arguments: ['<file>'],
  options: { ...HOME_OPTION, ...APPEND },
  examples: [
    `accounts.json: [{"address": "bitscale1...", "coins": [{"denom": "uscale", "amount": "5"}],`,
    `  "vesting_amt": [...], "vesting_start": 1767225600, "vesting_end": 1893456000}]`,
  ],
  run: (call, terminal) => {
    const document = documentOf(call, terminal);
    for (const [index, account] of readBulk(call.argument(0)).entries()) {
      try {
        addAccount(document, account, call.flag('append'));
      } catch (cause) {
        const place = `${call.argument(0)}: entry ${index + 1}`;
        throw new ExitError(EXIT_DATA, `${place}: ${(cause as Error).message}`, { cause });
      }
    }
    document.save();
  },
};

/** Throws ExitError 65 that names the entry. */
function readBulk(path: string): NewAccount[] {
  const content = readWhole(path);
  try {
    return objects(JSON.parse(content), 'it').map((item, index) => {
      const place = (name: string): string => `entry ${index + 1}: ${name}`;
      const coins = (name: string): Coins =>
        coinsFromText(objects(item[name], place(name)).map(readCoin));
      const time = (name: string): bigint =>
        BigInt(wholeNumber(String(item[name] ?? 0), place(name)));
      return {
        address: parseAccount(text(item['address'], place('address'))),
        coins: coins('coins'),
        vesting: coins('vesting_amt'),
        vestingStart: time('vesting_start'),
        vestingEnd: time('vesting_end'),
      };
    });
  } catch (cause) {
    const why = (cause as Error).message.replace(/^genesis file: /, '');
    throw new ExitError(EXIT_DATA, `${path}: ${why}`, { cause });
  }
}

function readCoin(json: unknown): CoinText {
  const { denom, amount } = object(json, 'coin');
  return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
}

export const accountCommands: readonly Command[] = [addAccountCommand, bulkCommand];
