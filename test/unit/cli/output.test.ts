import assert from 'node:assert/strict';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { Call, type Command } from '../../../node/cli/command.ts';
import { outputOption, printResult } from '../../../node/cli/output.ts';
import { yamlText } from '../../../node/cli/yaml.ts';
import { SILENT } from './fake-terminal.ts';

const VALUE = {
  balances: [
    { denom: 'uscale', amount: '1000' },
    { denom: 'ueur', amount: '7' },
  ],
  pagination: { next_key: null, total: '2' },
  height: 5,
  live: true,
  memo: 'no: such # thing',
  empty: [],
  none: {},
};

describe('cli: YAML', () => {
  it('shows lists and objects by their indentation, and quotes what could be misread', () => {
    assert.deepEqual(yamlText(VALUE).split('\n'), [
      'balances:',
      '- denom: uscale',
      '  amount: "1000"',
      '- denom: ueur',
      '  amount: "7"',
      'pagination:',
      '  next_key: null',
      '  total: "2"',
      'height: 5',
      'live: true',
      'memo: "no: such # thing"',
      'empty: []',
      'none: {}',
    ]);
  });

  it('is read back by a reader of YAML as what was written', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[-+.0-9a-fxonyse~:# '"{}[\],&*!|>%@`]{0,6}$/),
      fc.constantFrom('yes', 'No', 'null', '~', '1_000', '0x1f', '2026-01-02', '=', '<<', '1:20'),
    );
    // A reader makes a prototype of this name.
    const key = text.filter((name) => name !== '__proto__');
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        assert.deepEqual(load(yamlText(value)), value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('cli: --output', () => {
  const options = outputOption('text');
  const command: Command = { name: 'x', summary: '', options, run: () => undefined };
  const printed = (args: readonly string[], variable?: string): string => {
    const lines: string[] = [];
    const terminal = {
      ...SILENT,
      print: (text: string) => void lines.push(text),
      environment: { BITSCALE_OUTPUT: variable },
    };
    printResult(new Call(command, args), terminal, { sum: 2n ** 64n });
    return lines.join('\n');
  };

  it('chooses text or JSON: the option, else the environment, else what the command has', () => {
    const text = 'sum: "18446744073709551616"';
    assert.equal(printed([]), text);
    const json = printed(['-o', 'json']);
    assert.deepEqual(JSON.parse(json), { sum: '18446744073709551616' });
    assert.equal(printed([], 'json'), json);
    assert.equal(printed(['--output=text'], 'json'), text);
  });

  it('refuses another form with code 64', () => {
    assert.throws(() => printed(['--output', 'xml']), { exitCode: 64 });
  });
});
