/**
 * Deploys the contracts and writes deployment.json. Run again, it finds its own deployment and
 * changes nothing; it refuses to reuse one that pins another verifying key.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contract, ContractFactory, JsonRpcProvider, NonceManager, Wallet } from 'ethers';
import { concat, keccak256, toBeHex, type InterfaceAbi } from 'ethers';
import { buildContracts, type Artifact, type Artifacts } from './build.ts';
import { mined } from './mined.ts';
import { keyWords, type BatchShape, type SnarkjsKey } from './verifying-key.ts';

export interface DeployParams extends BatchShape {
  /** Chain id of our chain, such as bitscale-local-1. */
  readonly chainId: string;
  readonly genesisRoot: bigint;
  /** Defaults to the deployer. */
  readonly treasury?: string;
  readonly treasuryBps?: number;
  /** L1 blocks between submissions. */
  readonly minBlocksBetween?: number;
  /** Seconds until a queue item is due and overdue, and until an announced key is active. */
  readonly dueAfter?: number;
  readonly overdueAfter?: number;
  readonly timelock?: number;
}

/** A token to list: an existing one by address, else a mintable test token is deployed. */
export interface DeployToken {
  readonly symbol: string;
  readonly name?: string;
  readonly decimals: number;
  readonly address?: string;
}

export interface DeployOptions {
  readonly rpc: string;
  readonly privateKey: string;
  readonly vkey: SnarkjsKey;
  readonly validators: readonly { readonly address: string; readonly power: bigint | number }[];
  readonly tokens: readonly DeployToken[];
  readonly params: DeployParams;
  /** Where deployment.json is; without it nothing is read or written. */
  readonly out?: string;
}

export interface Deployment {
  readonly chainId: number;
  readonly rpc: string;
  readonly contracts: Record<string, { address: string; abi: Artifact['abi'] }>;
  readonly tokens: Record<string, { address: string; decimals: number }>;
}

const DAY = 86_400;
const DEFAULTS = {
  treasuryBps: 1000,
  minBlocksBetween: 0,
  dueAfter: 60,
  overdueAfter: DAY,
  timelock: 7 * DAY,
};

/** One deployer account and the artifacts, with nonces counted here. */
class Deployer {
  readonly #provider: JsonRpcProvider;
  readonly #signer: NonceManager;
  readonly #artifacts: Artifacts;
  readonly contracts: Deployment['contracts'] = {};

  constructor(provider: JsonRpcProvider, wallet: Wallet, artifacts: Artifacts) {
    this.#provider = provider;
    this.#signer = new NonceManager(wallet);
    this.#artifacts = artifacts;
  }

