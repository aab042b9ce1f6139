/** Examples in help texts are read by people who copy them: each must be a command line that the program takes. */
import assert from 'node:assert/strict';
import { Call, type Command } from '../../../node/cli/command.ts';
import { loadCommands } from '../../../node/cli/commands/table.ts';

/** The words of a line for a shell, up to a pipe, a redirection or a comment. */
function words(line: string): string[] {
  const found = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
  const plain = found.map(([, single, double, bare]) => single ?? double ?? bare!);
  const end = plain.findIndex((word) => ['<', '>', '|', '#', '&&'].includes(word));
  return end < 0 ? plain : plain.slice(0, end);
}

/** The command that a line calls, by its longest name, and what follows. */
function called(commands: readonly Command[], line: string): [Command, string[]] | undefined {
  const [, ...rest] = words(line);
  const typed = `${rest.join(' ')} `;
  const named = commands.flatMap((command) =>
    [command.name, ...(command.aliases ?? [])].map((name) => ({ command, name })),
  );
  const [best] = named
    .filter(({ name }) => typed.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length);
  return best && [best.command, rest.slice(best.name.split(' ').length)];
}

describe('cli: examples', () => {
  let commands: readonly Command[];
  before(async () => (commands = await loadCommands()));

  it('every command about keys and transactions has some', () => {
    const without = commands
      .filter(({ name }) => /^(?:keys|tx) /.test(name))
      .filter(({ examples = [] }) => examples.length === 0);
    assert.deepEqual(
      without.map(({ name }) => name),
      [],
    );
  });

  it('every one that calls bitscale names a command, with options and arguments that it has', () => {
    let count = 0;
    for (const { examples = [] } of commands) {
      for (const example of examples) {
        const line = example.replace(/^source <\((.*)\)$/, '$1').replace(/\$\([^)]*\)/, 'x');
        if (!line.startsWith('bitscale ')) continue;
        const found = called(commands, line);
        assert.ok(found, `no command: ${line}`);
        assert.doesNotThrow(() => new Call(...found), line);
        count++;
      }
    }
    assert.ok(count > 60, String(count));
  });
});
