/**
 * Bank sends of many accounts through all nodes, one at a time for each account. A send that a node accepted
 * must come into a block, or the node must say what became of it, or the node itself must have died.
 */
import { payers, signSend, type Payer } from '../bench/payments.ts';
import { Rpc } from '../bench/rpc.ts';
import { Refusal, type NodeRpc } from './node-rpc.ts';
import { pause } from './waiting.ts';
import { txHash, type Watch } from './watch.ts';

const POLL_MS = 100;
/** After so long without a block that holds it, a send is asked about. */
const PATIENCE_MS = 8_000;
const RETRY_MS = 500;
const MEMPOOL_PAGE = '100';

/** A node as the load sees it. */
export interface Counter {
  readonly rpc: NodeRpc;
  /** Changes when the node was started again: its mempool is another one then. */
  starts(): number;
  isRunning(): boolean;
}

export interface LoadResult {
  readonly sent: number;
  readonly included: number;
  /** Handed in again because the node that had accepted it was killed. */
  readonly diedWithNode: number;
  /** Accepted, and gone without a word, from a node that lived on. */
  readonly silentlyLost: readonly string[];
}

export class Load {
  readonly #counters: readonly Counter[];
  readonly #watch: Watch;
  readonly #payers: readonly Payer[];
  readonly #silentlyLost: string[] = [];
  readonly #lanes: Promise<void>[];
  #stopping = false;
  #sent = 0;
  #included = 0;
  #diedWithNode = 0;

  private constructor(counters: readonly Counter[], watch: Watch, all: readonly Payer[]) {
    this.#counters = counters;
    this.#watch = watch;
    this.#payers = all;
    this.#lanes = all.map((_, index) => this.#lane(index));
  }

  static async start(
    counters: readonly Counter[],
    watch: Watch,
    options: { readonly url: string; readonly accounts: number },
  ): Promise<Load> {
    const rpc = new Rpc(options.url, 1);
    const all = await payers(rpc, options.accounts);
    rpc.close();
    return new Load(counters, watch, all);
  }

  get included(): number {
    return this.#included;
  }

  /** Resolves when every send that was begun is in a block. */
  async stop(): Promise<LoadResult> {
    this.#stopping = true;
    await Promise.all(this.#lanes);
    return {
      sent: this.#sent,
      included: this.#included,
      diedWithNode: this.#diedWithNode,
      silentlyLost: this.#silentlyLost,
    };
  }

  async #lane(index: number): Promise<void> {
    const payer = this.#payers[index] as Payer;
    const target = this.#payers[(index + 1) % this.#payers.length] as Payer;
    let at = index;
    while (!this.#stopping) {
      const tx = signSend(payer, target.address);
      this.#sent += 1;
      while (!(await this.#bring(tx, at))) at += 1;
      this.#included += 1;
    }
  }

  /** True when the send is in a block; false when another node should be tried. */
  async #bring(tx: Uint8Array, at: number): Promise<boolean> {
    const hash = txHash(tx);
    const counter = this.#counters[at % this.#counters.length] as Counter;
    const starts = counter.starts();
    const accepted = await this.#handIn(counter, tx);
    if (await this.#comes(hash, accepted ? PATIENCE_MS : RETRY_MS)) return true;
    if (accepted) await this.#whatBecame(counter, starts, hash);
    return this.#watch.included.has(hash);
  }

  async #handIn({ rpc, isRunning }: Counter, tx: Uint8Array): Promise<boolean> {
    if (!isRunning()) return false;
    const params = { tx: Buffer.from(tx).toString('base64') };
    try {
      const { code } = await rpc.call<{ code: number }>('broadcast_tx_sync', params);
      return code === 0;
    } catch {
      return false;
    }
  }

  async #comes(hash: string, limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (this.#watch.included.has(hash)) return true;
      await pause(POLL_MS);
    }
    return false;
  }

  /** A node that lives on and neither holds the send nor knows its block has lost it. */
  async #whatBecame(counter: Counter, starts: number, hash: string): Promise<void> {
    for (;;) {
      if (counter.starts() !== starts || !counter.isRunning()) {
        this.#diedWithNode += 1;
        return;
      }
      let held = await this.#isHeld(counter.rpc, hash);
      if (held === false) {
        // Out of the mempool and not found yet: so it is for a moment while its block is stored and indexed.
        await pause(RETRY_MS);
        held = await this.#isHeld(counter.rpc, hash);
      }
      if (held === true || this.#watch.included.has(hash)) return;
      if (held === false && counter.starts() === starts) {
        this.#silentlyLost.push(hash);
        return;
      }
      await pause(RETRY_MS);
    }
  }

  /** Undefined while the node does not answer. */
  async #isHeld(rpc: NodeRpc, hash: string): Promise<boolean | undefined> {
    try {
      const { txs } = await rpc.call<{ txs: readonly string[] }>('unconfirmed_txs', {
        limit: MEMPOOL_PAGE,
      });
      if (txs.some((tx) => txHash(Buffer.from(tx, 'base64')) === hash)) return true;
      // It may have left the mempool for a block between the two questions.
      const { height } = await rpc.call<{ height: string }>('tx', {
        hash: Buffer.from(hash, 'hex').toString('base64'),
      });
      this.#watch.included.set(hash, Number(height));
      return true;
    } catch (error) {
      return error instanceof Refusal ? false : undefined;
    }
  }
}
