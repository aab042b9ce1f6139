import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Call, type Command } from '../../../node/cli/command.ts';
import { loadCommands } from '../../../node/cli/commands/table.ts';
import { runCommand } from '../../../node/cli/dispatch.ts';
import { commandHelp } from '../../../node/cli/help.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { UNAUTHORIZED } from '../../../node/base/sdk-errors.ts';
import { run, SILENT } from './fake-terminal.ts';

const command: Command = {
  name: 'paint wall',
  summary: 'Paint a wall',
  arguments: ['<colour>', '[layers]'],
  options: {
    brush: { value: '<size>', help: 'how wide', default: '5' },
    wet: { help: 'still wet' },
    helper: { value: '<name>', help: 'who helps', multiple: true },
  },
  run: () => undefined,
};

const usage = (error: unknown): boolean => error instanceof ExitError && error.exitCode === 64;

describe('cli/command', () => {
  it('reads arguments and options in any order', () => {
    const call = new Call(command, ['--helper', 'a', 'red', '--wet', '--helper=b', '2']);
    assert.equal(call.argument(0), 'red');
    assert.equal(call.optionalArgument(1), '2');
    assert.equal(call.integer('brush'), 5);
    assert.equal(call.flag('wet'), true);
    assert.deepEqual(call.list('helper'), ['a', 'b']);
  });

  const WRONG = [[], ['red', '1', 'x'], ['red', '--nope'], ['red', '--brush'], ['red', '--wet=1']];
  for (const args of WRONG) {
    it(`ends with code 64 for: ${args.join(' ') || 'no argument'}`, () => {
      assert.throws(() => new Call(command, args), usage);
    });
  }

  it('ends with code 64 for a number that is none', () => {
    for (const text of ['-1', '1.5', 'x', '01', '1e3', '9007199254740993']) {
      const call = new Call(command, ['red', `--brush=${text}`]);
      assert.throws(() => call.integer('brush'), usage);
    }
  });

  it('shows every argument, option and default in the help text', () => {
    const help = commandHelp(command);
    for (const part of ['paint wall <colour> [layers]', '--brush <size>', 'default 5', '--wet']) {
      assert.ok(help.includes(part), part);
    }
  });
});

describe('cli/dispatch', () => {
  it('lists first words for --help, and for nothing with code 64, and under each all commands', async () => {
    const [help, nothing] = [await run(['--help']), await run([])];
    assert.equal(help.code, 0);
    assert.equal(nothing.code, 64);
    assert.equal(nothing.errors, help.output);
    const commands = await loadCommands();
    for (const word of new Set(commands.map(({ name }) => name.split(' ')[0]!))) {
      assert.match(help.output, new RegExp(`^  ${word} +[A-Z]`, 'm'));
      const { output } = await run([word, '--help']);
      for (const { name } of commands.filter((each) => each.name.startsWith(`${word} `))) {
        assert.ok(output.includes(`  ${name} `), name);
      }
    }
  });

  it('explains a group and a command, with --help at the end or help in front', async () => {
    const group = await run(['keys', '--help']);
    assert.ok(group.output.includes('keys add') && !group.output.includes('tx bank'));
    const one = await run(['keys', 'add', '--help']);
    assert.equal(one.code, 0);
    assert.deepEqual(await run(['help', 'keys', 'add']), one);
    assert.ok(one.output.includes('bitscale keys add <name>'));
  });

  it('ends with code 64 for a command that is not there', async () => {
    for (const args of [['fly'], ['keys', 'fly'], ['keys'], ['tx', 'bank']]) {
      const { code, output } = await run(args);
      assert.equal(code, 64, args.join(' '));
      assert.equal(output, '');
    }
  });

  it('turns every kind of error into its exit code and one sentence', async () => {
    const failures: [unknown, number][] = [
      [new ExitError(78, 'wrong setting'), 78],
      [new BitscaleError(UNAUTHORIZED, 'not yours'), 65],
      [new TypeError('bug'), 70],
    ];
    for (const [failure, expected] of failures) {
      const failing = { ...command, run: () => Promise.reject(failure as Error) };
      const warned: string[] = [];
      const terminal = {
        ...SILENT,
        warn: (text: string) => void warned.push(text),
      };
      assert.equal(await runCommand(['paint', 'wall', 'red'], [failing], terminal), expected);
      assert.deepEqual(warned, [`bitscale: ${(failure as Error).message}`]);
    }
  });

  it('loads only the commands that the first word names', async () => {
    const names = (await loadCommands('keys')).map(({ name }) => name);
    assert.ok(names.length > 3 && names.every((name) => name.startsWith('keys ')));
    const all = (await loadCommands()).map(({ name }) => name);
    assert.deepEqual(
      (await loadCommands('fly')).map(({ name }) => name),
      all,
    );
  });

  it('has a name, a summary and an explanation for every option of every command', async () => {
    const commands = await loadCommands();
    const names = commands.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, summary, options = {} } of commands) {
      assert.ok(summary.length > 5, name);
      for (const { help } of Object.values(options)) assert.ok(help.length > 3, name);
    }
  });
});

describe('cli: version', () => {
  it('says what package.json says', async () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    const { code, output } = await run(['version', '--json']);
    assert.equal(code, 0);
    assert.equal((JSON.parse(output) as { version: string }).version, manifest.version);
  });
});
