import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { damaged } from '../../../node/engine/block-store-check.ts';
import { handshake, type Genesis } from '../../../node/engine/replay.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { ToyApp } from '../../integration/toy/toy-app.ts';
import {
  CHAIN_ID,
  GENESIS_TIME,
  PARAMS,
  SEEDS,
  testChain,
  type TestChain,
} from './chain-fixture.ts';

const GENESIS: Genesis = {
  chainId: CHAIN_ID,
  initialHeight: 1,
  time: GENESIS_TIME,
  params: PARAMS,
  validators: SEEDS.map((seed) => ({ pubKey: ed25519PublicKey(seed), power: 10n })),
  appState: {},
};

function exits(code: number, text: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof ExitError && error.exitCode === code && text.test(error.message);
}

describe('handshake of block store and application', () => {
  let chain: TestChain;
  let behind: MemoryDb;
  beforeEach(async () => {
    chain = await testChain();
    chain.txs = [utf8('a=1')];
    await chain.grow(3);
    behind = chain.appDb.reopen();
    chain.txs = [utf8('b=2')];
    await chain.grow(1);
  });

  const boot = async (blocks: MemoryDb, appDb: MemoryDb, genesis = GENESIS): Promise<ToyApp> => {
    const app = new ToyApp(appDb);
    await handshake(BlockStore.open(blocks, damaged), app, genesis, silentLogger);
    return app;
  };

  it('a new chain begins with the state the application makes', async () => {
    const db = new MemoryDb();
    await boot(db, new MemoryDb());
    const store = BlockStore.open(db, damaged);
    assert.deepEqual([store.height(), store.state()?.height], [0, 0]);
    await boot(db, new MemoryDb());
  });

  it('at the same height nothing is executed', async () => {
    const app = await boot(chain.blockDb, chain.appDb.reopen());
    assert.equal(app.finalized, 0);
  });

  it('an application one block behind runs that block', async () => {
    const app = await boot(chain.blockDb, behind);
    assert.equal(app.finalized, 1);
    assert.deepEqual(app.info(), chain.app.info());
  });

  it('an application without data runs all blocks', async () => {
    const app = await boot(chain.blockDb, new MemoryDb());
    assert.equal(app.finalized, 4);
    assert.deepEqual(app.info(), chain.app.info());
  });

  it('an application ahead of the blocks is refused', async () => {
    const blocks = chain.blockDb.reopen();
    await chain.grow(1);
    await assert.rejects(boot(blocks, chain.appDb), exits(65, /blocks were lost/));
  });

  it('an application that comes to another hash is refused', async () => {
    const app = new ToyApp(behind);
    const original = app.finalizeBlock.bind(app);
    app.finalizeBlock = (request) => ({ ...original(request), appHash: utf8('other') });
    const store = BlockStore.open(chain.blockDb, damaged);
    await assert.rejects(handshake(store, app, GENESIS, silentLogger), exits(65, /the chain says/));
  });

  it('blocks of another chain are refused', async () => {
    const other = { ...GENESIS, chainId: 'other-1' };
    await assert.rejects(boot(chain.blockDb, chain.appDb, other), exits(78, /belong to chain/));
  });

  it('another genesis before the first block is refused', async () => {
    const db = new MemoryDb();
    await boot(db, new MemoryDb());
    const other = { ...GENESIS, validators: GENESIS.validators.slice(1) };
    await assert.rejects(boot(db, new MemoryDb(), other), exits(65, /not the one/));
  });
});
