/** The mempool as the node drives it: what peers send is judged, what clients send is spread. */
import type { Bytes } from './base/bytes.ts';
import { BitscaleError } from './base/errors.ts';
import { MAX_GOSSIP_TX_BYTES } from './base/limits.ts';
import { TX_DECODE } from './base/sdk-errors.ts';
import type { TxResult } from './app/abci.ts';
import { Mempool } from './mempool/mempool.ts';
import type { Verdict } from './network/tx-inbox.ts';
import type { Pool } from './node.ts';

export class NodePool implements Pool {
  readonly mempool: Mempool;

  constructor(deps: ConstructorParameters<typeof Mempool>[0]) {
    this.mempool = new Mempool(deps);
  }

  reap(maxBytes: number, maxGas: bigint): readonly Bytes[] {
    return this.mempool.reap(maxBytes, maxGas);
  }

  update(height: number, txs: readonly Bytes[], results: readonly TxResult[]): void {
    this.mempool.update(height, txs, results);
  }

  /** Passed on when it brought something new; blamed on the sender when nothing in it can be read. */
  receive(peerId: string, txs: readonly Bytes[]): Verdict {
    let unreadable = 0;
    let accepted = 0;
    for (const tx of txs) {
      try {
        const { code, codespace } = this.mempool.add(tx, peerId);
        if (code === 0) accepted += 1;
        else if (codespace === TX_DECODE.codespace && code === TX_DECODE.code) unreadable += 1;
      } catch (error) {
        // Known already, too large, or no room: nobody's fault.
        if (!(error instanceof BitscaleError)) throw error;
      }
    }
    if (accepted > 0) return 'accept';
    return unreadable === txs.length ? 'reject' : 'ignore';
  }

  onLocal(listener: (tx: Bytes) => void): void {
    this.mempool.onAdded((tx, from) => {
      // What does not fit gossip goes from node to node, and each must hand it on.
      if (from === undefined || tx.length > MAX_GOSSIP_TX_BYTES) listener(tx);
    });
  }
}
