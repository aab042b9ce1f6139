/** Begins a chain with a genesis file in memory: what the modules refuse is found before any node starts. */
import { checkDetails } from '../../../genesis/details.ts';
import type { Genesis } from '../../../genesis/schema.ts';
import { consensusAddress, valconsText } from '../../base/address.ts';
import { toHex, toUpperHex } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { InitChainResponse } from '../../app/abci.ts';
import { emptyApplication } from '../../method-table.ts';
import { watched } from './watched.ts';

export interface StartOfChain {
  readonly chain_id: string;
  /** Of the file: all nodes must have the same. */
  readonly sha256: string;
  readonly app_hash: string;
  readonly total_power: string;
  readonly validators: readonly { readonly address: string; readonly power: string }[];
}

/** All that a new chain's file must be. Throws ExitError 65 that names the place and what is wrong there. */
export function soundStart(genesis: Genesis): StartOfChain {
  checkDetails(genesis);
  return startOf(genesis);
}

/** Throws ExitError 65 that names the place in the file and what a module refuses there. */
export function startOf(genesis: Genesis): StartOfChain {
  const { validators: updates, appHash } = begin(genesis);
  const validators = updates.length > 0 ? updates : genesis.validators;
  const total = validators.reduce((sum, { power }) => sum + power, 0n);
  return {
    chain_id: genesis.chainId,
    sha256: toHex(genesis.hash),
    app_hash: toUpperHex(appHash),
    total_power: total.toString(),
    validators: validators.map(({ pubKey, power }) => ({
      address: valconsText(consensusAddress(pubKey)),
      power: power.toString(),
    })),
  };
}

function initChain(genesis: Genesis, appState: Record<string, unknown>): InitChainResponse {
  const { chainId, time, initialHeight, consensusParams } = genesis;
  const app = emptyApplication(chainId);
  return app.initChain({ chainId, time, initialHeight, consensusParams, appState });
}

function begin(genesis: Genesis): InitChainResponse {
  try {
    return initChain(genesis, genesis.appState);
  } catch (cause) {
    // Modules read foreign JSON here; whatever they stumble over is in the file.
    const why = (cause as Error).message;
    const place = placeOfFault(genesis);
    const hint = place === undefined || why.includes(place) ? '' : `; read last: ${place}`;
    throw new ExitError(EXIT_DATA, `genesis file: ${why}${hint}`, { cause });
  }
}

/** What a module had read last when it gave up. */
function placeOfFault(genesis: Genesis): string | undefined {
  const { value, lastPlace } = watched(genesis.appState, 'app_state');
  try {
    initChain(genesis, value);
  } catch {
    return lastPlace();
  }
  return undefined;
}
