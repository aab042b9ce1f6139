/** Measurements as Prometheus reads them. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { LAG_RESOLUTION_MS } from './event-loop.ts';
import type * as service from '../base/service.ts';

export class PrometheusMetrics implements service.Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  /** `labels` are on every measurement, for example the name of the node. */
  constructor(labels: Record<string, string>) {
    this.label(labels);
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: LAG_RESOLUTION_MS,
    });
  }

  /** From now on these are the labels on every measurement. */
  label(labels: Record<string, string>): void {
    this.#registry.setDefaultLabels(labels);
  }

  counter(name: string, help: string, labels: service.Labels = {}): service.Counter {
    const registers = [this.#registry];
    const labelNames = Object.keys(labels);
    const counter = known(this.#counters, name, () => {
      return new Counter({ name, help, labelNames, registers });
    });
    const child = counter.labels(labels);
    return { add: (value = 1) => child.inc(value) };
  }

  gauge(name: string, help: string, labels: service.Labels = {}): service.Gauge {
    const registers = [this.#registry];
    const labelNames = Object.keys(labels);
    const gauge = known(this.#gauges, name, () => {
      return new Gauge({ name, help, labelNames, registers });
    });
    const child = gauge.labels(labels);
    return { set: (value) => child.set(value), remove: () => gauge.remove(labels) };
  }

  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labels: service.Labels = {},
  ): service.Histogram {
    const registers = [this.#registry];
    const labelNames = Object.keys(labels);
    const histogram = known(this.#histograms, name, () => {
      return new Histogram({ name, help, labelNames, buckets: [...buckets], registers });
    });
    const child = histogram.labels(labels);
    return { observe: (value) => child.observe(value) };
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
