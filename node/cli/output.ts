/** Results in the form that the caller wants: text for people, JSON for programs. */
import { usageError, type Call, type OptionSpec } from './command.ts';
import { jsonText } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { yamlText } from './yaml.ts';

const FORMS = ['text', 'json'] as const;
type Form = (typeof FORMS)[number];

/** --output with the form that the command has unless somebody asks for another. */
export function outputOption(standard: Form): Readonly<Record<string, OptionSpec>> {
  return {
    output: {
      value: '<text|json>',
      help: `form of the result; else BITSCALE_OUTPUT, else ${standard}`,
      short: 'o',
      choices: FORMS,
    },
  };
}

/** For commands whose options hold `outputOption(standard)`. Throws ExitError 64 for another form. */
export function printResult(
  call: Call,
  terminal: Terminal,
  value: unknown,
  standard: Form = 'text',
): void {
  const wanted = call.optional('output') ?? terminal.environment['BITSCALE_OUTPUT'] ?? standard;
  const form = FORMS.find((name) => name === wanted);
  if (form === undefined) throw usageError(`--output is text or json, not "${wanted}"`);
  const json = jsonText(value);
  terminal.print(form === 'json' ? json : yamlText(JSON.parse(json)));
}
