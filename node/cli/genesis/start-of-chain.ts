/** Begins a chain with a genesis file in memory: what the modules refuse is found before any node starts. */
import type { Genesis } from '../../../genesis/schema.ts';
import { valconsText } from '../../base/address.ts';
import { toHex, toUpperHex } from '../../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { InitChainResponse } from '../../app/abci.ts';
import { consensusAddress } from '../../base/address.ts';
import { emptyApplication } from '../../method-table.ts';

export interface StartOfChain {
  readonly chain_id: string;
  /** Of the file: all nodes must have the same. */
  readonly sha256: string;
  readonly app_hash: string;
  readonly total_power: string;
  readonly validators: readonly { readonly address: string; readonly power: string }[];
}

/** Throws ExitError 65 that names the module and what it refuses. */
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

function begin(genesis: Genesis): InitChainResponse {
  const { chainId, time, initialHeight, consensusParams, appState } = genesis;
  const app = emptyApplication(chainId);
  try {
    return app.initChain({ chainId, time, initialHeight, consensusParams, appState });
  } catch (cause) {
    // Modules read foreign JSON here; whatever they stumble over is in the file.
    throw new ExitError(EXIT_DATA, `genesis file: ${(cause as Error).message}`, { cause });
  }
}
