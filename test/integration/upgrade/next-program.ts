/** The program of the next version, as the test of upgrades imagines it: a new module with a store of its own. */
import type { Module } from '../../../node/app/module.ts';
import { uint64ToBytes, utf8 } from '../../../node/base/bytes.ts';
import type { Upgrades } from '../../../node/upgrades.ts';

export const NEW_STORE = 'notes';
/** Height at which the handler ran; and the newest height, written by every block. */
export const [UPGRADED_KEY, NEWEST_KEY] = [utf8('upgraded'), utf8('newest')];

const notes: Module = {
  name: 'notes',
  stores: [{ name: NEW_STORE, kind: 'iavl' }],
  messages: [],
  queries: [],
  initGenesis: () => undefined,
  exportGenesis: () => ({}),
  endBlock: (context) => context.store(NEW_STORE).set(NEWEST_KEY, uint64ToBytes(context.height)),
};

const upgrades: Upgrades = new Map([
  [
    'v2',
    {
      handler: (context) =>
        context.store(NEW_STORE).set(UPGRADED_KEY, uint64ToBytes(context.height)),
      stores: { added: [NEW_STORE] },
    },
  ],
]);

export const NEXT_PROGRAM = { modules: [notes], upgrades };

/** The next version without a new store. */
export const SMALL_CHANGE = { upgrades: new Map([['v2', { handler: () => undefined }]]) };
