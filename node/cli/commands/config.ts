/** bitscale config: the settings of a home. */
import { loadConfig } from '../../config.ts';
import { homeAt } from '../../home.ts';
import { usageError, type Command } from '../command.ts';
import { setSetting } from '../config-file.ts';
import { outputOption, printResult } from '../output.ts';
import { HOME_OPTION, homeFolder } from '../shared-options.ts';

function settingOf(config: object, key: string): unknown {
  let value: unknown = config;
  for (const word of key.split('.')) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, word);
    if (!isThere) throw usageError(`there is no setting ${key}; see: bitscale config view`);
    value = (value as Record<string, unknown>)[word];
  }
  return value;
}

/** JSON where the setting is not a text; lists may also be written with commas. */
function valueOf(standard: unknown, text: string): unknown {
  if (typeof standard === 'string') return text;
  if (Array.isArray(standard) && !text.startsWith('[')) return text === '' ? [] : text.split(',');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw usageError(`"${text}" is not a ${Array.isArray(standard) ? 'list' : typeof standard}`);
  }
}

const options = { ...HOME_OPTION, ...outputOption('json') };

export const configCommands: readonly Command[] = [
  {
    name: 'config view',
    summary: 'All settings of a home, those it does not name with their defaults',
    options,
    run: async (call, terminal) => {
      const { configFile } = homeAt(homeFolder(call, terminal));
      printResult(call, terminal, await loadConfig(configFile), 'json');
    },
  },
  {
    name: 'config get',
    summary: 'One setting or section',
    arguments: ['<key>'],
    options,
    examples: ['bitscale config get p2p.port'],
    run: async (call, terminal) => {
      const { configFile } = homeAt(homeFolder(call, terminal));
      const value = settingOf(await loadConfig(configFile), call.argument(0));
      if (typeof value === 'string') return terminal.print(value);
      printResult(call, terminal, value, 'json');
    },
  },
  {
    name: 'config set',
    summary: 'Change one setting; the node reads it when it starts',
    arguments: ['<key>', '<value>'],
    options: HOME_OPTION,
    examples: [
      'bitscale config set app.minGasPrices 0.001uscale',
      'bitscale config set p2p.persistentPeers /ip4/203.0.113.7/tcp/26656/p2p/12D3Koo...',
    ],
    run: async (call, terminal) => {
      const { configFile } = homeAt(homeFolder(call, terminal));
      const [key, text] = [call.argument(0), call.argument(1)];
      const standard = settingOf(await loadConfig(configFile), key);
      if (typeof standard === 'object' && !Array.isArray(standard)) {
        throw usageError(`${key} is a section; name one of ${Object.keys(standard!).join(', ')}`);
      }
      setSetting(configFile, key, valueOf(standard, text));
    },
  },
];
