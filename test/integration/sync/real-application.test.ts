/** The whole node with the real application joins by a state, and answers its clients. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountText } from '../../../node/base/address.ts';
import { toHex } from '../../../node/base/bytes.ts';
import { headerHash } from '../../../node/consensus/hashing.ts';
import { createNode, type BitscaleNode } from '../../../node/create-node.ts';
import { homeAt } from '../../../node/home.ts';
import {
  SOLO_CHAIN,
  startSoloNode,
  writeSettings,
  type SoloNode,
} from '../../support/solo-node.ts';
import { run } from '../../unit/cli/fake-terminal.ts';
import { until } from '../toy/toy-node.ts';

describe('a node with the real application', function () {
  this.timeout(180_000);
  let solo: SoloNode;
  let folder: string;
  let node: BitscaleNode | undefined;

  before(async () => {
    solo = await startSoloNode({ settings: { app: { snapshotInterval: 10 } } });
    await until(() => solo.node.app.listSnapshots().length > 0, 'a snapshot is taken', 60_000);
    folder = mkdtempSync(join(tmpdir(), 'bitscale-joins-'));
  });
  after(async () => {
    await node?.stop();
    await solo.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<BitscaleNode> => {
    const onFatal = (error: unknown): void => assert.fail(String(error));
    node = await createNode({ homeFolder: folder, onFatal });
    await node.start();
    return node;
  };
  const status = async (url: string): Promise<Record<string, unknown>> => {
    const answer = (await (await fetch(`${url}/status`)).json()) as {
      result: { sync_info: Record<string, unknown> };
    };
    return answer.result.sync_info;
  };

  it('joins by a snapshot of the state, and starts again from it', async () => {
    const operator = accountText(solo.account.address);
    const words = ['init', 'late', '--chain-id', SOLO_CHAIN, '--operator', operator];
    const made = await run([...words, '--home', folder]);
    assert.equal(made.code, 0, made.errors);
    copyFileSync(homeAt(solo.folder).genesisFile, homeAt(folder).genesisFile);
    const trustHash = toHex(headerHash(solo.node.engine.store.block(2)!.block.header));
    const url = await writeSettings(folder, {
      p2p: { persistentPeers: solo.node.network!.addresses() },
      statesync: { enabled: true, trustHeight: 2, trustHash, discoveryMs: 1_000 },
    });
    const late = await start();
    assert.equal((await status(url))['catching_up'], true);
    await until(() => late.engine.height() > 0 && !late.syncer.isCatchingUp, 'it joined', 60_000);
    assert.ok(late.engine.store.base() >= 10);
    await until(() => late.engine.height() >= solo.node.engine.height(), 'it follows', 60_000);
    await until(() => !late.syncer.isCatchingUp, 'consensus runs');
    const info = await status(url);
    assert.ok(Number(info['earliest_block_height']) >= 10);
    await node!.stop();
    const again = await start();
    const from = again.engine.height();
    await until(() => again.engine.height() > from + 5, 'it goes on', 60_000);
    const height = again.engine.height();
    await until(() => solo.node.engine.height() >= height, 'the other is there');
    const [own, theirs] = [again, solo.node].map(({ engine }) => engine.store.block(height)!);
    assert.equal(toHex(own!.blockId.hash), toHex(theirs!.blockId.hash));
  });
});
