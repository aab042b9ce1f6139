/** Where a node keeps its files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface Home {
  readonly root: string;
  readonly config: string;
  readonly data: string;
  readonly genesisFile: string;
  readonly configFile: string;
  readonly nodeKeyFile: string;
  readonly validatorKeyFile: string;
  readonly validatorStateFile: string;
  readonly validatorMarkFile: string;
  readonly addressBookFile: string;
  readonly wal: string;
  readonly blocks: string;
  readonly index: string;
  readonly state: string;
  readonly snapshots: string;
  /** Left for the program of the next upgrade. */
  readonly upgradeInfoFile: string;
}

export function homeAt(root: string): Home {
  const config = join(root, 'config');
  const data = join(root, 'data');
  return {
    root,
    config,
    data,
    genesisFile: join(config, 'genesis.json'),
    configFile: join(config, 'config.json'),
    nodeKeyFile: join(config, 'node_key.json'),
    validatorKeyFile: join(config, 'priv_validator_key.json'),
    validatorMarkFile: join(config, 'priv_validator_mark.json'),
    validatorStateFile: join(data, 'priv_validator_state.json'),
    addressBookFile: join(data, 'addrbook.json'),
    wal: join(data, 'wal'),
    blocks: join(data, 'blocks'),
    index: join(data, 'index'),
    state: join(data, 'state'),
    snapshots: join(data, 'snapshots'),
    upgradeInfoFile: join(data, 'upgrade-info.json'),
  };
}

export async function makeHome(home: Home): Promise<void> {
  await mkdir(home.config, { recursive: true });
  await mkdir(home.data, { recursive: true });
}
