/** The application on a state that no node runs on: it answers and exports, and takes no transactions. */
import type { Application } from './app/application.ts';
import { createApplication, type ChainOptions } from './chain.ts';
import type { Db } from './store/db.ts';
import { VERSION } from './version.ts';

type Chain = Pick<ChainOptions, 'chainId' | 'initialHeight' | 'snapshots'>;

/** Throws what `createApplication` throws. */
export function applicationAt(db: Db, chain: Chain): Application {
  return createApplication({ ...chain, db, version: VERSION, minGasPrices: [], keepRecent: 0 });
}
