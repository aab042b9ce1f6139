/** Measurements as Prometheus reads them. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type * as service from '../base/service.ts';

export class PrometheusMetrics implements service.Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, service.Counter>();
  readonly #gauges = new Map<string, service.Gauge>();
  readonly #histograms = new Map<string, service.Histogram>();

  /** `labels` are on every measurement, for example the chain id. */
  constructor(labels: Record<string, string>) {
    this.#registry.setDefaultLabels(labels);
    collectDefaultMetrics({ register: this.#registry });
  }

  counter(name: string, help: string): service.Counter {
    return known(this.#counters, name, () => {
      const counter = new Counter({ name, help, registers: [this.#registry] });
      return { add: (value = 1) => counter.inc(value) };
    });
  }

  gauge(name: string, help: string): service.Gauge {
    return known(this.#gauges, name, () => {
      const gauge = new Gauge({ name, help, registers: [this.#registry] });
      return { set: (value) => gauge.set(value) };
    });
  }

  histogram(name: string, help: string, buckets: readonly number[]): service.Histogram {
    return known(this.#histograms, name, () => {
      const options = { name, help, buckets: [...buckets], registers: [this.#registry] };
      const histogram = new Histogram(options);
      return { observe: (value) => histogram.observe(value) };
    });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

/** The same name gives the same instrument. */
function known<T>(map: Map<string, T>, name: string, make: () => T): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const made = make();
  map.set(name, made);
  return made;
}
