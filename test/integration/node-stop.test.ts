/** A node gives back what it holds, also when a part of it fails to stop. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noMetrics, silentLogger } from '../../node/base/service.ts';
import { loadConfig } from '../../node/config.ts';
import { Node, type NodeParts, type Stoppable } from '../../node/node.ts';
import { ToyApp } from './toy/toy-app.ts';
import { ToyPool } from './toy/toy-pool.ts';
import { makeToyNetwork, type ToyNetwork } from './toy/toy-network.ts';

describe('stopping a node', function () {
  this.timeout(30_000);
  let toy: ToyNetwork;
  before(async () => {
    toy = await makeToyNetwork({ nodes: 1 });
  });
  after(() => toy.remove());

  async function nodeWith(
    services: () => Promise<Stoppable[]>,
    prepare: NodeParts<ToyApp, ToyPool>['prepare'] = async () => [],
  ): Promise<Node<ToyApp, ToyPool>> {
    const home = toy.homes[0]!;
    const deps = {
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      logger: silentLogger,
      metrics: noMetrics,
      onFatal: (error: unknown) => assert.fail(String(error)),
    };
    const parts: NodeParts<ToyApp, ToyPool> = {
      createApp: ({ db }) => new ToyApp(db),
      createPool: (app) => new ToyPool(app),
      services,
      prepare,
    };
    return new Node({ home, config: await loadConfig(home.configFile) }, deps, parts);
  }

  const stubborn = { stop: () => Promise.reject(new Error('will not stop')) };

  it('everything else is stopped, the failure is reported, and the home is free again', async () => {
    const first = await nodeWith(async () => [stubborn]);
    await first.start();
    await assert.rejects(first.stop(), /will not stop/);
    const second = await nodeWith(async () => []);
    await second.start();
    await second.stop();
  });

  it('a start that fails tells why, and leaves the home free', async () => {
    const failing = await nodeWith(() => Promise.reject(new Error('no service')));
    await assert.rejects(failing.start(), /no service/);
    const next = await nodeWith(async () => []);
    await next.start();
    await next.stop();
  });

  it('no block is decided once a database that is told of every block begins to close', async () => {
    const decided: (() => void)[] = [];
    let late = 0;
    const node = await nodeWith(
      async () => [],
      async (opening) => {
        const db = await opening.openDb(join(toy.root, 'told'));
        const close = db.close.bind(db);
        let isClosed = false;
        db.close = async () => {
          isClosed = true;
          await close();
          // Time for several blocks.
          await sleep(1_000);
        };
        opening.engine.onCommit(() => {
          if (isClosed) late += 1;
          for (const tell of decided) tell();
        });
        return [];
      },
    );
    await node.start();
    await new Promise<void>((resolve) => decided.push(resolve));
    await node.stop();
    assert.equal(late, 0);
  });
});
