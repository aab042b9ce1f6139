/** Real hosts on real sockets: whom transactions reach, and what is kept of peers. */
import assert from 'node:assert/strict';
import type { Stream } from '@libp2p/interface';
import { utf8 } from '../../node/base/bytes.ts';
import { MIN_DONT_WANT_BYTES, TX_BATCH_DELAY_MS } from '../../node/base/limits.ts';
import { addressOf, greeted, NetworkLab, text, TOPIC, type Heard } from './p2p/network-lab.ts';
import { until } from './toy/toy-node.ts';

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Inside of gossipsub: its streams by peer. */
interface Streams {
  readonly streamsInbound: Map<string, { readonly rawStream: Stream }>;
  readonly streamsOutbound: Map<string, unknown>;
}

describe('gossip', function () {
  this.timeout(60_000);
  const lab = new NetworkLab('gossip test');

  afterEach(async () => {
    await lab.stop();
  });

  it('in a full mesh transactions are not passed on to those who have them already', async () => {
    const nodes: Heard[] = [];
    for (let i = 0; i < 4; i++) nodes.push(await lab.start(nodes.map(addressOf)));
    const [a = assert.fail(), ...others] = nodes;
    const knowsAll = ({ network }: Heard): boolean =>
      network.peers().length === 3 && network.gossip.getSubscribers(TOPIC).length === 3;
    await until(
      () => nodes.every((node) => greeted(node, 3) && knowsAll(node)),
      'the mesh is full',
    );
    // And has told its peers of its neighbours.
    const before = nodes.map(({ statuses }) => statuses.length);
    await until(() => nodes.every((node, i) => node.statuses.length >= before[i]! + 9), 'all tell');
    const received = (): number =>
      nodes.reduce(
        (sum, { network }) => network.peers().reduce((all, one) => all + one.receivedBytes, sum),
        0,
      );
    const [start, tx] = [received(), 'x'.repeat(MIN_DONT_WANT_BYTES - 200)];
    a.network.publishTx(utf8(tx));
    await until(() => others.every(({ txs }) => txs.length === 1), 'all have it');
    const after = nodes.map(({ statuses }) => statuses.length);
    await until(() => nodes.every((node, i) => node.statuses.length >= after[i]! + 6), 'the rest');
    assert.ok(received() - start < 4 * tx.length, `${received() - start} bytes`);
  });

  it('who is in a full mesh, but out of reach of gossip, has it from the others', async () => {
    const nodes: Heard[] = [];
    for (let i = 0; i < 3; i++) nodes.push(await lab.start(nodes.map(addressOf)));
    const [a, b, c] = nodes as [Heard, Heard, Heard];
    const told = (): readonly string[] => b.network.statusOf(a.network.peerId)?.neighbours ?? [];
    await until(() => told().length === 2 && greeted(c, 2), 'the mesh is full');
    const { streamsInbound } = c.network.gossip as unknown as Streams;
    streamsInbound.get(a.network.peerId)!.rawStream.abort(new Error('broken by the test'));
    await until(() => !told().includes(c.network.peerId), 'it is not counted any more');
    a.network.publishTx(utf8('for all'));
    await until(() => c.txs.length === 1, 'it arrives');
    await until(() => told().includes(c.network.peerId), 'it is reached again');
  });

  it('what nobody could hear is gossiped once somebody can, and what is in a block is not', async () => {
    const isWanted = (tx: Uint8Array): boolean => text(tx) !== 'in a block';
    const a = await lab.start([], { handlers: { isWanted } });
    for (const tx of ['early', 'in a block', 'early, too']) {
      a.network.publishTx(utf8(tx));
      await new Promise((resolve) => setTimeout(resolve, 2 * TX_BATCH_DELAY_MS));
    }
    const b = await lab.start([addressOf(a)]);
    await until(() => b.txs.length >= 2, 'it hears of them');
    a.network.publishTx(utf8('late'));
    await until(() => b.txs.includes('late'), 'and of the next');
    assert.deepEqual(b.txs, ['early', 'early, too', 'late']);
  });

  it('gossip goes on over a new stream when that of a connection has broken', async () => {
    const [a, b] = await lab.pair();
    const heard = async (tx: string): Promise<void> => {
      a.network.publishTx(utf8(tx));
      await until(() => b.txs.includes(tx), `${tx} arrives`);
    };
    await heard('before');
    const { streamsInbound } = b.network.gossip as unknown as Streams;
    streamsInbound.get(a.network.peerId)!.rawStream.abort(new Error('broken by the test'));
    const { streamsOutbound } = a.network.gossip as unknown as Streams;
    await until(() => !streamsOutbound.has(b.network.peerId), 'it is gone');
    await until(() => streamsOutbound.has(b.network.peerId), 'another is there');
    await heard('after');
    assert.equal(a.network.peers().length, 1);
  });

  it('nothing is kept of a peer that has left, and all of one that came back', async () => {
    const [a, leaves, returns] = [await lab.host(), await lab.host(), await lab.host()];
    const [address] = a.getMultiaddrs();
    for (const host of [leaves, returns]) await host.dial(address!);
    const known = async (): Promise<string[]> =>
      (await a.peerStore.all()).map(({ id }) => id.toString());
    while ((await known()).length < 2) await pause();
    for (const host of [leaves, returns]) await host.hangUp(a.peerId);
    await until(() => a.getPeers().length === 0, 'both have left');
    await returns.dial(address!);
    while ((await known()).includes(leaves.peerId.toString())) await pause();
    assert.deepEqual(await known(), [returns.peerId.toString()]);
    assert.equal(a.services.gossip.getPeers().length, 1);
  });
});
