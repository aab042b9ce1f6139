/**
 * How late this process is with what it has to do: the delay of the event loop beyond its due time, as the
 * median, the 99th percentile and the longest of the last seconds.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Gauge, Metrics } from '../base/service.ts';

const NAME = 'bitscale_process_event_loop_lag_seconds';
const HELP = 'Delay of the event loop in the last seconds';
/** Each look wakes the process: a hundred a second, as is usual, cost more than the blocks of an idle chain. */
export const LAG_RESOLUTION_MS = 50;
const EVERY_MS = 5_000;
const NANOS_PER_MILLI = 1e6;
const NANOS_PER_SECOND = 1e9;

export class EventLoopLag {
  readonly #histogram: ReturnType<typeof monitorEventLoopDelay>;
  readonly #gauges: readonly (readonly [percentile: number, gauge: Gauge])[];
  readonly #timer: NodeJS.Timeout;

  constructor(metrics: Metrics) {
    this.#histogram = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
    this.#histogram.enable();
    this.#gauges = ['0.5', '0.99', '1'].map((quantile) => {
      return [100 * Number(quantile), metrics.gauge(NAME, HELP, { quantile })] as const;
    });
    this.#timer = setInterval(() => this.report(), EVERY_MS).unref();
  }

  /** Sets the measurements and begins anew. */
  report(): void {
    for (const [percentile, gauge] of this.#gauges) gauge.set(this.#seconds(percentile));
    this.#histogram.reset();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  /** The histogram holds the time from sample to sample, of which the resolution is no delay. */
  #seconds(percentile: number): number {
    if (this.#histogram.count === 0) return 0;
    const nanos = this.#histogram.percentile(percentile) - LAG_RESOLUTION_MS * NANOS_PER_MILLI;
    return Math.max(0, nanos) / NANOS_PER_SECOND;
  }
}
