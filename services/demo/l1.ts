/** L1 as any wallet sees it: ERC-20 tokens and the bridge. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contract, JsonRpcProvider, type InterfaceAbi } from 'ethers';
import type { PublicKey } from '../../modules/ledger/client.ts';
import type { Person } from './wallets.ts';

export interface Deployment {
  readonly chainId: number;
  readonly rpc: string;
  readonly contracts: Record<string, { readonly address: string; readonly abi: InterfaceAbi }>;
  readonly tokens: Record<string, { readonly address: string; readonly decimals: number }>;
}

const ERC20 = [
  'function mint(address to, uint256 amount)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
];

/** Throws with the repair when the network of this folder has no L1. */
export function readDeployment(home: string): Deployment {
  const path = join(home, 'l1', 'deployment.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Deployment;
  } catch {
    throw new Error(
      `there is no ${path}. The network needs an L1: start it without --no-l1, ` +
        'or name its folder with --home.',
    );
  }
}

export class L1 {
  readonly provider: JsonRpcProvider;
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    const options = { staticNetwork: true, cacheTimeout: -1 };
    this.provider = new JsonRpcProvider(deployment.rpc, deployment.chainId, options);
    this.provider.pollingInterval = 200;
  }

  /** Throws unless L1 answers and has the contracts. */
  async check(): Promise<void> {
    const rollup = this.#deployment.contracts['Rollup']?.address ?? '';
    const code = await this.provider.getCode(rollup).catch(() => undefined);
    const where = this.#deployment.rpc;
    if (code === undefined) throw new Error(`L1 does not answer at ${where}. Is it running?`);
    if (code === '0x') throw new Error(`the L1 at ${where} has no contracts of this network.`);
  }

  #token(symbol: string): { address: string; decimals: number } {
    const token = this.#deployment.tokens[symbol];
    if (!token) throw new Error(`no token ${symbol} on L1`);
    return token;
  }

  #bridge(person?: Person): Contract {
    const bridge = this.#deployment.contracts['Bridge'];
    if (!bridge) throw new Error('no Bridge on L1');
    return new Contract(bridge.address, bridge.abi, person?.l1 ?? this.provider);
  }

  /** Micro-units to the token's own smallest units. */
  #raw(symbol: string, micro: bigint): bigint {
    return micro * 10n ** BigInt(this.#token(symbol).decimals - 6);
  }

  /** Gives a person some ETH for gas, from the faucet account. */
  async fund(from: Person, to: Person, wei: bigint): Promise<void> {
    const sent = await from.l1.sendTransaction({ to: to.l1Address, value: wei });
    await sent.wait();
  }

  /** Mints test tokens to the person and deposits them for a ledger key. Answers the L1 transaction. */
  async deposit(person: Person, symbol: string, micro: bigint, key: PublicKey): Promise<string> {
    const { address } = this.#token(symbol);
    const token = new Contract(address, ERC20, person.l1);
    const bridge = this.#bridge(person);
    const amount = this.#raw(symbol, micro);
    const sent = [
      await token.getFunction('mint')(person.l1Address, amount),
      await token.getFunction('approve')(bridge.target, amount),
    ];
    for (const tx of sent) await tx.wait();
    const deposit = await bridge.getFunction('deposit')(address, amount, key.ax, key.ay);
    const receipt = await deposit.wait();
    return receipt.hash as string;
  }

  async balance(symbol: string, account: string): Promise<bigint> {
    const token = new Contract(this.#token(symbol).address, ERC20, this.provider);
    return (await token.getFunction('balanceOf')(account)) as bigint;
  }

  /** Pays out everything that the bridge owes the person. */
  async claim(person: Person, tokenId: number): Promise<string> {
    const sent = await this.#bridge(person).getFunction('claim')(tokenId, person.l1Address);
    const receipt = await sent.wait();
    return receipt.hash as string;
  }

  /** Gas and block time (Unix seconds) of a transaction. */
  async facts(txHash: string): Promise<{ gas: bigint; time: number }> {
    const receipt = await this.provider.getTransactionReceipt(txHash);
    if (!receipt) throw new Error(`L1 does not know ${txHash}`);
    const block = await this.provider.getBlock(receipt.blockNumber);
    return { gas: receipt.gasUsed, time: block?.timestamp ?? 0 };
  }

  decimals(symbol: string): number {
    return this.#token(symbol).decimals;
  }
}
