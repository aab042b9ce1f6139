/** bitscale export: the state of a stopped node as the genesis file of a new chain. */
import { existsSync, readFileSync } from 'node:fs';
import { BONDED, POWER_REDUCTION, readGenesis } from '../../../genesis/validate.ts';
import { VALIDATOR_KEY_TYPE } from '../../../genesis/schema.ts';
import { EXIT_CONFIG, EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { formatTime, timeFromMillis } from '../../base/time.ts';
import { homeAt, type Home } from '../../home.ts';
import { VERSION } from '../../version.ts';
import type { Command } from '../command.ts';
import { HOME_OPTION, homeFolder } from '../shared-options.ts';

type Json = Record<string, unknown>;

interface Exported {
  readonly height: number;
  readonly appState: Json;
}

async function exportState(home: Home, chainId: string, initialHeight: number): Promise<Exported> {
  const { createApplication } = await import('../../chain.ts');
  const { LevelDb } = await import('../../store/level-db.ts');
  if (!existsSync(home.state)) throw new ExitError(EXIT_DATA, `${home.state} holds no state`);
  const db = await LevelDb.open(home.state).catch((cause: unknown) => {
    const detail = `${home.state} cannot be opened; stop the node first`;
    throw new ExitError(EXIT_IO, detail, { cause });
  });
  try {
    const options = {
      db,
      chainId,
      initialHeight,
      version: VERSION,
      minGasPrices: [],
      keepRecent: 0,
    };
    const app = createApplication(options);
    const { height } = app.info();
    if (height === 0) throw new ExitError(EXIT_DATA, 'this node has no block yet');
    return { height, appState: app.exportGenesis() };
  } finally {
    await db.close();
  }
}

interface StakingValidator {
  readonly consensus_pubkey: { readonly key: string };
  readonly description: { readonly moniker: string };
  readonly status?: string;
  readonly tokens: string;
}

/** The bonded validators in the form of the genesis file. */
function validatorsOf(appState: Json): Json[] {
  const { validators } = appState['staking'] as { validators: readonly StakingValidator[] };
  return validators
    .filter(({ status = BONDED }) => status === BONDED)
    .map(({ consensus_pubkey: { key }, tokens, description }) => ({
      address: '',
      pub_key: { type: VALIDATOR_KEY_TYPE, value: key },
      power: (BigInt(tokens) / POWER_REDUCTION).toString(),
      name: description.moniker,
    }));
}

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write the state of a stopped node as a genesis file',
  options: {
    ...HOME_OPTION,
    'chain-id': { value: '<id>', help: 'name of the new chain; else that of this one' },
  },
  examples: ['bitscale export --home node0 --chain-id my-chain-2 > genesis.json'],
  async run(call, terminal) {
    const home = homeAt(homeFolder(call, terminal));
    if (!existsSync(home.genesisFile)) {
      throw new ExitError(EXIT_CONFIG, `${home.genesisFile} is missing`);
    }
    const genesis = readGenesis(readFileSync(home.genesisFile, 'utf8'));
    const { height, appState } = await exportState(home, genesis.chainId, genesis.initialHeight);
    const exported = {
      ...genesis.json,
      genesis_time: formatTime(timeFromMillis(Date.now())),
      chain_id: call.optional('chain-id') ?? genesis.chainId,
      initial_height: String(height + 1),
      validators: validatorsOf(appState),
      app_hash: '',
      app_state: appState,
    };
    terminal.print(JSON.stringify(exported, null, 2));
    terminal.warn(
      'Accounts and batches of the payment ledger stay behind: settle them on L1 first.',
    );
  },
};
