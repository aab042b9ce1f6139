/**
 * A program that commits blocks as fast as it can and announces every version, until it is killed.
 */
import type { MultiStore } from '../../../node/store/multi-store.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { MultiStore as Stores } from '../../../node/store/multi-store.ts';
import { Random } from './random.ts';

export const STORES = { iavl: ['acc', 'bank'], plain: ['index'] };

export function writeBlock(stores: MultiStore, version: number, random: Random): void {
  const branch = stores.branch();
  for (const name of [...STORES.iavl, ...STORES.plain]) {
    for (let i = 0; i < 12; i++) {
      const key = Uint8Array.of(1, random.below(120));
      if (random.chance(25)) branch.store(name).delete(key);
      else branch.store(name).set(key, Uint8Array.of(version & 0xff, ...random.bytes(20)));
    }
  }
  branch.write();
}

const folder = process.argv[2];
if (process.send && folder && import.meta.filename === process.argv[1]) {
  const stores = Stores.open(await LevelDb.open(folder), STORES);
  const random = new Random(process.pid);
  for (;;) {
    writeBlock(stores, stores.nextVersion, random);
    await stores.commit();
    process.send(stores.version);
    if (stores.version % 10 === 0) await stores.prune(stores.version - 5);
  }
}
