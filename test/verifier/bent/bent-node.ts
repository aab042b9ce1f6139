/**
 * Makes a home with a short chain by the node's own code, of which one place is bent first:
 *   node bent-node.ts <home> <bend>
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import type { Db } from '../../../node/store/db.ts';
import type { MemoryDb } from '../../../node/store/memory-db.ts';
import { BENDS } from './bends.ts';

const [home = '', name = ''] = process.argv.slice(2);
const bend = BENDS[name];

if (bend) {
  const { file, from, to } = bend;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(file) || loaded.source == null) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      if (!source.includes(from)) throw new Error(`bend ${name} no longer fits ${url}`);
      return { ...loaded, source: source.replace(from, to) };
    },
  });
}

// Only now, so that what is bent is bent everywhere.
const { testChain, PARAMS, CHAIN_ID, SEEDS } = await import('../../unit/engine/chain-fixture.ts');
const { ed25519PublicKey } = await import('../../../node/base/ed25519.ts');
const { LevelDb } = await import('../../../node/store/level-db.ts');

const { block, evidence } = PARAMS;
const genesis = {
  chain_id: CHAIN_ID,
  genesis_time: '2026-01-01T00:00:00Z',
  initial_height: '1',
  consensus_params: {
    block: { max_bytes: String(block.maxBytes), max_gas: String(block.maxGas) },
    evidence: {
      max_age_num_blocks: String(evidence.maxAgeNumBlocks),
      max_age_duration: String(evidence.maxAgeDurationNanos),
    },
  },
  validators: SEEDS.map((seed) => ({
    pub_key: { value: Buffer.from(ed25519PublicKey(seed)).toString('base64') },
    power: '10',
  })),
};

await mkdir(join(home, 'config'), { recursive: true });
await mkdir(join(home, 'data'), { recursive: true });
await writeFile(join(home, 'config/genesis.json'), JSON.stringify(genesis));
const db = await LevelDb.open(join(home, 'data/blocks'));
// The fixture asks for no more than a database.
const chain = await testChain(db as Db as MemoryDb);
const newPower = Buffer.from(ed25519PublicKey(SEEDS[2]!)).toString('hex');
for (let height = 1; height <= 6; height += 1) {
  chain.txs = ['a=1', `b=${height}`, `c${height}=1`].map((tx) => new Uint8Array(Buffer.from(tx)));
  if (height === 2) chain.txs.push(new Uint8Array(Buffer.from(`val${newPower}=17`)));
  await chain.grow(1);
}
await db.close();
