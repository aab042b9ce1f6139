/**
 * A toy node as a process of its own, driven over Node's IPC channel:
 *   node run-node.ts <home> [crash at the Nth durable write] [before|after]
 * Every signature that leaves the signer is first appended to <home>/signed.log, so that a test can look
 * for contradictions over any number of crashes.
 */
import { durableWrite } from './plant-crash.ts';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { loadConfig } from '../../../node/config.ts';
import { findSigner } from '../../../node/engine/signer-files.ts';
import type { Signer } from '../../../node/engine/signer.ts';
import { homeAt } from '../../../node/home.ts';
import { createLogger } from '../../../node/metrics/log.ts';
import { Node } from '../../../node/node.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { SnapshotApp } from './snapshot-app.ts';
import { ToyPool } from './toy-pool.ts';
import type { FromChild, ToChild } from './toy-process.ts';

const [root = ''] = process.argv.slice(2);
const home = homeAt(root);

function say(message: FromChild): void {
  process.send?.(message);
}

/** Writes of databases count, too. */
function plantInDatabases(): void {
  const databases = LevelDb.prototype as { batch: (...args: unknown[]) => Promise<void> };
  const { batch } = databases;
  databases.batch = async function (this: unknown, ...args) {
    const afterwards = durableWrite('batch');
    await batch.apply(this, args);
    afterwards();
  };
}

function logged(signer: Signer): Signer {
  return {
    address: signer.address,
    pubKey: signer.pubKey,
    ...(signer.last && { last: signer.last }),
    bindPeer: (bytes) => signer.bindPeer!(bytes),
    sign: async (request) => {
      const signed = await signer.sign(request);
      const { height, round, step } = request;
      const signBytes = toHex(request.bytesAt(signed.time));
      appendFileSync(join(root, 'signed.log'), `${height} ${round} ${step} ${signBytes}\n`);
      return signed;
    },
  };
}

plantInDatabases();
const level = process.env['TOY_LOG'];
const deps = {
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  logger: level === undefined ? silentLogger : createLogger('info', { home: root.slice(-5) }),
  metrics: noMetrics,
  onFatal: (error: unknown) => {
    say({ type: 'fatal', error: String(error) });
    process.exit(1);
  },
};
const options = { home, config: await loadConfig(home.configFile) };
const node = new Node(options, deps, {
  createApp: ({ db, config }) => new SnapshotApp(db, config.app.snapshotInterval),
  createPool: (app) => new ToyPool(app),
  openSigner: async (at, pastGenesis) => {
    const signer = await findSigner(at, pastGenesis);
    return signer && logged(signer);
  },
});

process.on('message', (message: ToChild) => {
  if (message.type === 'tx') node.pool.add(utf8(message.text));
  else if (message.type === 'peers')
    say({ type: 'peers', count: node.network?.peers().length ?? 0 });
  else void node.stop().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));

try {
  await node.start();
  const hash = (): string => toHex(node.app.info().appHash);
  say({ type: 'height', height: node.engine.height(), appHash: hash() });
  node.engine.onCommit(({ block }) => {
    say({ type: 'height', height: block.header.height, appHash: hash() });
  });
} catch (error) {
  const exitCode = (error as { exitCode?: number }).exitCode ?? 1;
  say({ type: 'fatal', error: String(error) });
  setTimeout(() => process.exit(exitCode), 20);
}
