/** Networks of other shapes, in one process on real sockets. */
import assert from 'node:assert/strict';
import { toHex, utf8 } from '../../node/base/bytes.ts';
import { verifyCommit } from '../../node/consensus/verify-commit.ts';
import { toyNode, until, type ToyNode } from './toy/toy-node.ts';
import { makeToyNetwork, type ToyNetwork, type ToyNetworkOptions } from './toy/toy-network.ts';

describe('consensus in networks of other shapes', function () {
  this.timeout(90_000);
  let network: ToyNetwork | undefined;
  let nodes: ToyNode[] = [];
  const fatal: unknown[] = [];

  async function run(options: ToyNetworkOptions): Promise<void> {
    network = await makeToyNetwork(options);
    const onFatal = (error: unknown): void => void fatal.push(error);
    nodes = await Promise.all(network.homes.map((home) => toyNode(home, { onFatal })));
    await Promise.all(nodes.map((node) => node.start()));
  }
  const allReach = (height: number): Promise<void> =>
    until(
      () => nodes.every((node) => node.engine.height() >= height),
      `all are at ${height}, heights ${nodes.map((node) => node.engine.height()).join(' ')}`,
      60_000,
    );

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await network?.remove();
    network = undefined;
    assert.deepEqual(fatal.splice(0), []);
  });

  it('one validator decides alone', async () => {
    await run({ nodes: 1 });
    await allReach(5);
  });

  it('seven validators send to the leader only', async () => {
    await run({ nodes: 7, consensus: { mode: 'star' } });
    await allReach(5);
  });

  it('validators in a line reach each other through those between', async () => {
    await run({ nodes: 4, shape: 'line' });
    await allReach(8);
    const { store } = nodes[0]!.engine;
    const rounds = (): number[] =>
      Array.from({ length: store.height() - 5 }, (_, at) => store.commit(5 + at)!.commit.round);
    await until(() => rounds().includes(0), 'some height is decided in its first round', 60_000);
  });

  it('a node without a vote follows', async () => {
    await run({ nodes: 5, validators: 4 });
    await allReach(5);
    assert.equal(nodes[4]!.engine.store.validators(1)!.size, 4);
  });

  it('a validator that joins votes two blocks after its transaction', async () => {
    await run({ nodes: 5, validators: 4 });
    await allReach(2);
    const key = network!.pubKeys[4]!;
    nodes[1]!.pool.add(utf8(`val${toHex(key)}=10`));
    const { store } = nodes[0]!.engine;
    const joined = (): number | undefined => {
      const heights = Array.from({ length: store.height() }, (_, index) => index + 1);
      return heights.find((height) => store.block(height)!.block.txs.length > 0);
    };
    await until(() => joined() !== undefined, 'the transaction is in a block', 30_000);
    const height = joined()!;
    await allReach(height + 6);
    assert.equal(store.validators(height + 1)!.size, 4);
    assert.equal(store.validators(height + 2)!.size, 5);
    const index = store
      .validators(height + 2)!
      .validators.findIndex(({ pubKey }) => Buffer.from(pubKey).equals(key));
    const first = height + 2;
    const flags = (): number[] =>
      Array.from({ length: store.height() - first }, (_, at) => {
        return store.commit(first + at)!.commit.signatures[index]!.flag;
      });
    await until(() => flags().includes(2), 'it signs', 30_000);
  });

  it('every stored commit verifies against the validators of its height', async () => {
    await run({ nodes: 4, consensus: { blockTimeMs: 0 } });
    await allReach(20);
    for (const { engine } of nodes) {
      for (let height = 1; height <= 20; height += 1) {
        const { commit } = engine.store.commit(height)!;
        const { blockId } = engine.store.block(height)!;
        const validators = engine.store.validators(height)!;
        verifyCommit({ chainId: 'toy-1', validators, height, blockId, commit });
      }
    }
  });

  it('garbage from a peer costs it the connection and nobody else anything', async () => {
    await run({ nodes: 5, validators: 4 });
    await allReach(2);
    const hostile = nodes[4]!.network!;
    for (let index = 0; index < 20; index += 1) hostile.broadcast(utf8(`garbage ${index}`), 0);
    const peersOf = (node: ToyNode): string[] => node.network!.peers().map(({ peerId }) => peerId);
    const validators = nodes.slice(0, 4);
    const gone = (): boolean => validators.every((node) => !peersOf(node).includes(hostile.peerId));
    await until(gone, 'it is banned', 30_000);
    const height = nodes[0]!.engine.height();
    await until(() => validators.every((node) => node.engine.height() > height + 3), 'they go on');
  });
});
