/** Four validators on real sockets; one of them comes late, by blocks or by a state, and votes. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import { headerHash } from '../../../node/consensus/hashing.ts';
import { makeToyNetwork, type ToyNetwork } from '../toy/toy-network.ts';
import { toyNode, until, type ToyNode } from '../toy/toy-node.ts';

describe('a validator that comes late', function () {
  this.timeout(180_000);
  let network: ToyNetwork;
  const nodes = new Map<number, ToyNode>();
  let fatal: unknown[] = [];

  const start = async (index: number): Promise<ToyNode> => {
    const node = await toyNode(network.homes[index]!, { onFatal: (error) => fatal.push(error) });
    nodes.set(index, node);
    await node.start();
    return node;
  };
  const stop = async (index: number): Promise<void> => {
    await nodes.get(index)!.stop();
    nodes.delete(index);
  };
  const tip = (): number => Math.max(...[...nodes.values()].map((node) => node.engine.height()));
  const reaches = (node: ToyNode, height: number): Promise<void> =>
    until(() => node.engine.height() >= height, `height ${height}`, 60_000);
  /** The chain needs three of four: it moves on only if the late one votes. */
  const votesInPlaceOfAnother = async (late: ToyNode): Promise<void> => {
    await stop(0);
    await reaches(late, tip() + 5);
    const signed = late.engine.store.commit(late.engine.height() - 1)!.commit.signatures;
    const own = late.engine.store.state()!.validators.indexOf(late.signer!.address)!;
    assert.equal(signed[own]!.flag, 2, 'its signature is in the commit');
  };
  const sameStates = (late: ToyNode): void => {
    const { store } = late.engine;
    const other = nodes.get(1)!.engine.store;
    const top = Math.min(late.engine.height(), nodes.get(1)!.engine.height());
    for (let height = store.base(); height <= top; height += 1) {
      const [own, theirs] = [store.block(height)!, other.block(height)!];
      assert.equal(toHex(own.blockId.hash), toHex(theirs.blockId.hash), `block ${height}`);
    }
  };

  beforeEach(async () => {
    fatal = [];
    network = await makeToyNetwork({
      nodes: 4,
      consensus: { blockTimeMs: 100 },
      snapshotInterval: 10,
    });
    await Promise.all([0, 1, 2].map(start));
    const first = nodes.get(0)!;
    for (let index = 0; index < 20; index += 1) first.pool.add(utf8(`key${index}=${index}`));
    await reaches(first, 35);
  });
  afterEach(async () => {
    for (const index of nodes.keys()) await stop(index);
    await network.remove();
    assert.deepEqual(fatal, []);
  });

  it('gets every block while the chain runs, misses none, and votes', async () => {
    const late = await start(3);
    await until(() => !late.syncer.isCatchingUp, 'consensus runs', 60_000);
    await reaches(late, tip());
    assert.equal(late.engine.store.base(), 1);
    sameStates(late);
    await votesInPlaceOfAnother(late);
    sameStates(late);
  });

  it('restores a state, votes, and does so again after a restart', async () => {
    const trustHash = toHex(headerHash(nodes.get(1)!.engine.store.block(5)!.block.header));
    const statesync = { enabled: true, trustHeight: 5, trustHash, discoveryMs: 1_000 };
    const { configFile } = network.homes[3]!;
    const config = JSON.parse(await readFile(configFile, 'utf8')) as Record<string, unknown>;
    await writeFile(configFile, JSON.stringify({ ...config, statesync }));
    const late = await start(3);
    await until(() => late.engine.height() > 0 && !late.syncer.isCatchingUp, 'it joined', 60_000);
    assert.ok(late.engine.store.base() >= 30, 'it began at a snapshot');
    await reaches(late, tip());
    sameStates(late);
    await votesInPlaceOfAnother(late);
    await stop(3);
    const again = await start(3);
    await reaches(again, tip() + 5);
    sameStates(again);
    const height = Math.min(again.engine.height(), nodes.get(1)!.engine.height());
    const appHash = (node: ToyNode) => node.engine.store.block(height)!.block.header.appHash;
    assert.equal(toHex(appHash(again)), toHex(appHash(nodes.get(1)!)));
  });

  it('goes back from consensus to sync when it has fallen far behind', async () => {
    const late = await start(3);
    await until(() => !late.syncer.isCatchingUp, 'consensus runs', 60_000);
    // It hears nothing of consensus any more, as after a long pause of its process.
    const { receive } = late.engine.driver;
    late.engine.driver.receive = () => undefined;
    const from = late.engine.height();
    await reaches(late, from + 30);
    late.engine.driver.receive = receive;
    await until(() => !late.syncer.isCatchingUp, 'consensus runs again', 60_000);
    await votesInPlaceOfAnother(late);
    sameStates(late);
  });
});
