/** An upgrade with real processes: the old program stops before the block, the new one makes it and goes on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  QueryAppliedPlanRequest,
  QueryAppliedPlanResponse,
  QueryModuleVersionsResponse,
} from 'cosmjs-types/cosmos/upgrade/v1beta1/query';
import { accountKey, seedOf, TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import type { Application } from '../../node/app/application.ts';
import { accountText } from '../../node/base/address.ts';
import { bytesToUint64, EMPTY, type Bytes } from '../../node/base/bytes.ts';
import { createApplication } from '../../node/chain.ts';
import { homeAt, type Home } from '../../node/home.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import { writeSettings } from '../support/solo-node.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { NEW_STORE, NEWEST_KEY, NEXT_PROGRAM, UPGRADED_KEY } from './upgrade/next-program.ts';

const LAUNCHER = join(import.meta.dirname, '../../node/cli/launch.js');
const NEXT = join(import.meta.dirname, 'upgrade/run-next.ts');
const PLAN = { name: 'v2', height: '5', info: '{"binaries":{"any":"https://example.org/v2"}}' };
const NEEDED = `UPGRADE "v2" NEEDED at height: 5: ${PLAN.info}`;

describe('an upgrade of a node process', function () {
  this.timeout(120_000);
  let home: Home;

  beforeEach(async () => {
    home = homeAt(mkdtempSync(join(tmpdir(), 'bitscale-upgrade-')));
    const operator = accountText(accountKey(await seedOf(TEST_MNEMONIC), 0).address);
    const words = ['init', 'up', '--chain-id', 'up-1', '--operator', operator];
    const made = await run([...words, '--home', home.root]);
    assert.equal(made.code, 0, made.errors);
    const genesis = JSON.parse(readFileSync(home.genesisFile, 'utf8')) as {
      app_state: Record<string, unknown>;
    };
    genesis.app_state['upgrade'] = { authority: operator, plan: PLAN };
    writeFileSync(home.genesisFile, JSON.stringify(genesis));
  });
  afterEach(() => rmSync(home.root, { recursive: true }));

  /** Runs a program until it ends by itself, at the latest before block `haltHeight` + 1. */
  async function ends(program: readonly string[], haltHeight = 0) {
    const off = { enabled: false };
    const consensus = { blockTimeMs: 50, haltHeight };
    await writeSettings(home.root, { consensus, metrics: off, api: off, grpc: off });
    const file = JSON.parse(readFileSync(home.configFile, 'utf8')) as object;
    writeFileSync(home.configFile, JSON.stringify({ ...file, logLevel: 'info' }));
    const child = spawn(process.execPath, program);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        text += data.toString();
        // It would end by itself (integration/halt), after it has waited for peers that are behind; one that halts
        // at its start ends at once.
        if (/(?<!bitscale: )halted after block/.test(text)) child.kill('SIGTERM');
      });
    }
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, text };
  }
  const old = (haltHeight?: number) => ends([LAUNCHER, 'start', '--home', home.root], haltHeight);
  const next = (haltHeight?: number) => ends([NEXT, home.root], haltHeight);
  const small = (haltHeight?: number) => ends([NEXT, home.root, 'small'], haltHeight);

  /** What the state of the stopped node says to a program of the next version. */
  async function inState<T>(ask: (app: Application) => T): Promise<T> {
    const db = await LevelDb.open(home.state);
    try {
      const options = { version: '2', minGasPrices: [], keepRecent: 0, initialHeight: 1 };
      return ask(createApplication({ db, chainId: 'up-1', ...options, ...NEXT_PROGRAM }));
    } finally {
      await db.close();
    }
  }
  const value = (app: Application, key: Bytes, height = 0) =>
    app.query({ path: `/store/${NEW_STORE}/key`, data: key, height, prove: false });

  it('stops the old program, tells cosmovisor, and goes on with the new one and its new store', async () => {
    const stopped = await old();
    assert.equal(stopped.code, 0, stopped.text);
    assert.ok(stopped.text.includes('halted after block 4 by the application'), stopped.text);
    assert.ok(stopped.text.replaceAll('\\"', '"').includes(NEEDED), stopped.text);
    const { upgradeInfoFile } = home;
    assert.equal(upgradeInfoFile, join(home.root, 'data', 'upgrade-info.json'));
    assert.deepEqual(JSON.parse(readFileSync(upgradeInfoFile, 'utf8')), {
      ...{ name: 'v2', time: '0001-01-01T00:00:00Z', height: 5, info: PLAN.info },
    });
    assert.equal(statSync(upgradeInfoFile).mode & 0o777, 0o600);

    rmSync(upgradeInfoFile);
    const again = await old();
    assert.equal(again.code, 0, again.text);
    assert.ok(existsSync(upgradeInfoFile), 'a node that begins where it has to stop says so again');
    assert.ok(again.text.includes('halted after block 4 by the application'), again.text);

    const upgraded = await next(7);
    assert.equal(upgraded.code, 0, upgraded.text);
    assert.ok(upgraded.text.includes('halted after block 7'), upgraded.text);
    const restarted = await next(9);
    assert.equal(restarted.code, 0, restarted.text);
    assert.ok(restarted.text.includes('halted after block 9'), restarted.text);

    await inState((app) => {
      assert.equal(app.info().height, 9);
      assert.equal(bytesToUint64(value(app, UPGRADED_KEY).value), 5n);
      assert.equal(bytesToUint64(value(app, NEWEST_KEY).value), 9n);
      assert.equal(bytesToUint64(value(app, NEWEST_KEY, 6).value), 6n);
      const before = value(app, NEWEST_KEY, 4);
      assert.notEqual(before.code === 0 && before.value.length > 0, true);
      const service = '/cosmos.upgrade.v1beta1.Query';
      const ask = (method: string, data: Bytes = EMPTY) =>
        app.query({ path: `${service}/${method}`, data, height: 0, prove: false }).value;
      const applied = QueryAppliedPlanRequest.encode({ name: 'v2' }).finish();
      assert.equal(QueryAppliedPlanResponse.decode(ask('AppliedPlan', applied)).height, 5n);
      const { moduleVersions } = QueryModuleVersionsResponse.decode(ask('ModuleVersions'));
      assert.ok(moduleVersions.some(({ name }) => name === 'notes'));
    });

    // Nobody goes back.
    const back = await old();
    assert.equal(back.code, 65, back.text);
    assert.match(back.text, /notes is in the database but not wanted.*run that one/);
  });

  it('does not let a program with a new store begin before its block', async () => {
    const begun = await old(2);
    assert.equal(begun.code, 0, begun.text);
    const early = await next();
    assert.equal(early.code, 65, early.text);
    assert.match(early.text, /made by another version of this program.*notes is new/);
    assert.equal((await old()).code, 0);
  });

  it('stops a program that has the handler too early, and one that has lost it', async () => {
    const early = await small();
    assert.equal(early.code, 0, early.text);
    const text = early.text.replaceAll('\\"', '"');
    const words =
      'BINARY UPDATED BEFORE TRIGGER! UPGRADE "v2" - in binary but not executed on chain';
    assert.ok(text.includes(words), text);
    assert.ok(!existsSync(home.upgradeInfoFile), 'it is not the next program that is missing');
    assert.equal((await old()).code, 0);
    assert.ok(existsSync(home.upgradeInfoFile));
    assert.equal((await small(6)).code, 0);
    const lost = await old();
    assert.equal(lost.code, 0, lost.text);
    const missing = 'wrong app version 0, upgrade handler is missing for v2 upgrade plan';
    assert.ok(lost.text.includes(missing), lost.text);
  });
});
