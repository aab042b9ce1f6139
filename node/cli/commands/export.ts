/** bitscale export: the state of a stopped node as the genesis file of a new chain. */
import { existsSync, readFileSync } from 'node:fs';
import { QueryParamsResponse } from 'cosmjs-types/cosmos/consensus/v1/query';
import { BONDED, POWER_REDUCTION, readGenesis } from '../../../genesis/validate.ts';
import { VALIDATOR_KEY_TYPE } from '../../../genesis/schema.ts';
import type { ConsensusParams } from '../../app/abci.ts';
import type { Application } from '../../app/application.ts';
import { fromProtoParams } from '../../app/chain-record.ts';
import { EMPTY } from '../../base/bytes.ts';
import { EXIT_CONFIG, EXIT_DATA, EXIT_IO, ExitError } from '../../base/exit.ts';
import { formatTime, timeFromMillis } from '../../base/time.ts';
import { homeAt, type Home } from '../../home.ts';
import type { Command } from '../command.ts';
import { HOME_OPTION, homeFolder } from '../shared-options.ts';

type Json = Record<string, unknown>;

interface Exported {
  readonly height: number;
  readonly appState: Json;
  readonly params: ConsensusParams;
}

async function exportState(home: Home, chainId: string, initialHeight: number): Promise<Exported> {
  const { applicationAt } = await import('../../application-at.ts');
  const { LevelDb } = await import('../../store/level-db.ts');
  if (!existsSync(home.state)) throw new ExitError(EXIT_DATA, `${home.state} holds no state`);
  const db = await LevelDb.open(home.state).catch((cause: unknown) => {
    const detail = `${home.state} cannot be opened; stop the node first`;
    throw new ExitError(EXIT_IO, detail, { cause });
  });
  try {
    const app = applicationAt(db, { chainId, initialHeight });
    const { height } = app.info();
    if (height === 0) throw new ExitError(EXIT_DATA, 'this node has no block yet');
    return { height, appState: app.exportGenesis(), params: paramsOf(app) };
  } finally {
    await db.close();
  }
}

function paramsOf(app: Application): ConsensusParams {
  const path = '/cosmos.consensus.v1.Query/Params';
  const { value } = app.query({ path, data: EMPTY, height: 0, prove: false });
  return fromProtoParams(QueryParamsResponse.decode(value).params!);
}

/** Tokens, shape and keys stay; what has happened does not. */
function forgetPayments(appState: Json): void {
  for (const name of ['ledger', 'settlement']) delete (appState[name] as Json)['state'];
}

/** Those in force, not those the chain began with. */
function writeParams({ block, evidence, validator, version }: ConsensusParams): Json {
  return {
    block: { max_bytes: String(block.maxBytes), max_gas: String(block.maxGas) },
    evidence: {
      max_age_num_blocks: String(evidence.maxAgeNumBlocks),
      max_age_duration: String(evidence.maxAgeDurationNanos),
      max_bytes: String(evidence.maxBytes),
    },
    validator: { pub_key_types: validator.pubKeyTypes },
    version: { app: String(version.app) },
    abci: { vote_extensions_enable_height: '0' },
  };
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
    'without-payments': { help: 'with an empty payment ledger, for a new contract on L1' },
  },
  examples: ['bitscale export --home node0 --chain-id my-chain-2 > genesis.json'],
  async run(call, terminal) {
    const home = homeAt(homeFolder(call, terminal));
    if (!existsSync(home.genesisFile)) {
      throw new ExitError(EXIT_CONFIG, `${home.genesisFile} is missing`);
    }
    const genesis = readGenesis(readFileSync(home.genesisFile, 'utf8'));
    const { height, appState, params } = await exportState(
      home,
      genesis.chainId,
      genesis.initialHeight,
    );
    if (call.flag('without-payments')) forgetPayments(appState);
    const exported = {
      ...genesis.json,
      genesis_time: formatTime(timeFromMillis(Date.now())),
      chain_id: call.optional('chain-id') ?? genesis.chainId,
      initial_height: String(height + 1),
      consensus_params: writeParams(params),
      validators: validatorsOf(appState),
      app_hash: '',
      app_state: appState,
    };
    terminal.print(JSON.stringify(exported, null, 2));
    terminal.warn(
      call.flag('without-payments')
        ? 'Accounts and batches of the payment ledger stay behind: settle them on L1 first.'
        : 'Two chains must never settle on one L1 contract: the old one must not run again.',
    );
  },
};
