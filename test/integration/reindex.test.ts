/** An index made anew answers like the one that grew with the chain; real disk, real sockets. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing';
import { GasPrice, SigningStargateClient } from '@cosmjs/stargate';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { toHex } from '../../node/base/bytes.ts';
import { resultsKey } from '../../node/engine/block-keys.ts';
import { createNode } from '../../node/create-node.ts';
import { homeAt } from '../../node/home.ts';
import { FORMER_TIP_KEY, u64 } from '../../node/rpc/index/keys.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';

const NOBODY = accountText(new Uint8Array(20).fill(7));
const DENOM = 'uscale';
const SENDS = 3;

async function contentOf(folder: string): Promise<Map<string, string>> {
  const db = await LevelDb.open(folder);
  const content = new Map<string, string>();
  for await (const [key, value] of db.iterate()) content.set(toHex(key), toHex(value));
  await db.close();
  return content;
}

describe('bitscale reindex', function () {
  this.timeout(60_000);
  let solo: SoloNode;
  let sender: string;
  let hash: string;
  let last: number;

  before(async () => {
    solo = await startSoloNode();
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, {
      prefix: 'bitscale',
    });
    sender = (await wallet.getAccounts())[0]!.address;
    const gasPrice = GasPrice.fromString(`0${DENOM}`);
    const client = await SigningStargateClient.connectWithSigner(solo.url, wallet, { gasPrice });
    for (let i = 1; i <= SENDS; i += 1) {
      const coins = [{ denom: DENOM, amount: String(i) }];
      const sent = await client.sendTokens(sender, NOBODY, coins, 'auto');
      assert.equal(sent.code, 0);
      hash = sent.transactionHash;
    }
    client.disconnect();
    // What is shown is indexed; the newest stored block need not be yet.
    const status = (await (await fetch(`${solo.url}/status`)).json()) as any;
    last = Number(status.result.sync_info.latest_block_height);
  });
  after(() => solo.remove());

  /** Only what lies below the height of the stop, so that a chain that goes on answers the same. */
  async function answers(url: string): Promise<unknown[]> {
    const txQueries = [
      `tx.height <= ${last}`,
      `transfer.sender='${sender}' AND tx.height <= ${last}`,
      `transfer.recipient CONTAINS '${NOBODY.slice(-8)}' AND tx.height <= ${last}`,
      `transfer.recipient='${NOBODY}' AND transfer.amount='2${DENOM}' AND tx.height <= ${last}`,
      `message.action EXISTS AND tx.height <= ${last}`,
    ];
    const blockQueries = [`block.height <= ${last}`, `block.height > 2 AND block.height < ${last}`];
    const text = (query: string): string => encodeURIComponent(`"${query}"`);
    const paths = [
      `/tx?hash=0x${hash}&prove=true`,
      ...txQueries.map((query) => `/tx_search?query=${text(query)}&order_by="desc"&prove=true`),
      ...blockQueries.map((query) => `/block_search?query=${text(query)}&per_page=100`),
    ];
    return Promise.all(
      paths.map(async (path) => {
        const { result, error } = (await (await fetch(url + path)).json()) as any;
        assert.ok(result, `${path}: ${JSON.stringify(error)}`);
        assert.notEqual(result.total_count, '0', path);
        return result;
      }),
    );
  }

  /** Those of a node that starts on what the home holds now. */
  async function startedAnswers(): Promise<unknown[]> {
    const onFatal = (error: unknown): void => assert.fail(String(error));
    const node = await createNode({ homeFolder: solo.folder, onFatal });
    await node.start();
    try {
      return await answers(solo.url);
    } finally {
      await node.stop();
    }
  }

  it('refuses while the node runs', async () => {
    const { code, errors } = await run(['reindex', '--home', solo.folder]);
    assert.equal(code, 74, errors);
  });

  it('replaces a wrong index by one with the content and the answers of the old one', async () => {
    const before = await answers(solo.url);
    await solo.stop();
    const { index } = homeAt(solo.folder);
    const old = await contentOf(index);
    const wrong = await LevelDb.open(index);
    const lost = [...old.keys()].filter((_, i) => i % 2 === 0);
    await wrong.batch(lost.map((key) => ({ type: 'del', key: Buffer.from(key, 'hex') })));
    await wrong.close();
    // What a run that was broken off leaves behind.
    mkdirSync(`${index}.new`);
    writeFileSync(join(`${index}.new`, 'CURRENT'), 'half');

    const { code, output, errors } = await run(['reindex', '--home', solo.folder]);
    assert.equal(code, 0, errors);
    assert.match(output, new RegExp(`^The index holds ${SENDS} transactions of blocks 1 to `));
    assert.match(errors, /^100 %: block [0-9]+ of [0-9]+$/m);
    assert.ok(!existsSync(`${index}.new`));
    assert.deepEqual(await contentOf(index), old);

    assert.deepEqual(await startedAnswers(), before);
  });

  it('is not needed for the index of an older version, which the start replaces', async () => {
    const { index } = homeAt(solo.folder);
    const before = await startedAnswers();
    const current = await contentOf(index);
    await rm(index, { recursive: true });
    const older = await LevelDb.open(index);
    const tip = { type: 'put', key: FORMER_TIP_KEY, value: u64(last) } as const;
    const place = { type: 'put', key: Uint8Array.of(101, 1), value: u64(1) } as const;
    await older.batch([tip, place]);
    await older.close();
    assert.deepEqual(await startedAnswers(), before);
    const replaced = await contentOf(index);
    assert.deepEqual(
      [...current.keys()].filter((key) => !replaced.has(key)),
      [],
    );
    assert.ok(!replaced.has(toHex(FORMER_TIP_KEY)) && !replaced.has('6501'));
  });

  it('is silent about its progress with --quiet', async () => {
    const { code, errors } = await run(['reindex', '--quiet', '--home', solo.folder]);
    assert.deepEqual([code, errors], [0, '']);
  });

  it('ends with 65 when a block has lost its results, and leaves the old index', async () => {
    const { index, blocks } = homeAt(solo.folder);
    const old = await contentOf(index);
    const db = await LevelDb.open(blocks);
    const results = db.get(resultsKey(2))!;
    await db.batch([{ type: 'del', key: resultsKey(2) }]);
    await db.close();
    const { code, errors } = await run(['reindex', '--home', solo.folder]);
    assert.equal(code, 65);
    assert.match(errors, /the results of height 2 are missing.*bitscale repair --home/);
    assert.deepEqual(await contentOf(index), old);
    assert.ok(!existsSync(`${index}.new`));
    const again = await LevelDb.open(blocks);
    await again.batch([{ type: 'put', key: resultsKey(2), value: results }]);
    await again.close();
  });

  it('explains itself, and ends with 64 for an option it does not have', async () => {
    const help = await run(['reindex', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.output, /Usage: bitscale reindex \[options\]/);
    assert.equal((await run(['reindex', '--fast'])).code, 64);
  });

  it('ends with 65 where there are no blocks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitscale-reindex-'));
    const { code, errors } = await run(['reindex', '--home', folder]);
    rmSync(folder, { recursive: true });
    assert.equal(code, 65);
    assert.match(errors, /holds no blocks/);
  });
});
