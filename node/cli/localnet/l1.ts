/** Brings the local L1 up: anvil, the contracts, money for those who submit. */
import { readFileSync } from 'node:fs';
import { toHex } from '../../base/bytes.ts';
import { emptyRoot } from '../../../modules/ledger/accounts.ts';
import { deploy, type Deployment } from '../../../contracts/tools/deploy.ts';
import { L1_PORT } from './anvil.ts';
import type { BuiltCircuit } from './circuit.ts';
import { mineEvery, setBalance, waitForL1 } from './l1-rpc.ts';
import { LOCAL_CHAIN_ID, type LocalHome } from './layout.ts';
import {
  attesters,
  deployerKey,
  LOCAL_TOKENS,
  proverKey,
  type LocalKeys,
} from './network-files.ts';
import type { LocalOptions } from './options.ts';

export const L1_URL = `http://127.0.0.1:${L1_PORT}`;
const L1_BLOCK_SECONDS = 1;
const ONE_ETH = 10n ** 18n;
/** A local network wants to see its deposits soon and must bear a machine that sleeps. */
const QUEUE = { dueAfter: 20, overdueAfter: 7 * 86_400 };

/** After each start of anvil: it forgets its mining interval. */
export async function resumeMining(signal: AbortSignal): Promise<void> {
  await waitForL1(L1_URL, signal);
  await mineEvery(L1_URL, L1_BLOCK_SECONDS);
}

export async function deployContracts(
  parts: { home: LocalHome; options: LocalOptions; keys: LocalKeys; circuit: BuiltCircuit },
  signal: AbortSignal,
): Promise<Deployment> {
  const { home, options, keys, circuit } = parts;
  await waitForL1(L1_URL, signal);
  const deployer = deployerKey(keys);
  await setBalance(L1_URL, `0x${toHex(deployer.address)}`, 1_000n * ONE_ETH);
  for (let index = 0; index < options.provers; index++) {
    const address = `0x${toHex(proverKey(keys, index).address)}`;
    await setBalance(L1_URL, address, 1_000n * ONE_ETH);
  }
  return deploy({
    rpc: L1_URL,
    privateKey: `0x${toHex(deployer.privateKey)}`,
    vkey: circuit.vkey,
    validators: attesters(keys, options),
    tokens: LOCAL_TOKENS,
    params: {
      chainId: LOCAL_CHAIN_ID,
      genesisRoot: emptyRoot(circuit.shape.depth),
      slots: circuit.shape.slots,
      feeTokens: circuit.shape.feeTokens,
      ...QUEUE,
    },
    out: home.deployment,
  });
}

export function readDeployment(home: LocalHome): Deployment {
  return JSON.parse(readFileSync(home.deployment, 'utf8')) as Deployment;
}
