/**
 * A program that opens the state databases in the given folders and reports what it finds in each.
 */
import { toHex } from '../../../node/base/bytes.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { STORES } from './crash-writer.ts';

async function open(folder: string): Promise<{ version?: number; appHash?: string }> {
  let db: LevelDb | undefined;
  try {
    db = await LevelDb.open(folder);
    const stores = MultiStore.open(db, STORES);
    await stores.verify();
    return { version: stores.version, appHash: toHex(stores.appHash) };
  } catch {
    return {};
  } finally {
    await db?.close();
  }
}

for (const folder of process.argv.slice(2)) process.send?.(await open(folder));
process.disconnect();
