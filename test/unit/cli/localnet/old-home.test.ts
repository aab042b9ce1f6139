/** `npm start` on the folder of an older program says what to do, in one sentence, before anything runs. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localHome, type LocalHome } from '../../../../node/cli/localnet/layout.ts';
import { refuseOldHome } from '../../../../node/cli/localnet/old-home.ts';
import { accountText } from '../../../../node/base/address.ts';
import { concat, utf8 } from '../../../../node/base/bytes.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { createNode } from '../../../../node/create-node.ts';
import { homeAt } from '../../../../node/home.ts';
import { TIP_KEY } from '../../../../node/store/layout.ts';
import { LevelDb } from '../../../../node/store/level-db.ts';
import { MultiStore } from '../../../../node/store/multi-store.ts';
import { writeSettings } from '../../../support/solo-node.ts';
import { sampleGenesis, type Json } from '../../genesis/sample.ts';
import { run } from '../fake-terminal.ts';

describe('cli/localnet: a folder of another version', () => {
  let home: LocalHome;
  beforeEach(() => (home = localHome(mkdtempSync(join(tmpdir(), 'bitscale-old-')))));
  afterEach(() => rmSync(home.root, { recursive: true }));

  const writeGenesis = async (change: (json: Json) => void = () => undefined): Promise<void> => {
    const json = await sampleGenesis();
    change(json);
    writeFileSync(home.genesis, JSON.stringify(json));
  };

  /** A state with these stores, as a program without the other modules has committed it. */
  const writeState = async (folder: string, iavl: readonly string[]): Promise<void> => {
    const { state } = homeAt(folder);
    mkdirSync(state, { recursive: true });
    const db = await LevelDb.open(state);
    const stores = MultiStore.open(db, { iavl, plain: [] });
    stores.store(iavl[0]!).set(utf8('key'), utf8('value'));
    await stores.commit();
    await db.close();
  };

  const refused = (why: RegExp): Promise<void> =>
    assert.rejects(refuseOldHome(home, 4), (error: Error & { exitCode?: number }) => {
      assert.equal(error.exitCode, 65);
      assert.match(error.message, /another version of this program \(.*npm start -- --fresh/);
      assert.match(error.message, why);
      return true;
    });

  it('is refused when a store of this program is missing in it', async () => {
    await writeGenesis();
    await writeState(home.node(2), ['auth', 'bank']);
    await refused(/is new/);
  });

  it('is refused when its state is laid out in another way', async () => {
    await writeGenesis();
    await writeState(home.node(0), ['auth']);
    const db = await LevelDb.open(homeAt(home.node(0)).state);
    const body = db.get(TIP_KEY)!.slice(0, -32);
    body[0]! -= 1;
    await db.batch([{ type: 'put', key: TIP_KEY, value: concat(body, sha256(body)) }]);
    await db.close();
    await refused(/the state has another format/);
  });

  it('is refused when its genesis file is not one to begin with', async () => {
    await writeGenesis((json) => delete json['app_state'].ledger);
    await refused(/app_state\.ledger/);
    await writeGenesis((json) => (json['app_state'].minting = {}));
    await refused(/unknown module minting/);
    writeFileSync(home.genesis, '{');
    await refused(/genesis file/);
  });

  it('is fine when it is new, or when no node has a state yet', async () => {
    await refuseOldHome(home, 4);
    await writeGenesis();
    await refuseOldHome(home, 4);
  });

  it('the whole command ends with 65, the sentence and no stack', async () => {
    await writeGenesis();
    writeFileSync(home.settings, '{"validators":1,"accounts":1,"l1":false}');
    await writeState(home.node(0), ['auth']);
    const words = ['localnet', '--home', home.root, '--no-l1'];
    const { code, errors } = await run(words);
    // Another local network may have the ports: then that is what is said.
    if (code !== 74) assert.equal(code, 65, errors);
    assert.doesNotMatch(errors, /\n\s+at /);
    if (code === 65) assert.match(errors, /npm start -- --fresh/);
  });

  it('a single node ends with 65 and says that its program is another', async () => {
    const words = ['init', 'me', '--chain-id', 'old-1', '--home', home.root];
    const operator = accountText(new Uint8Array(20).fill(1));
    const made = await run([...words, '--operator', operator]);
    assert.equal(made.code, 0, made.errors);
    await writeSettings(home.root);
    await writeState(home.root, ['auth']);
    const node = await createNode({ homeFolder: home.root });
    await assert.rejects(node.start(), {
      exitCode: 65,
      message: /another version of this program/,
    });
  });
});
