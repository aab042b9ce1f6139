/** A flood of transactions and a vote on real connections: what counts is the order, not the clock. */
import assert from 'node:assert/strict';
import { utf8 } from '../../node/base/bytes.ts';
import {
  MAX_GOSSIP_QUEUE_BYTES,
  MAX_STREAM_WINDOW_BYTES,
  TXS_PER_TURN,
  TX_BATCH_BYTES,
} from '../../node/base/limits.ts';
import { noMetrics } from '../../node/base/service.ts';
import { addressOf, greeted, NetworkLab } from './p2p/network-lab.ts';
import { SlowLink } from './p2p/slow-link.ts';
import { until } from './toy/toy-node.ts';

const TX_BYTES = 1_000;
let serial = 0;
function tx(): Uint8Array {
  serial += 1;
  return utf8(`tx ${serial} `.padEnd(TX_BYTES, 'x'));
}

describe('a flood of transactions', function () {
  this.timeout(60_000);
  const lab = new NetworkLab('tx flood');
  let link: SlowLink | undefined;

  afterEach(async () => {
    await lab.stop();
    await link?.stop();
    link = undefined;
  });

  it('that waits for a slow link lets a vote pass, and is dropped beyond its bound', async () => {
    const counted = new Map<string, number>();
    const metrics = {
      ...noMetrics,
      counter: (name: string, _help: string, labels = {}) => ({
        add: (value = 1) => {
          const key = `${name} ${Object.values(labels).join()}`;
          counted.set(key, (counted.get(key) ?? 0) + value);
        },
      }),
    };
    const a = await lab.start([]);
    link = await SlowLink.to(a.port);
    const viaLink = addressOf(a).replace(`/tcp/${a.port}/`, `/tcp/${link.port}/`);
    const b = await lab.start([viaLink], { deps: { metrics } });
    await until(() => greeted(a, 1) && greeted(b, 1), 'they greet');
    // The gossip mesh is there when one has come through.
    for (let times = 0; times < 50 && a.txs.length === 0; times += 1) {
      b.network.publishTx(tx());
      await until(() => a.txs.length > 0, 'the mesh', 200).catch(() => undefined);
    }
    link.hold();
    const before = a.order.length;
    const flood = Math.ceil((3 * MAX_GOSSIP_QUEUE_BYTES + 8 * MAX_STREAM_WINDOW_BYTES) / TX_BYTES);
    for (let count = 0; count < flood; count += 1) {
      b.network.publishTx(tx());
      if (count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const dropped = (): number =>
      counted.get('bitscale_p2p_dropped_messages_total gossip_send') ?? 0;
    await until(() => dropped() > 0, 'what finds no room is counted');
    b.network.broadcast(utf8('vote'), 0);
    await new Promise((resolve) => setImmediate(resolve));
    link.release();
    await until(() => a.consensus.length === 1, 'the vote arrives');
    // Only what the sockets and the window of a stream already held is ahead of the vote, all that this
    // node still had to send is behind it.
    const messages = (turns: number): number => (turns * TXS_PER_TURN * TX_BYTES) / TX_BATCH_BYTES;
    const held = MAX_GOSSIP_QUEUE_BYTES / TX_BATCH_BYTES;
    const ahead = a.order.slice(before).indexOf('consensus');
    assert.ok(ahead >= 0, 'the vote has its place in the order');
    const behind = (): number => a.order.length - before - ahead;
    await until(() => messages(behind()) > 0.8 * held, `what was held comes, ${ahead} were ahead`);
  });
});
