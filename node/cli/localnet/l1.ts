/** Brings the local L1 up: anvil, the contracts, money for those who submit. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { toHex } from '../../base/bytes.ts';
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';
import { emptyRoot } from '../../../modules/ledger/accounts.ts';
import { deploy, type Deployment } from '../../../contracts/tools/deploy.ts';
import { L1_PORT } from './anvil.ts';
import type { BuiltCircuit } from './circuit.ts';
import { callL1, mineEvery, setBalance, waitForL1 } from './l1-rpc.ts';
import { LOCAL_CHAIN_ID, type LocalHome } from './layout.ts';
import {
  attesters,
  deployerKey,
  LOCAL_TOKENS,
  proverKey,
  type LocalKeys,
} from './network-files.ts';
import type { LocalOptions } from './options.ts';
import { pause, unlessAborted } from './waiting.ts';

const L1_URL = `http://127.0.0.1:${L1_PORT}`;
const L1_BLOCK_SECONDS = 1;
const ONE_ETH = 10n ** 18n;
/** Far longer than writing the first, small dump takes. */
const DUMP_MS = 200;
const POLL_MS = 50;
/** A local network wants to see its deposits soon and must bear a machine that sleeps. */
const QUEUE = { dueAfter: 20, overdueAfter: 7 * 86_400 };

/** After each start of anvil: it forgets its mining interval. */
export async function resumeMining(signal: AbortSignal): Promise<void> {
  await waitForL1(L1_URL, signal);
  await mineEvery(L1_URL, L1_BLOCK_SECONDS);
}

interface L1Parts {
  readonly home: LocalHome;
  readonly options: LocalOptions;
  readonly keys: LocalKeys;
  readonly circuit: BuiltCircuit;
}

/**
 * Deploys, or finds the contracts of the run before. Throws ExitError 78 when they do not fit this chain
 * or this circuit any more.
 */
export async function deployContracts(parts: L1Parts, signal: AbortSignal): Promise<Deployment> {
  const { home, options, keys, circuit } = parts;
  await waitForL1(L1_URL, signal);
  await requireContracts(home);
  const deployer = deployerKey(keys);
  const submitters = Array.from({ length: options.provers }, (_, index) => proverKey(keys, index));
  for (const { address } of [deployer, ...submitters]) {
    await setBalance(L1_URL, `0x${toHex(address)}`, 1_000n * ONE_ETH);
  }
  const work = deploy({
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
  const deployment = await unlessAborted(work, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new ExitError(EXIT_CONFIG, `L1: ${(cause as Error).message}`, { cause });
  });
  if (!existsSync(home.genesis)) await untilDumped(home, signal);
  return deployment;
}

/** The chain has counted on these contracts since its genesis: an L1 without them cannot be mended. */
async function requireContracts(home: LocalHome): Promise<void> {
  if (!existsSync(home.genesis)) return;
  const rollup = existsSync(home.deployment) && readDeployment(home).contracts['Rollup']?.address;
  if (rollup && (await callL1(L1_URL, 'eth_getCode', rollup, 'latest')) !== '0x') return;
  throw new ExitError(
    EXIT_CONFIG,
    `L1 has lost the contracts of the chain in ${home.root}; begin anew with --fresh`,
  );
}

/** Until the contracts are on disk, a killed anvil would forget them. */
async function untilDumped(home: LocalHome, signal: AbortSignal): Promise<void> {
  const wanted = Date.now() + DUMP_MS;
  const written = (): number => statSync(home.l1State, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  while (written() < wanted) {
    signal.throwIfAborted();
    await pause(POLL_MS, signal);
  }
}

export function readDeployment(home: LocalHome): Deployment {
  return JSON.parse(readFileSync(home.deployment, 'utf8')) as Deployment;
}
