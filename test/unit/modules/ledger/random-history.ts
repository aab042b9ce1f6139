/** Random histories of the ledger: registrations, deposits, payments, conversions, quotes, many of them refused. */
import type { TxResult } from '../../../../node/app/abci.ts';
import { toHex, type Bytes } from '../../../../node/base/bytes.ts';
import { OP_CONVERT, OP_TRANSFER, OP_WITHDRAW } from '../../../../modules/ledger/intent.ts';
import * as wire from '../../../../proto/gen/bitscale/ledger/v1/query.ts';
import { LedgerChain, LATER, SHAPE } from './chain.ts';
import { random, wallet, type Wallet } from './support.ts';

const OPERATIONS = [OP_TRANSFER, OP_TRANSFER, OP_CONVERT, OP_WITHDRAW];
export const OWNERS = [1, 2, 3].map(wallet);
export const TOKENS = [1, 2, 3];
export const SMALL = { ...SHAPE, slots: 3 };

interface Place {
  readonly owner: Wallet;
  readonly token: bigint;
  readonly index: bigint;
}

export const account = {
  path: '/bitscale.ledger.v1.Query/Account',
  request: wire.QueryAccountRequest,
  response: wire.QueryAccountResponse,
};

export class History {
  readonly chain = new LedgerChain({ shape: SMALL, maxAgeSeconds: 4n });
  readonly blocks: {
    txs: Bytes[];
    seconds: bigint;
    appHash: string;
    results: readonly TxResult[];
  }[] = [];
  readonly #next: (below: number) => number;
  readonly #places: Place[] = [];
  #quotes: string[] = [];
  /** What went in and out, by token: counted from what was answered, not from the state. */
  readonly deposited = new Map<bigint, bigint>();
  readonly withdrawn = new Map<bigint, bigint>();
  readonly codes = new Set<number>();

  constructor(seed: number) {
    this.#next = random(seed);
  }

  async #block(txs: Bytes[]): Promise<ReturnType<LedgerChain['block']>> {
    const seconds = BigInt(1 + this.#next(3));
    const response = await this.chain.block(txs, seconds);
    const { appHash, txResults: results } = response;
    this.blocks.push({ txs, seconds, appHash: toHex(appHash), results });
    return response;
  }

  async begin(): Promise<void> {
    const { chain } = this;
    for (const owner of OWNERS) {
      for (const token of TOKENS) {
        await this.#block([chain.tx([chain.register(owner, token)])]);
        const index = BigInt(this.#places.length + 1);
        this.#places.push({ owner, token: BigInt(token), index });
        await this.#deposit(owner, token);
      }
    }
  }

  async #deposit(owner: Wallet, token: number): Promise<void> {
    const amount = BigInt(1 + this.#next(5_000));
    const deposits = [this.chain.nextDeposit(owner, token, amount)];
    const txs = this.chain.validators.map(({ key }) =>
      this.chain.tx([this.chain.attestL1({ deposits }, key)], key),
    );
    await this.#block(txs);
    add(this.deposited, BigInt(token), amount);
  }

  /** A block of random messages, many of them refused. */
  async step(): Promise<void> {
    const txs: Bytes[] = [];
    if (this.#next(6) === 0) await this.#deposit(this.#pick(OWNERS), this.#pick(TOKENS));
    if (this.#next(3) === 0) txs.push(await this.#postQuote());
    const withdrawals: (readonly [at: number, token: bigint, amount: bigint])[] = [];
    for (let i = this.#next(4); i >= 0; i--) {
      const intent = await this.#intent();
      if (intent.op === OP_WITHDRAW) withdrawals.push([txs.length, intent.token, intent.amount]);
      txs.push(this.chain.tx([this.chain.submit(intent)]));
    }
    const { txResults } = await this.#block(txs);
    for (const { code } of txResults) this.codes.add(code);
    for (const [at, token, amount] of withdrawals) {
      if (txResults[at]?.code === 0) add(this.withdrawn, token, amount);
    }
  }

  async #intent() {
    const from = this.#pick(this.#places);
    const op = this.#pick(OPERATIONS);
    const toToken = op === OP_CONVERT ? (from.token % 3n) + 1n : from.token;
    const to = this.#pick(this.#places.filter(({ token }) => token === toToken));
    const { account: state } = await this.chain.ask.query(account, { index: Number(from.index) });
    const amount = BigInt(1 + this.#next(900));
    const converts = op === OP_CONVERT;
    return this.chain.sign(from.owner, {
      op,
      sIdx: from.index,
      token: from.token,
      amount,
      fee: BigInt(this.#next(3)),
      nonce: (state?.nonce ?? 0n) + (this.#next(8) === 0 ? 1n : 0n),
      expiry: this.#next(12) === 0 ? 5n : LATER,
      ...(op === OP_WITHDRAW ? { rIdx: 0n, memo: 0x99n } : { rIdx: to.index }),
      ...(converts && { tokenOut: toToken, amountOut: (amount * 9n) / 10n || 1n }),
      ...(converts && { quoteId: this.#pick(this.#quotes) ?? 'none' }),
    });
  }

  async #postQuote(): Promise<Bytes> {
    const pays = this.#pick(this.#places);
    const tokenIn = ((pays.token + 1n) % 3n) + 1n;
    const earns = this.#pick(this.#places.filter(({ token }) => token === tokenIn));
    const { account: state } = await this.chain.ask.query(account, { index: Number(pays.index) });
    const { id, quote } = this.chain.quote(pays.owner, {
      inIdx: earns.index,
      outIdx: pays.index,
      tokenIn,
      tokenOut: pays.token,
      nonce: state?.nonce ?? 0n,
      uses: 20n,
      num: 9n,
      den: 10n,
      max: BigInt(300 + this.#next(2_000)),
    });
    this.#quotes = [id, ...this.#quotes].slice(0, 4);
    return this.chain.tx([this.chain.post(quote)]);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#next(list.length)] as T;
  }
}

export const add = (to: Map<bigint, bigint>, token: bigint, amount: bigint): void =>
  void to.set(token, (to.get(token) ?? 0n) + amount);
