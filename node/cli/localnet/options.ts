/** What the user may choose about the local network, and what a folder remembers of the first choice. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { EXIT_CONFIG, EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { LOCAL_CHAIN_ID, type LocalHome } from './layout.ts';

export const MAX_LOCAL_VALIDATORS = 31;
export const MAX_LOCAL_ACCOUNTS = 10_000;

/** Genesis and the contracts follow from these: they stay what they were when the folder was made. */
interface Lasting {
  readonly validators: number;
  readonly accounts: number;
  readonly l1: boolean;
}

interface Passing {
  /** Least time between blocks; 0 is as fast as consensus goes. */
  readonly blockTimeMs: number;
  /** Words of the proving program, with {zkey} {wtns} {proof} {public}; undefined for snarkjs. */
  readonly proverCommand?: readonly string[];
}

/** Undefined: as the folder was made, or the default for a new one. */
export type AskedOptions = Passing & { readonly [K in keyof Lasting]: Lasting[K] | undefined };

export type LocalOptions = Passing & Lasting & { readonly provers: number };

const PROVERS = 2;
const DEFAULTS: Lasting = { validators: 4, accounts: 10, l1: true };
const NAMES = Object.keys(DEFAULTS) as (keyof Lasting)[];
const FLAGS: Readonly<Record<keyof Lasting, (value: number | boolean) => string>> = {
  validators: (value) => `--validators ${String(value)}`,
  accounts: (value) => `--accounts ${String(value)}`,
  l1: (value) => (value === true ? 'L1' : '--no-l1'),
};

/** Joins what is asked with what the folder was made with; throws ExitError 78 where they disagree. */
export function chooseOptions(home: LocalHome, asked: AskedOptions): LocalOptions {
  const made = existsSync(home.genesis) ? readSettings(home) : undefined;
  const lasting: Record<string, unknown> = { ...DEFAULTS };
  for (const name of NAMES) {
    const [before, now] = [made?.[name], asked[name]];
    if (before !== undefined && now !== undefined && before !== now) {
      const text = FLAGS[name];
      throw new ExitError(
        EXIT_CONFIG,
        `${home.root} was made with ${text(before)}, not with ${text(now)}. ` +
          'Leave the flag out, or begin anew with --fresh.',
      );
    }
    lasting[name] = now ?? before ?? DEFAULTS[name];
  }
  const { validators, accounts, l1 } = lasting as unknown as Lasting;
  const { blockTimeMs, proverCommand } = asked;
  const provers = l1 ? PROVERS : 0;
  return {
    validators,
    accounts,
    l1,
    blockTimeMs,
    provers,
    ...(proverCommand && { proverCommand }),
  };
}

function readSettings(home: LocalHome): Partial<Lasting> {
  try {
    return JSON.parse(readFileSync(home.settings, 'utf8')) as Partial<Lasting>;
  } catch (cause) {
    throw new ExitError(EXIT_DATA, `${home.settings} cannot be read; begin anew with --fresh`, {
      cause,
    });
  }
}

export function saveSettings(home: LocalHome, { validators, accounts, l1 }: LocalOptions): void {
  const settings = { chainId: LOCAL_CHAIN_ID, validators, accounts, l1 };
  writeFileSync(home.settings, `${JSON.stringify(settings, null, 2)}\n`);
}

/** Makes the folder. One with other things in it is never written to, and never removed. */
export function claimFolder(home: LocalHome): void {
  try {
    mkdirSync(home.root, { recursive: true });
  } catch (cause) {
    throw new ExitError(EXIT_IO, `cannot make the folder ${home.root}`, { cause });
  }
  const names = readdirSync(home.root).filter((name) => !name.startsWith('node.lock'));
  if (names.length === 0 || existsSync(home.settings)) return;
  throw new ExitError(
    EXIT_CONFIG,
    `${home.root} is neither empty nor the folder of a local network; choose another with --home`,
  );
}
