/** JSON values as YAML that people read and programs can read back. */

/** What a reader of YAML, old or new, could take for something other than a text. */
const MISREAD =
  /^(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?[.0-9][0-9a-fox_:.eE+-]*|[-+]?\.(?:inf|nan))$/i;
/** Letters, digits and signs that mean nothing to YAML where they stand. */
const PLAIN = /^[\p{L}\p{N}/_.(][\p{L}\p{N}/_.(),;+=*@%&$"'<>|!?~ -]*$/u;
/** A date is read as a time. */
const DATE = /^\d{4}-\d/;

const isPlain = (text: string): boolean =>
  PLAIN.test(text) && !MISREAD.test(text) && !DATE.test(text) && !text.endsWith(' ');

/** Characters that JSON leaves as they are, and YAML takes for ends of lines or refuses. */
const RISKY = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/gu;

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (isPlain(value)) return value;
  return JSON.stringify(value).replace(RISKY, escaped);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Takes what JSON.parse gives. The text has no line end at its end. */
export function yamlText(value: unknown): string {
  return lines(value).join('\n');
}

function isEmpty(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function lines(value: unknown): string[] {
  if (isEmpty(value)) return [scalar(value)];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => indented('- ', lines(item)));
  return Object.entries(value as object).flatMap(([key, item]: [string, unknown]) => {
    const name = `${scalar(key)}:`;
    if (isEmpty(item)) return [`${name} ${scalar(item)}`];
    const inner = lines(item);
    return [name, ...(Array.isArray(item) ? inner : inner.map((line) => `  ${line}`))];
  });
}

function indented(mark: string, [first = '', ...rest]: readonly string[]): string[] {
  return [`${mark}${first}`, ...rest.map((line) => `  ${line}`)];
}
