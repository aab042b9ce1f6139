/**
 * Two validators that nobody sees: each talks to its own sentry only, and the sentries to each other. Two
 * equal validators need both votes for every block, so each block proves that all messages find their way.
 */
import assert from 'node:assert/strict';
import { multiaddr } from '@multiformats/multiaddr';
import { utf8 } from '../../node/base/bytes.ts';
import { loadNodeIdentity } from '../../node/network/node-key.ts';
import { NetworkLab } from './p2p/network-lab.ts';
import { makeToyNetwork, type ToyNetwork } from './toy/toy-network.ts';
import { toyNode, until, type ToyNode } from './toy/toy-node.ts';

const [LEFT, RIGHT, LEFT_SENTRY, RIGHT_SENTRY, STRANGER] = [0, 1, 2, 3, 4];
const idOf = (address: string): string => address.split('/').at(-1)!;

function settings(index: number, addresses: readonly string[]): Record<string, unknown> {
  const at = (one: number): string => addresses[one]!;
  const sentry = (own: number, other: number): Record<string, unknown> => ({
    persistentPeers: [at(own), at(other)],
    unconditionalPeers: [idOf(at(own))],
    privatePeers: [idOf(at(own))],
    peerExchange: true,
  });
  if (index === LEFT) return { persistentPeers: [at(LEFT_SENTRY)], privateNode: true };
  if (index === RIGHT) return { persistentPeers: [at(RIGHT_SENTRY)], privateNode: true };
  if (index === LEFT_SENTRY) return sentry(LEFT, RIGHT_SENTRY);
  if (index === RIGHT_SENTRY) return sentry(RIGHT, LEFT_SENTRY);
  return { persistentPeers: [], bootstrapPeers: [at(LEFT_SENTRY)], peerExchange: true };
}

for (const mode of ['star', 'clique']) {
  describe(`validators behind sentries (${mode})`, function () {
    this.timeout(60_000);
    let network: ToyNetwork;
    let nodes: ToyNode[] = [];
    const ids: string[] = [];

    before(async () => {
      const consensus = { mode };
      network = await makeToyNetwork({ nodes: 5, validators: 2, consensus, p2p: settings });
      nodes = await Promise.all(network.homes.map((home) => toyNode(home)));
      await Promise.all(nodes.map((node) => node.start()));
      for (const home of network.homes) {
        ids.push((await loadNodeIdentity(home.nodeKeyFile)).peerId);
      }
    });

    after(async () => {
      await Promise.all(nodes.map((node) => node.stop()));
      await network.remove();
    });

    const peersOf = (index: number): string[] =>
      nodes[index]!.network!.peers().map(({ peerId }) => peerId);

    it('blocks form, and a transaction of one side is executed on the other', async () => {
      nodes[LEFT]!.pool.add(utf8('left=1'));
      nodes[RIGHT]!.pool.add(utf8('right=2'));
      const isThere = ({ app }: ToyNode): boolean =>
        ['left', 'right'].every((key) => {
          const value = app.query({ path: '', data: utf8(key), height: 0, prove: false }).value;
          return value.length > 0;
        });
      await until(() => nodes.every(isThere), 'all have executed both', 40_000);
      const height = Math.max(...nodes.map(({ engine }) => engine.height()));
      await until(() => nodes.every(({ engine }) => engine.height() > height + 3), 'blocks go on');
    });

    it('a validator has no peer but its sentry', () => {
      assert.deepEqual(peersOf(LEFT), [ids[LEFT_SENTRY]]);
      assert.deepEqual(peersOf(RIGHT), [ids[RIGHT_SENTRY]]);
    });

    it('a stranger finds both sentries by the exchange, and hears of neither validator', async () => {
      const sentries = [ids[LEFT_SENTRY], ids[RIGHT_SENTRY]];
      const stranger = nodes[STRANGER]!.network!;
      const isFound = (id = ''): boolean => stranger.statusOf(id) !== undefined;
      await until(() => sentries.every(isFound), 'both are found, and have told their status');
      const validators = [ids[LEFT]!, ids[RIGHT]!];
      for (const sentry of sentries) {
        const told = stranger.statusOf(sentry!)!.neighbours;
        assert.deepEqual(
          told.filter((id) => validators.includes(id)),
          [],
        );
      }
      assert.deepEqual(
        peersOf(STRANGER).filter((id) => validators.includes(id)),
        [],
      );
    });

    it('who knows the address of a validator all the same is not let in', async () => {
      const lab = new NetworkLab('sentries');
      const host = await lab.host();
      const [address] = nodes[LEFT]!.network!.addresses();
      await assert.rejects(host.dialProtocol(multiaddr(address!), '/bitscale/toy-1/direct/1'));
      assert.deepEqual(peersOf(LEFT), [ids[LEFT_SENTRY]]);
      await lab.stop();
    });
  });
}
