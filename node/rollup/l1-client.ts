/** The L1 contracts as the rollup parts see them: reads at a block, events in a range, submissions. */
import { Contract, JsonRpcProvider, type InterfaceAbi, type Log, type Result } from 'ethers';
import { bigIntToBytes, fromHex, type Bytes } from '../base/bytes.ts';

/** l1/deployment.json. */
export interface Deployment {
  readonly chainId: number;
  readonly rpc: string;
  readonly contracts: Record<string, { readonly address: string; readonly abi: InterfaceAbi }>;
  readonly tokens: Record<string, { readonly address: string; readonly decimals: number }>;
}

export interface L1Tip {
  readonly root: bigint;
  readonly rolling: Bytes;
  readonly batchCount: bigint;
  /** Deposits consumed from the queue. */
  readonly consumed: bigint;
}

export interface QueuedDeposit {
  readonly index: bigint;
  readonly token: number;
  readonly amount: bigint;
  readonly ax: Bytes;
  readonly ay: Bytes;
}

/** A run of batches that the contract has accepted. */
export interface AcceptedRun {
  readonly first: bigint;
  readonly last: bigint;
  /** Of the last batch. */
  readonly rolling: Bytes;
  readonly txHash: Bytes;
  readonly l1Block: bigint;
  readonly prover: string;
}

/** Blocks asked for in one eth_getLogs call. */
const LOG_RANGE = 2_000;

export class L1Client {
  readonly provider: JsonRpcProvider;
  readonly rollup: Contract;
  readonly inbox: Contract;

  constructor(deployment: Deployment, rpc: string = deployment.rpc) {
    this.provider = new JsonRpcProvider(rpc, deployment.chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
    });
    this.rollup = this.#contract(deployment, 'Rollup');
    this.inbox = this.#contract(deployment, 'Inbox');
  }

  #contract(deployment: Deployment, name: string): Contract {
    const entry = deployment.contracts[name];
    if (!entry) throw new Error(`deployment.json lists no ${name} contract`);
    return new Contract(entry.address, entry.abi, this.provider);
  }

  close(): void {
    this.provider.destroy();
  }

  /** Number of the newest block with this tag; undefined when L1 has none yet. */
  async blockNumber(tag: 'latest' | 'finalized'): Promise<number | undefined> {
    const block = await this.provider.getBlock(tag);
    return block?.number;
  }

  async tip(): Promise<L1Tip> {
    const tip = await this.rollup.getFunction('state')();
    return {
      root: BigInt(tip.root),
      rolling: hex(tip.rolling),
      batchCount: BigInt(tip.batchCount),
      consumed: BigInt(tip.consumed),
    };
  }

  async deposits(fromBlock: number, toBlock: number): Promise<QueuedDeposit[]> {
    const logs = await this.#logs(this.inbox, 'DepositQueued', fromBlock, toBlock);
    return logs.map(({ args }) => ({
      index: BigInt(args['index']),
      token: Number(args['tokenId']),
      amount: BigInt(args['amount']),
      ax: bigIntToBytes(BigInt(args['ax']), 32),
      ay: bigIntToBytes(BigInt(args['ay']), 32),
    }));
  }

  /** Accepted runs in L1 order. */
  async runs(fromBlock: number, toBlock: number): Promise<AcceptedRun[]> {
    const accepted = await this.#logs(this.rollup, 'RunAccepted', fromBlock, toBlock);
    if (accepted.length === 0) return [];
    const batches = await this.#logs(this.rollup, 'BatchProven', fromBlock, toBlock);
    const rolling = new Map(batches.map(({ args }) => [BigInt(args['batchNo']), args['rolling']]));
    return accepted.map(({ args, log }) => ({
      first: BigInt(args['first']),
      last: BigInt(args['last']),
      rolling: hex(rolling.get(BigInt(args['last']))),
      txHash: hex(log.transactionHash),
      l1Block: BigInt(log.blockNumber),
      prover: String(args['prover']),
    }));
  }

  async #logs(contract: Contract, event: string, fromBlock: number, toBlock: number) {
    const found: { args: Result; log: Log }[] = [];
    const address = await contract.getAddress();
    const topic = contract.interface.getEvent(event)?.topicHash ?? '';
    for (let start = fromBlock; start <= toBlock; start += LOG_RANGE) {
      const end = Math.min(toBlock, start + LOG_RANGE - 1);
      const range = { address, topics: [topic], fromBlock: start, toBlock: end };
      for (const log of await this.provider.getLogs(range)) {
        const parsed = contract.interface.parseLog(log);
        if (parsed) found.push({ args: parsed.args, log });
      }
    }
    return found;
  }
}

function hex(text: string | undefined): Bytes {
  return fromHex((text ?? '').replace(/^0x/, ''));
}
