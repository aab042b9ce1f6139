import assert from 'node:assert/strict';
import { ExitError } from '../../../node/base/exit.ts';
import { PrometheusMetrics } from '../../../node/metrics/registry.ts';
import { EventLoopLag } from '../../../node/metrics/event-loop.ts';
import { MetricsServer } from '../../../node/metrics/server.ts';

describe('metrics', () => {
  const servers: MetricsServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  it('the same name gives the same instrument', async () => {
    const metrics = new PrometheusMetrics({ node: 'n0' });
    metrics.counter('x_total', 'x').add();
    metrics.counter('x_total', 'x').add(2);
    metrics.gauge('y', 'y').set(4);
    metrics.histogram('z_seconds', 'z', [1, 2]).observe(1.5);
    const text = await metrics.text();
    assert.match(text, /x_total\{node="n0"\} 3/);
    assert.match(text, /y\{node="n0"\} 4/);
    assert.match(text, /z_seconds_bucket\{le="2",node="n0"\} 1/);
  });

  it('the same name with other labels is an instrument of its own, which can go', async () => {
    const metrics = new PrometheusMetrics({ node: 'n0' });
    metrics.counter('bytes_total', 'x', { type: 'vote' }).add(2);
    metrics.counter('bytes_total', 'x', { type: 'tx' }).add(5);
    metrics.counter('bytes_total', 'x', { type: 'vote' }).add(1);
    const queue = metrics.gauge('queue', 'x', { peer: 'a' });
    queue.set(3);
    const text = await metrics.text();
    assert.match(text, /bytes_total\{type="vote",node="n0"\} 3/);
    assert.match(text, /bytes_total\{type="tx",node="n0"\} 5/);
    assert.match(text, /queue\{peer="a",node="n0"\} 3/);
    queue.remove();
    assert.doesNotMatch(await metrics.text(), /peer="a"/);
  });

  it('the event loop tells how late it is, by quantile', async () => {
    const metrics = new PrometheusMetrics({});
    const lag = new EventLoopLag(metrics);
    // The longest delay of the interval must be about as long as the loop was held up: a look comes every 50 ms.
    const heldMs = 200;
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const end = performance.now() + heldMs; performance.now() < end;);
    await new Promise((resolve) => setTimeout(resolve, 100));
    lag.report();
    lag.stop();
    const text = await metrics.text();
    const longest = /bitscale_process_event_loop_lag_seconds\{quantile="1"\} ([0-9.e-]+)/.exec(
      text,
    );
    assert.ok(Number(longest?.[1]) >= 0.14, text);
  });

  it('are served on /metrics and nowhere else', async () => {
    const metrics = new PrometheusMetrics({});
    metrics.gauge('height', 'Height').set(7);
    const server = await MetricsServer.start(metrics, '127.0.0.1', 0);
    servers.push(server);
    const base = `http://127.0.0.1:${server.port}`;
    assert.match(await (await fetch(`${base}/metrics`)).text(), /^height 7$/m);
    assert.equal((await fetch(`${base}/`)).status, 404);
    assert.equal((await fetch(`${base}/metrics`, { method: 'POST' })).status, 404);
  });

  it('a port in use is refused with exit code 74', async () => {
    const metrics = new PrometheusMetrics({});
    const first = await MetricsServer.start(metrics, '127.0.0.1', 0);
    servers.push(first);
    await assert.rejects(
      MetricsServer.start(metrics, '127.0.0.1', first.port),
      (error) => error instanceof ExitError && error.exitCode === 74,
    );
  });
});
