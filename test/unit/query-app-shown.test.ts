/** What a client is told of a height, it can ask for: answers wait for the index, and for nothing else. */
import assert from 'node:assert/strict';
import type { Application } from '../../node/app/application.ts';
import type { QueryResponse } from '../../node/app/abci.ts';
import { queryApp } from '../../node/query-app.ts';
import { Indexer } from '../../node/rpc/index/indexer.ts';
import { MemoryDb } from '../../node/store/memory-db.ts';
import { recordedChain } from './rpc/recorded.ts';

const QUESTION = { path: '/x', data: new Uint8Array(0), height: 0, prove: false };

/** An application whose newest state is of this height. */
function appAt(height: number): Application {
  return { query: () => ({ height }) as QueryResponse } as unknown as Application;
}

async function indexed(height: number): Promise<Indexer> {
  const indexer = new Indexer(new MemoryDb());
  for (const { stored, results } of recordedChain().slice(0, height)) {
    await indexer.index(stored.block, results);
  }
  return indexer;
}

describe('query-app and the heights that are shown', () => {
  it('answers at once when the height is shown', async () => {
    const { query } = queryApp(appAt(3), [], await indexed(3));
    assert.deepEqual(query(QUESTION), { height: 3 });
  });

  it('holds an answer back until its height is shown, and no longer', async () => {
    const indexer = await indexed(1);
    const { query } = queryApp(appAt(3), [], indexer);
    let answered = false;
    const answer = Promise.resolve(query(QUESTION)).then((value) => {
      answered = true;
      return value;
    });
    const [, second, third] = recordedChain();
    await indexer.index(second!.stored.block, second!.results);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answered, false);
    await indexer.index(third!.stored.block, third!.results);
    assert.deepEqual(await answer, { height: 3 });
    assert.equal(indexer.height(), 3);
  });

  it('lets go of what waits when the node stops', async () => {
    const indexer = await indexed(1);
    const { query } = queryApp(appAt(3), [], indexer);
    const answer = query(QUESTION);
    indexer.stop();
    assert.deepEqual(await answer, { height: 3 });
  });
});