  async create(name: string, ...args: unknown[]): Promise<Contract> {
    const { abi, bytecode } = this.#artifact(name);
    const factory = new ContractFactory(abi as InterfaceAbi, bytecode, this.#signer);
    const hash = (await factory.deploy(...args)).deploymentTransaction()?.hash ?? '';
    const receipt = await mined(this.#provider, hash);
    if (receipt.status !== 1 || receipt.contractAddress === null) {
      throw new Error(`deploying ${name} failed in transaction ${hash}`);
    }
    return this.note(name, receipt.contractAddress);
  }

  /** Lists a contract that another one created. */
  note(name: string, address: string): Contract {
    const { abi } = this.#artifact(name);
    this.contracts[name] = { address, abi };
    return new Contract(address, abi as InterfaceAbi, this.#signer);
  }

  #artifact(name: string): Artifact {
    const artifact = this.#artifacts[name];
    if (artifact === undefined) throw new Error(`no such contract: ${name}`);
    return artifact;
  }
}

export async function deploy(options: DeployOptions): Promise<Deployment> {
  const provider = new JsonRpcProvider(options.rpc, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 100;
  try {
    const words = keyWords(options.vkey, options.params);
    const known = await findDeployment(provider, options, words);
    if (known !== undefined) return known;
    const deployment = await deployAll(provider, options, words);
    if (options.out !== undefined) {
      mkdirSync(dirname(options.out), { recursive: true });
      writeFileSync(options.out, `${JSON.stringify(deployment, null, 2)}\n`);
    }
    return deployment;
  } finally {
    provider.destroy();
  }
}

async function deployAll(
  provider: JsonRpcProvider,
  options: DeployOptions,
  words: bigint[],
): Promise<Deployment> {
  const wallet = new Wallet(options.privateKey, provider);
  const deployer = new Deployer(provider, wallet, buildContracts().artifacts);
  const params = { ...DEFAULTS, treasury: wallet.address, ...options.params };
  const validators = await deployer.create('Validators', members(options.validators));
  const keys = await deployer.create('VerifierRegistry', validators, params.timelock, words);
  const tokens = await deployTokens(deployer, options.tokens);
  const listed = Object.values(tokens).map(({ address }) => address);
  const rollup = await deployer.create('Rollup', params, validators, keys, listed);
  deployer.note('Bridge', (await rollup.getFunction('bridge')()) as string);
  deployer.note('Inbox', (await rollup.getFunction('inbox')()) as string);
  const { chainId } = await provider.getNetwork();
  const { TestToken: _, ...contracts } = deployer.contracts;
  return { chainId: Number(chainId), rpc: options.rpc, contracts, tokens };
}

/** Strictly increasing by address, as Validators.sol wants them. */
function members(validators: DeployOptions['validators']): { key: string; power: bigint }[] {
  return validators
    .map(({ address, power }) => ({ key: address, power: BigInt(power) }))
    .sort((a, b) => (BigInt(a.key) < BigInt(b.key) ? -1 : 1));
}

async function deployTokens(
  deployer: Deployer,
  tokens: readonly DeployToken[],
): Promise<Deployment['tokens']> {
  const out: Deployment['tokens'] = {};
  for (const { symbol, name, decimals, address } of tokens) {
    const fresh =
      address ??
      (await (await deployer.create('TestToken', name ?? symbol, symbol, decimals)).getAddress());
    out[symbol] = { address: fresh, decimals };
  }
  return out;
}

/** The deployment of an earlier run, if all its code is on this chain. */
async function findDeployment(
  provider: JsonRpcProvider,
  options: DeployOptions,
  words: bigint[],
): Promise<Deployment | undefined> {
  if (options.out === undefined || !existsSync(options.out)) return undefined;
  const found = JSON.parse(readFileSync(options.out, 'utf8')) as Deployment;
  if (BigInt(found.chainId) !== (await provider.getNetwork()).chainId) return undefined;
  const addresses = [...Object.values(found.contracts), ...Object.values(found.tokens)];
  const codes = await Promise.all(addresses.map(({ address }) => provider.getCode(address)));
  if (codes.some((code) => code === '0x')) return undefined;
  await requireSameKey(provider, found, words);
  return { ...found, rpc: options.rpc };
}

async function requireSameKey(
  provider: JsonRpcProvider,
  found: Deployment,
  words: bigint[],
): Promise<void> {
  const registry = found.contracts['VerifierRegistry'];
  if (registry === undefined) throw new Error('deployment.json lists no VerifierRegistry');
  const contract = new Contract(registry.address, registry.abi as InterfaceAbi, provider);
  const entry = (await contract.getFunction('entries')(1)) as { keyHash: string };
  const pinned = keccak256(concat(words.map((word) => toBeHex(word, 32))));
  if (entry.keyHash !== pinned) {
    throw new Error(
      'the contracts on this L1 pin another verifying key: start afresh (npm start -- --fresh)',
    );
  }
}

/** CLI: `deploy.ts options.json`, the options as in DeployOptions, vkey as an object or a path. */
async function main(path: string | undefined): Promise<void> {
  if (path === undefined) {
    console.error('usage: deploy.ts <options.json>');
    process.exitCode = 64;
    return;
  }
  const options = JSON.parse(readFileSync(path, 'utf8')) as DeployOptions & { vkey: unknown };
  const vkey: unknown =
    typeof options.vkey === 'string'
      ? JSON.parse(readFileSync(options.vkey, 'utf8'))
      : options.vkey;
  const deployment = await deploy({ ...options, vkey: vkey as SnarkjsKey });
  for (const [name, { address }] of Object.entries(deployment.contracts)) {
    console.log(`${name.padEnd(18)} ${address}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);
