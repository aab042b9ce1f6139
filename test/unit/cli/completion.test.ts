/** Completion as real shells do it. Bash is everywhere; zsh and fish are tried where they are installed. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCommands } from '../../../node/cli/commands/table.ts';
import { run } from './fake-terminal.ts';

/** The start of a line, and all that may follow. */
type Complete = (line: string) => string[];

const isInstalled = (shell: string): boolean =>
  spawnSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' }).status === 0;
const SHELLS = ['bash', 'zsh', 'fish'].filter(isInstalled);

const inQuotes = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** What asks each shell for completions, given the file of the script and the words of the line. */
const QUESTIONS: Record<string, (script: string, words: readonly string[]) => string[]> = {
  bash: (script, words) => [
    ...['--norc', '-c'],
    `source ${script}; COMP_WORDS=(${words.map(inQuotes).join(' ')}); COMP_CWORD=${words.length - 1}
     _bitscale; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // The functions by which zsh shows what it found print it instead.
  zsh: (script, words) => [
    ...['-f', '-c'],
    `compdef() { :; }; source ${script}
     compadd() { shift; print -l -- "$@" }; _files() { print -l -- *(N) }
     words=(${words.map(inQuotes).join(' ')}); CURRENT=${words.length}; _bitscale`,
  ],
  fish: (script, words) => [
    ...['--no-config', '-c'],
    `source ${script}; complete -C ${inQuotes(words.join(' '))}`,
  ],
};

describe('cli: completion', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-completion-'));
    for (const name of ['keyring/alice', 'keyring/albert', 'keyring-test/bob']) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, `${name}.json`), '');
    }
    writeFileSync(join(folder, 'tx.json'), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is tried in every shell in CI', () => {
    assert.ok(SHELLS.includes('bash'));
    if (process.env['BITSCALE_NEEDS_SHELLS']) assert.equal(SHELLS.length, 3);
  });

  it('ends with code 64 for a shell that it does not know', async () => {
    assert.equal((await run(['completion', 'tcsh'])).code, 64);
    assert.equal((await run(['completion'])).code, 64);
  });

  for (const shell of SHELLS) {
    describe(shell, () => {
      let complete: Complete;

      before(async () => {
        const { code, output, errors } = await run(['completion', shell]);
        assert.equal(code, 0, errors);
        const script = join(folder, `completion.${shell}`);
        writeFileSync(script, output);
        complete = (line) => {
          const words = line.split(' ');
          const options = { cwd: folder, encoding: 'utf8', env: environment() } as const;
          const answer = execFileSync(shell, QUESTIONS[shell]!(script, words), options);
          const found = answer.split('\n').map((text) => text.split('\t')[0]!.trim());
          return found.filter((word) => word !== '' && word.startsWith(words.at(-1)!)).sort();
        };
      });

      const environment = () => ({ ...process.env, HOME: folder, BITSCALE_HOME: folder });

      const CASES: [string, string[]][] = [
        ['bitscale keys e', ['export']],
        ['bitscale keys im', ['import', 'import-hex']],
        ['bitscale ke', ['keys']],
        ['bitscale tx feegrant ', ['grant', 'prune', 'revoke']],
        ['bitscale query bank bala', ['balance', 'balances']],
        ['bitscale q bank bala', ['balance', 'balances']],
        ['bitscale keys show --key', ['--keyring-backend', '--keyring-dir']],
        ['bitscale keys list --keyring-backend ', ['file', 'test']],
        ['bitscale keys list --keyring-backend test -', optionsOf('keys list')],
        ['bitscale tx bank send alice x 1uscale --broadcast-mode ', ['async', 'block', 'sync']],
        ['bitscale tx bank send alice x 1uscale -b a', ['async']],
        ['bitscale tx bank send al', ['albert', 'alice']],
        ['bitscale tx sign x --from b', ['bob']],
        ['bitscale keys delete alice ', ['albert', 'alice', 'bob']],
        ['bitscale keys delete --home /nowhere ', []],
        ['bitscale tx sign t', ['tx.json']],
        ['bitscale tx multisign tx.json b', ['bob']],
        ['bitscale tx multisign tx.json bob tx.json tx', ['tx.json']],
        ['bitscale keys import carol t', ['tx.json']],
        ['bitscale keys add al', []],
        ['bitscale nothing ', []],
      ];
      for (const [line, expected] of CASES) {
        it(`completes "${line}"`, () => {
          assert.deepEqual(complete(line), expected);
        });
      }

      it('knows the first word of every command', async () => {
        const names = (await loadCommands()).flatMap(({ name, aliases = [] }) => [
          name,
          ...aliases,
        ]);
        const first = new Set(names.map((name) => name.split(' ')[0]!));
        assert.deepEqual(complete('bitscale '), [...first, 'q'].sort());
      });
    });
  }

  if (SHELLS.includes('zsh')) {
    it('zsh completes a word when a person presses the tab key', async () => {
      const script = join(folder, 'zsh-typed');
      writeFileSync(script, (await run(['completion', 'zsh'])).output);
      const session = `zmodload zsh/zpty; zpty shell zsh -f -i
        zpty -w shell 'autoload -Uz compinit && compinit -u -D; source ${script}; print rea''dy'
        zpty -r -m shell answer '*ready*'
        zpty -w -n shell $'bitscale keys exp\\t'
        zpty -r -m shell answer '*export*' && print found`;
      const options = { encoding: 'utf8', env: { ...process.env, TERM: 'dumb' } } as const;
      const { stdout } = spawnSync('zsh', ['-f', '-c', session], { ...options, timeout: 30_000 });
      assert.match(stdout, /found/);
    });
  }
});

function optionsOf(name: string): string[] {
  assert.equal(name, 'keys list');
  const options = ['home', 'keyring-backend', 'keyring-dir', 'list-names', 'output'];
  const long = [...options, 'password-file', 'help'].map((option) => `--${option}`);
  return [...long, '-n', '-o'].sort();
}
