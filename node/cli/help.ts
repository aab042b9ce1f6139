/** Help texts, made from the commands. */
import type { Command, OptionSpec } from './command.ts';

/** What the commands that begin with a word are about. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ['', 'BitScale: an appchain node with finality in about a second'],
  ['keys', 'Account keys: make, recover, show, export, import'],
  ['tx', 'Transactions: a command for every message; sign, put together, send'],
  ['query', 'Accounts, coins, blocks, transactions: everything that a node answers (short: q)'],
  ['genesis', 'The genesis file of a new chain: accounts, validators, checks'],
  ['comet', 'Who the node of a home is: its consensus key, address and ids'],
  ['config', 'The settings of a home'],
  ['snapshot', 'Snapshots of the state: list, take, restore'],
]);

const COLUMN_CHARS = 34;
const column = (left: string, right: string): string => `  ${left.padEnd(COLUMN_CHARS)}  ${right}`;

export function commandHelp(command: Command): string {
  const { name, aliases = [], summary, arguments: args = [], options = {} } = command;
  const { examples = [] } = command;
  const lines = [summary, '', `Usage: bitscale ${[name, ...args].join(' ')} [options]`];
  const rows = Object.entries({ ...options, help: { help: 'show this text' } }).map(
    ([option, spec]: [string, OptionSpec]) => {
      const standard = spec.default ? ` (default ${spec.default})` : '';
      const value = spec.value === undefined ? '' : ` ${spec.value}`;
      const short = spec.short === undefined ? '' : `-${spec.short}, `;
      return column(`${short}--${option}${value}`, `${spec.help}${standard}`);
    },
  );
  if (aliases.length > 0) lines.push(`Also: ${aliases.join(', ')}`);
  lines.push('', 'Options:', ...rows);
  if (examples.length > 0) lines.push('', 'Examples:', ...examples.map((line) => `  ${line}`));
  return lines.join('\n');
}

/** All commands that begin with `words`, one line each; without words a line for each first word. */
export function listHelp(commands: readonly Command[], words: string): string {
  const rows = words === '' ? firstWords(commands) : commandsUnder(commands, words);
  return [
    TITLES.get(words) ?? `bitscale ${words}`,
    '',
    `Usage: bitscale ${words === '' ? '<command>' : `${words} <command>`} [options]`,
    '',
    'Commands:',
    ...rows,
    '',
    `bitscale ${words === '' ? '' : `${words} `}<command> --help tells more about one.`,
    'Exit codes: 0 done, 64 wrong usage, 65 bad data, 74 no answer or no access, 78 wrong settings.',
  ].join('\n');
}

function commandsUnder(commands: readonly Command[], words: string): string[] {
  return commands
    .filter(({ name }) => `${name} `.startsWith(`${words} `))
    .map(({ name, summary }) => column(name, summary));
}

function firstWords(commands: readonly Command[]): string[] {
  const summaries = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [word = ''] = name.split(' ');
    summaries.set(word, name === word ? summary : (TITLES.get(word) ?? `${word} ...`));
  }
  return [...summaries].map(([word, summary]) => column(word, summary));
}
