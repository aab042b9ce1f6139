/** Writes the homes of all nodes and provers of a local network: keys, settings and the one genesis file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  accountKey,
  l1Key,
  localValidator,
  seedOf,
  TEST_MNEMONIC,
  validatorKeys,
} from '../../../genesis/local-keys.ts';
import { formatGenesis, localGenesis } from '../../../genesis/local.ts';
import { ledgerDomain } from '../../../modules/ledger/intent.ts';
import { fieldToBytes } from '../../../modules/ledger/field.ts';
import { accountText } from '../../base/address.ts';
import { fromHex, toHex, type Bytes } from '../../base/bytes.ts';
import { timeFromMillis } from '../../base/time.ts';
import { encodeValidatorKey } from '../../engine/signer-files.ts';
import { homeAt } from '../../home.ts';
import { encodeNodeKey, nodeIdentity } from '../../network/node-key.ts';
import { L1_CHAIN_ID } from './anvil.ts';
import type { BuiltCircuit } from './circuit.ts';
import { LOCAL_CHAIN_ID, nodeRpc, portsOf, type LocalHome, type NodePorts } from './layout.ts';
import type { LocalOptions } from './options.ts';

/** The tokens of the local bridge, in the order of their ids. */
export const LOCAL_TOKENS = [
  { id: 1, symbol: 'USDA', name: 'Test Dollar A', decimals: 6 },
  { id: 2, symbol: 'USDB', name: 'Test Dollar B', decimals: 18 },
] as const;

/** Branches of the Ethereum path: users 0, validators' attestations 1, provers and the deployer 2. */
const PROVER_BRANCH = 2;
const DEPLOYER_INDEX = 1_000;
const MAX_BATCH_AGE_SECONDS = 3;
const PROVING_INTERVAL_SECONDS = 30;
const PRIVATE = { mode: 0o600 };

export interface LocalKeys {
  readonly mnemonic: string;
  readonly seed: Bytes;
}

export async function localKeys(): Promise<LocalKeys> {
  return { mnemonic: TEST_MNEMONIC, seed: await seedOf(TEST_MNEMONIC) };
}

export const proverKey = ({ seed }: LocalKeys, index: number) => l1Key(seed, index, PROVER_BRANCH);
export const deployerKey = ({ seed }: LocalKeys) => l1Key(seed, DEPLOYER_INDEX, PROVER_BRANCH);

/** What L1 must know of the validators before the chain begins. */
export function attesters(keys: LocalKeys, options: LocalOptions) {
  return Array.from({ length: options.validators }, (_, index) => ({
    address: `0x${toHex(validatorKeys(keys.seed, index).attestation.address)}`,
    power: 1_000_000,
  }));
}

export interface NetworkPlan {
  readonly home: LocalHome;
  readonly options: LocalOptions;
  readonly keys: LocalKeys;
  readonly circuit: BuiltCircuit;
  /** Address of the Rollup contract; zeros without L1. */
  readonly rollup: string;
  /** Other ports than the fixed ones. */
  readonly ports?: (index: number) => NodePorts;
}

export function writeNetwork(plan: NetworkPlan): void {
  const { home, options } = plan;
  const genesis = genesisText(plan);
  write(home.genesis, genesis);
  for (let index = 0; index < options.validators; index++) writeNode(plan, index, genesis);
}

function genesisText({ options, keys, circuit, rollup }: NetworkPlan): string {
  const address = fromHex(rollup.slice(2));
  const domain = ledgerDomain(LOCAL_CHAIN_ID, BigInt(L1_CHAIN_ID), address);
  const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  return formatGenesis(
    localGenesis({
      chainId: LOCAL_CHAIN_ID,
      time: timeFromMillis(Date.now()),
      validators: indexes(options.validators).map((index) =>
        localValidator(validatorKeys(keys.seed, index), index),
      ),
      accounts: indexes(options.accounts).map((index) => accountKey(keys.seed, index).address),
      ledger: {
        shape: circuit.shape,
        domain: fieldToBytes(domain),
        tokens: LOCAL_TOKENS.map(({ id, symbol, decimals }) => ({ id, symbol, decimals })),
      },
      settlement: {
        l1ChainId: BigInt(L1_CHAIN_ID),
        rollup: address,
        maxBatchAgeSeconds: MAX_BATCH_AGE_SECONDS,
        provingIntervalSeconds: PROVING_INTERVAL_SECONDS,
        stakePrice: 1n,
      },
    }),
  );
}

function writeNode(plan: NetworkPlan, index: number, genesis: string): void {
  const { home, keys } = plan;
  const node = homeAt(home.node(index));
  const own = validatorKeys(keys.seed, index);
  write(node.genesisFile, genesis);
  write(node.validatorKeyFile, encodeValidatorKey(own.consensusSeed), PRIVATE);
  write(node.nodeKeyFile, encodeNodeKey(own.nodeSeed), PRIVATE);
  const operator = {
    address: accountText(own.operator.address),
    account: toHex(own.operator.privateKey),
    attestation: toHex(own.attestation.privateKey),
  };
  write(join(node.config, 'operator_key.json'), json(operator), PRIVATE);
}

/** Settings can change from start to start (block time), keys and genesis cannot. */
export function writeSettings(plan: Omit<NetworkPlan, 'circuit' | 'rollup'>): void {
  for (let index = 0; index < plan.options.validators; index++) {
    write(homeAt(plan.home.node(index)).configFile, json(nodeSettings(plan, index)));
  }
}

function nodeSettings(
  { options, keys, home, ports = portsOf }: Omit<NetworkPlan, 'circuit' | 'rollup'>,
  index: number,
) {
  const { p2p, rpc, metrics, api, grpc } = ports(index);
  const peers = Array.from({ length: options.validators }, (_, i) => i).filter((i) => i !== index);
  return {
    moniker: `node${index}`,
    p2p: {
      host: '127.0.0.1',
      port: p2p,
      persistentPeers: peers.map((i) => {
        const { peerId } = nodeIdentity(validatorKeys(keys.seed, i).nodeSeed);
        return `/ip4/127.0.0.1/tcp/${ports(i).p2p}/p2p/${peerId}`;
      }),
    },
    rpc: { port: rpc, corsOrigins: ['*'] },
    metrics: { port: metrics },
    api: { port: api, corsOrigins: ['*'] },
    grpc: { port: grpc },
    consensus: { blockTimeMs: options.blockTimeMs },
    l1: options.l1 ? { enabled: true, deployment: home.deployment } : { enabled: false },
  };
}

export function writeProver(
  { home, keys, options }: Omit<NetworkPlan, 'circuit' | 'rollup'>,
  circuit: BuiltCircuit,
  index: number,
): void {
  const settings = {
    chainId: LOCAL_CHAIN_ID,
    nodeRpc: nodeRpc(index % options.validators),
    deployment: home.deployment,
    circuit: { folder: circuit.folder, profile: circuit.profile },
    rotation: { index, count: options.provers, takeoverSeconds: 90 },
    gatherSeconds: 8,
    ...(options.proverCommand && { command: options.proverCommand }),
  };
  write(join(home.prover(index), 'prover.json'), json(settings));
  const secret = { l1Secret: toHex(proverKey(keys, index).privateKey) };
  write(join(home.prover(index), 'prover_key.json'), json(secret), PRIVATE);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function write(path: string, text: string, options: { mode?: number } = {}): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, options);
}
