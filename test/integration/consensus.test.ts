/** Four validators as four processes on real sockets. */
import assert from 'node:assert/strict';
import { repairHome } from '../../node/repair.ts';
import { until } from './toy/toy-node.ts';
import { makeToyNetwork, type ToyNetwork } from './toy/toy-network.ts';
import { contradictions, signatureCount, ToyProcess } from './toy/toy-process.ts';

describe('consensus of four processes', function () {
  this.timeout(120_000);
  let network: ToyNetwork;
  let nodes: ToyProcess[] = [];

  const startAll = (): void => {
    nodes = network.homes.map((home) => new ToyProcess(home));
  };
  const allReach = (height: number): Promise<void> =>
    until(() => nodes.every((node) => node.height >= height), `all are at ${height}`, 60_000);
  const highest = (): number => Math.max(...nodes.map((node) => node.height));

  /** Every two processes that saw a height agree on the state after it. */
  function assertAgreement(groups: readonly (readonly ToyProcess[])[]): void {
    const known = new Map<number, string>();
    for (const node of groups.flat()) {
      for (const [height, hash] of node.appHashes) {
        assert.equal(known.get(height) ?? hash, hash, `state after height ${height}`);
        known.set(height, hash);
      }
    }
  }

  beforeEach(async () => {
    network = await makeToyNetwork({ nodes: 4 });
    startAll();
    await allReach(3);
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    await network.remove();
  });

  it('a transaction given to one is executed by all', async () => {
    nodes[0]!.send({ type: 'tx', text: 'coffee=2' });
    const before = highest();
    await allReach(before + 4);
    assertAgreement([nodes]);
  });

  it('three go on without the fourth, which catches up after kill -9', async () => {
    await nodes[3]!.kill();
    const left = nodes.slice(0, 3);
    const dead = highest();
    await until(() => left.every((node) => node.height >= dead + 10), 'three go on', 60_000);
    nodes[3] = new ToyProcess(network.homes[3]!);
    await allReach(highest() + 3);
    assertAgreement([nodes]);
    for (const home of network.homes) assert.deepEqual(contradictions(home), []);
  });

  it('the fourth votes again after catching up', async () => {
    await nodes[3]!.kill();
    const left = nodes.slice(0, 3);
    const dead = highest();
    await until(() => left.every((node) => node.height >= dead + 5), 'three go on', 60_000);
    nodes[3] = new ToyProcess(network.homes[3]!);
    await allReach(highest() + 2);
    await nodes[0]!.kill();
    const others = nodes.slice(1);
    const now = highest();
    await until(() => others.every((node) => node.height >= now + 3), 'the fourth votes', 60_000);
    assert.deepEqual(contradictions(network.homes[3]!), []);
  });

  it('all killed at once and started again go on from where they were', async () => {
    const before = nodes;
    await Promise.all(nodes.map((node) => node.kill()));
    const height = highest();
    startAll();
    await allReach(height + 3);
    assertAgreement([before, nodes]);
    for (const home of network.homes) {
      assert.ok(signatureCount(home) > 0);
      assert.deepEqual(contradictions(home), []);
    }
  });

  it('a repaired home gets all blocks from peers and signs nothing twice', async () => {
    await nodes[2]!.kill();
    await repairHome(network.homes[2]!.root, Date.now());
    nodes[2] = new ToyProcess(network.homes[2]!);
    await allReach(highest() + 3);
    assertAgreement([nodes]);
    assert.deepEqual(contradictions(network.homes[2]!), []);
  });

  it('a second process on the same home is refused with exit code 74', async () => {
    const second = new ToyProcess(network.homes[0]!);
    assert.equal(await second.ended, 74);
    assert.match(second.fatal ?? '', /another node \(process \d+\) is using/);
  });
});
