/** A folder that another version of the program made: found before anything is started, and said with the way out. */
import { existsSync } from 'node:fs';
import { readGenesis } from '../../../genesis/validate.ts';
import type { Genesis } from '../../../genesis/schema.ts';
import { applicationAt } from '../../application-at.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { isOfOtherStores } from '../../failure.ts';
import { homeAt } from '../../home.ts';
import { OtherFormatError } from '../../store/errors.ts';
import { LevelDb } from '../../store/level-db.ts';
import { startOf } from '../genesis/start-of-chain.ts';
import { readWhole } from '../whole-file.ts';
import type { LocalHome } from './layout.ts';

/** Throws ExitError 65. A folder without a network is not old. */
export async function refuseOldHome(home: LocalHome, validators: number): Promise<void> {
  if (!existsSync(home.genesis)) return;
  const genesis = begun(home);
  for (let index = 0; index < validators; index++) {
    const { state } = homeAt(home.node(index));
    if (existsSync(state)) await refuseOldState(home, state, genesis);
  }
}

function begun(home: LocalHome): Genesis {
  try {
    const genesis = readGenesis(readWhole(home.genesis));
    startOf(genesis);
    return genesis;
  } catch (cause) {
    throw old(home, (cause as Error).message, cause);
  }
}

async function refuseOldState(home: LocalHome, folder: string, genesis: Genesis): Promise<void> {
  const { chainId, initialHeight } = genesis;
  const db = await LevelDb.open(folder).catch(() => undefined);
  // What is damaged or in use is the node's to say.
  if (db === undefined) return;
  try {
    applicationAt(db, { chainId, initialHeight });
  } catch (cause) {
    if (isOfOtherStores(cause)) throw old(home, cause.message, cause);
    if (cause instanceof OtherFormatError) throw old(home, 'the state has another format', cause);
  } finally {
    await db.close();
  }
}

function old({ root }: LocalHome, why: string, cause: unknown): ExitError {
  const text =
    `${root} holds a network of another version of this program (${why}). ` +
    'Begin anew with: npm start -- --fresh (what is in the folder is thrown away), ' +
    'or keep it and choose another folder with --home';
  return new ExitError(EXIT_DATA, text, { cause });
}
