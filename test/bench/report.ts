/** What a benchmark found: one row per number, printed as a table or as Markdown. */

export interface Row {
  readonly benchmark: string;
  readonly what: string;
  readonly measured: string;
  /** Empty when the number is for information. */
  readonly target: string;
  readonly verdict: 'ok' | 'miss' | '';
}

const HEADER = ['benchmark', 'what', 'target', 'measured', ''] as const;

/** A number for which there is no target. */
export function fact(benchmark: string, what: string, measured: string): Row {
  return { benchmark, what, measured, target: '', verdict: '' };
}

/** A number that must be at most `most`. */
export function atMost(
  [benchmark, what]: readonly [string, string],
  value: number,
  most: number,
  show: (value: number) => string,
): Row {
  const verdict = value <= most ? 'ok' : 'miss';
  return { benchmark, what, measured: show(value), target: `<= ${show(most)}`, verdict };
}

/** A number that must be at least `least`. */
export function atLeast(
  [benchmark, what]: readonly [string, string],
  value: number,
  least: number,
  show: (value: number) => string,
): Row {
  const verdict = value >= least ? 'ok' : 'miss';
  return { benchmark, what, measured: show(value), target: `>= ${show(least)}`, verdict };
}

export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
export const millis = (value: number): string => `${value.toFixed(2)} ms`;
export const micros = (value: number): string => `${value.toFixed(0)} us`;
export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
export const whole = (value: number): string => String(Math.round(value));

const cells = (row: Row): string[] => [
  row.benchmark,
  row.what,
  row.target,
  row.measured,
  row.verdict,
];

export function table(rows: readonly Row[]): string {
  const lines = [[...HEADER], ...rows.map(cells)];
  const widths = HEADER.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

export function markdown(rows: readonly Row[]): string {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  const rule = HEADER.map(() => '---');
  return [line(HEADER), line(rule), ...rows.map((row) => line(cells(row)))].join('\n');
}

/** The value below which this share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, at)] ?? Number.NaN;
}
