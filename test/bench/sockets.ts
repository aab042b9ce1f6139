/**
 * Subscribers of one node: does it make its blocks later when many listen? Sends come at the same pace all the
 * time; in turn nobody listens and all subscribers do. Block times are those of the headers of one run.
 */
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { headerTimes } from './consensus.ts';
import { pause } from './local-network.ts';
import { withOneNode, type OneNode } from './one-node.ts';
import { payers, signRounds } from './payments.ts';
import { cpuSeconds } from './processes.ts';
import { atMost, fact, micros, millis, percentile, whole, type Row } from './report.ts';
import { Rpc } from './rpc.ts';
import { Subscribers, type Counted } from './subscribers.ts';

const NAME = 'sockets';
const SUBSCRIBERS = 200;
/** Sends a second; at the usual pace that is as many in a block, each an event for every subscriber. */
const SENDS = 10;
const QUERY = "tm.event='Tx'";
const ROUNDS = 3;
const PHASE_SECONDS = 12;
const SETTLE_SECONDS = 2;
const MOST_RATIO = 1.02;

interface Phase {
  readonly intervals: readonly number[];
  readonly cpu: number;
}

/** Sends a round of transactions every second until it is told to stop. */
class Sender {
  readonly #rpc: Rpc;
  readonly #rounds: Uint8Array[][];
  readonly #timer: NodeJS.Timeout;
  #failure: string | undefined;
  sent = 0;

  constructor(rpc: Rpc, rounds: Uint8Array[][]) {
    this.#rpc = rpc;
    this.#rounds = rounds;
    this.#timer = setInterval(() => this.#send(), 1_000);
  }

  #send(): void {
    for (const bytes of this.#rounds.shift() ?? []) {
      const tx = Buffer.from(bytes).toString('base64');
      this.#rpc
        .call<{ code: number; log: string }>('broadcast_tx_sync', { tx })
        .then(({ code, log }) => {
          if (code !== 0) this.#failure = log;
        })
        .catch((error: unknown) => (this.#failure = String(error)));
      this.sent += 1;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#failure !== undefined) throw new Error(`a send was refused: ${this.#failure}`);
  }
}

async function phase({ pid }: OneNode, rpc: Rpc): Promise<Phase> {
  await pause(1000 * SETTLE_SECONDS);
  const from = await rpc.height();
  const before = cpuSeconds(pid);
  await pause(1000 * PHASE_SECONDS);
  const cpu = cpuSeconds(pid) - before;
  const times = await headerTimes(rpc, { from, to: await rpc.height() });
  return { intervals: times.slice(1).map((time, i) => time - (times[i] as number)), cpu };
}

function gathered(phases: readonly Phase[]): { times: string; mean: number; cpu: number } {
  const all = phases.flatMap(({ intervals }) => intervals);
  const mean = all.reduce((sum, interval) => sum + interval, 0) / all.length;
  const [p50, p99] = [percentile(all, 0.5), percentile(all, 0.99)];
  const times = `mean ${millis(mean)}, p50 ${millis(p50)}, p99 ${millis(p99)}, ${all.length} blocks`;
  return { times, mean, cpu: phases.reduce((sum, { cpu }) => sum + cpu, 0) };
}

async function measure(node: OneNode, { say }: BenchOptions): Promise<Row[]> {
  const rpc = new Rpc(node.rpcUrl, SENDS);
  const seconds = 2 * ROUNDS * (PHASE_SECONDS + SETTLE_SECONDS) + 60;
  const sender = new Sender(rpc, signRounds(await payers(rpc, SENDS), seconds));
  const [without, heard]: [Phase[], Phase[]] = [[], []];
  const counted: Counted[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`round ${round} of ${ROUNDS}: nobody listens, then ${SUBSCRIBERS} subscribers`);
    without.push(await phase(node, rpc));
    const order = { url: node.rpcUrl, clients: SUBSCRIBERS, query: QUERY };
    const subscribers = await Subscribers.start(order);
    heard.push(await phase(node, rpc));
    counted.push(await subscribers.stop());
  }
  sender.stop();
  rpc.close();
  return rowsOf(without, heard, counted);
}

function rowsOf(without: Phase[], heard: Phase[], counted: readonly Counted[]): Row[] {
  const [quiet, loud] = [gathered(without), gathered(heard)];
  const events = counted.reduce((sum, { all }) => sum + all, 0);
  const shares = counted.map(({ least, most }) =>
    least === most ? `${most}` : `${least}-${most}`,
  );
  const what = `block time with ${SUBSCRIBERS} subscribers, as a multiple of that without`;
  const show = (value: number): string => value.toFixed(3);
  // Their clients count also what comes while they settle.
  const share = PHASE_SECONDS / (PHASE_SECONDS + SETTLE_SECONDS);
  return [
    atMost([NAME, what], loud.mean / quiet.mean, MOST_RATIO, show),
    fact(NAME, 'block time without subscribers', quiet.times),
    fact(NAME, `block time with ${SUBSCRIBERS} subscribers`, loud.times),
    fact(NAME, 'events for each subscriber, round by round', shares.join(', ')),
    fact(NAME, 'events delivered', whole(events)),
    fact(
      NAME,
      'processor time of the node per event delivered, about',
      micros((1e6 * (loud.cpu - quiet.cpu)) / (events * share)),
    ),
  ];
}

export const sockets: Benchmark = {
  name: NAME,
  summary: `${SUBSCRIBERS} WebSocket subscribers with ${SENDS} events in a block: what they do to block times`,
  run: (options) => {
    const settings = { rpc: { maxSubscriptionClients: SUBSCRIBERS } };
    const { profiles } = options;
    return withOneNode({ accounts: SENDS, payers: SENDS, settings, profiles }, (node) =>
      measure(node, options),
    );
  },
};
