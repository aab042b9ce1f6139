/** What the world offers to parts that may not reach for it themselves: time, log lines, measurements. */

export interface Clock {
  /** Milliseconds since the Unix epoch, wall clock. */
  now(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number;
}

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Logger;
}

export interface Counter {
  add(value?: number): void;
}
export interface Gauge {
  set(value: number): void;
  /** What it measured is gone, for example a peer. */
  remove(): void;
}
export interface Histogram {
  observe(value: number): void;
}

export type Labels = Readonly<Record<string, string>>;

/**
 * Names end in their unit (`_seconds`, `_bytes`, `_total`); the same name and labels give the same
 * instrument. One name always has the same label names.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: Labels): Counter;
  gauge(name: string, help: string, labels?: Labels): Gauge;
  histogram(name: string, help: string, buckets: readonly number[], labels?: Labels): Histogram;
}

const nothing = (): void => undefined;

export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
};

export const noMetrics: Metrics = {
  counter: () => ({ add: nothing }),
  gauge: () => ({ set: nothing, remove: nothing }),
  histogram: () => ({ observe: nothing }),
};
