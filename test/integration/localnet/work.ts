/** Work for the whole pipeline: users, ledger operations, deposits, and what L1 and the chain say of batches. */
import { JsonRpcProvider } from 'ethers';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import { nodeRpc } from '../../../node/cli/localnet/layout.ts';
import { remoteChain } from '../../../node/rollup/chain.ts';
import { L1Client, type L1Tip } from '../../../node/rollup/l1-client.ts';
import { STATUS } from '../../../node/rollup/queries.ts';
import { keyToWire } from '../../../modules/ledger/client.ts';
import type { QueryStatusResponse } from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import type { Account } from '../../../proto/gen/bitscale/ledger/v1/types.ts';
import { Chain, connect, send } from '../../../services/demo/chain.ts';
import { L1, readDeployment } from '../../../services/demo/l1.ts';
import { newPerson, personFrom, type Person } from '../../../services/demo/wallets.ts';

const UNIT = 1_000_000n;
const USDA = { id: 1, symbol: 'USDA' };
const GAS = 600_000;

export class Work {
  readonly #chain: Chain;
  readonly #l1: L1;
  readonly #client: L1Client;
  readonly #bank: Person;
  readonly #newPerson: () => Promise<Person>;

  private constructor(parts: {
    chain: Chain;
    l1: L1;
    client: L1Client;
    bank: Person;
    newPerson: () => Promise<Person>;
  }) {
    this.#chain = parts.chain;
    this.#l1 = parts.l1;
    this.#client = parts.client;
    this.#bank = parts.bank;
    this.#newPerson = parts.newPerson;
  }

  static async begin(home: string): Promise<Work> {
    const deployment = readDeployment(home);
    const comet = await connect(nodeRpc(0));
    const l1 = new L1(deployment);
    const networks = { comet, l1: l1.provider };
    return new Work({
      chain: new Chain(comet),
      l1,
      client: new L1Client(deployment),
      bank: await personFrom('bank', TEST_MNEMONIC, networks),
      newPerson: () => newPerson('customer', networks),
    });
  }

  end(): void {
    this.#l1.provider.destroy();
    this.#client.close();
  }

  async balance(): Promise<string> {
    return (await this.#bank.client.getBalance(this.#bank.address, 'uscale')).amount;
  }

  /** One ledger operation, enough to make a batch that has to be proven. */
  async register(): Promise<void> {
    const { ledger } = await this.#newPerson();
    const owner = keyToWire(ledger.key);
    const value = { submitter: this.#bank.address, token: USDA.id, owner };
    await send(this.#bank, [{ typeUrl: '/bitscale.ledger.v1.MsgRegisterAccount', value }], GAS);
  }

  /** A deposit that is in an L1 block, not a final one yet; answers how to ask for the credited account. */
  async deposit(): Promise<() => Promise<Account | undefined>> {
    const customer = await this.#newPerson();
    await this.#l1.fund(this.#bank, customer, 10n ** 17n);
    await this.#l1.deposit(customer, USDA.symbol, 5n * UNIT, customer.ledger.key);
    return () => this.#chain.account(customer.ledger.key, USDA.id);
  }

  batches(): Promise<QueryStatusResponse> {
    return remoteChain(nodeRpc(0)).query(STATUS, {});
  }

  tip(): Promise<L1Tip> {
    return this.#client.tip();
  }

  /** L1 block of the newest accepted submission. */
  async newestSubmission(): Promise<number> {
    const latest = (await this.#client.blockNumber('latest')) ?? 0;
    const runs = await this.#client.runs(0, latest);
    return Number(runs.at(-1)?.l1Block ?? 0n);
  }

  async l1Height(): Promise<number> {
    return (await this.#client.blockNumber('latest')) ?? 0;
  }

  /** Replaces the newest `depth` blocks of L1 by empty ones. */
  async reorganise(depth: number): Promise<void> {
    await (this.#client.provider as JsonRpcProvider).send('anvil_reorg', [depth, []]);
  }
}
