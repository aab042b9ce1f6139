/**
 * Bank sends through mempool and application alone, without network and consensus:
 * node test/bench/application.ts [accounts] [blocks]
 * Every account sends once a block; the time of each stage is printed per transaction.
 */
import type { FinalizeBlockResponse } from '../../node/app/abci.ts';
import { uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { encodeResults } from '../../node/engine/results-codec.ts';
import { Mempool } from '../../node/mempool/mempool.ts';
import { Indexer } from '../../node/rpc/index/indexer.ts';
import { MemoryDb } from '../../node/store/memory-db.ts';
import type { Block } from '../../node/consensus/types.ts';
import * as kit from '../support/application.ts';

const [accounts = 1_000, blocks = 12] = process.argv.slice(2).map(Number);
/** Code that is not yet compiled tells nothing. */
const WARM_UP_BLOCKS = 3;
const MAX_BYTES = 4_000_000;

const keys = Array.from({ length: accounts }, (_, i) => kit.testKey(`payer ${i}`));
const { app } = kit.testApplication();
const genesis = kit.initRequest(kit.genesisFor(keys));
const block = { maxBytes: BigInt(MAX_BYTES), maxGas: -1n };
app.initChain({ ...genesis, consensusParams: { ...genesis.consensusParams, block } });
await kit.runBlock(app, []);
const pool = new Mempool({ app });
const indexer = new Indexer(new MemoryDb());

const sendsOf = (round: number): Bytes[] =>
  keys.map((key, i) => {
    const to = keys[(i + 1 + round) % accounts] as kit.TestKey;
    const messages = [kit.sendMessage(key, to.text, '1')];
    return kit.signTx({ messages, key, accountNumber: BigInt(i), sequence: BigInt(round) });
  });

const totals = new Map<string, number>();
let counting = false;
async function stage<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  if (counting) totals.set(name, (totals.get(name) ?? 0) + user + system);
  return result;
}

for (let round = 0; round < blocks; round++) {
  counting = round >= WARM_UP_BLOCKS;
  const sends = sendsOf(round);
  const height = app.info().height + 1;
  const named = (txs: readonly Bytes[]) => ({
    ...kit.blockAt(height, txs),
    hash: sha256(uint64ToBytes(height)),
  });
  // A peer's copy: equal bytes in another array.
  const copies = sends.map((tx) => tx.slice());
  await stage('add to the mempool', () => sends.forEach((tx) => pool.add(tx)));
  const reaped = await stage('reap', () => pool.reap(MAX_BYTES, -1n));
  await stage('prepare proposal', () => app.prepareProposal(named(reaped), MAX_BYTES));
  await stage('process proposal', () => app.processProposal(named(copies)));
  const results: FinalizeBlockResponse = await stage('execute', () =>
    app.finalizeBlock(named(copies)),
  );
  await stage('encode results', () => encodeResults(results));
  await stage('commit in memory', () => app.commit());
  await stage('update the mempool', () => pool.update(height, copies, results.txResults));
  const stored = { header: { height }, txs: copies } as unknown as Block;
  await stage('index in memory', () => indexer.index(stored, results));
  const failed = results.txResults.filter(({ code }) => code !== 0).length;
  if (failed > 0) console.log(`block ${height}: ${failed} transactions failed`);
}

const txs = accounts * (blocks - WARM_UP_BLOCKS);
let sum = 0;
for (const [name, micros] of totals) {
  sum += micros;
  console.log(`${name.padEnd(20)} ${(micros / txs).toFixed(1).padStart(7)} us`);
}
console.log(`${'all'.padEnd(20)} ${(sum / txs).toFixed(1).padStart(7)} us per transaction`);
