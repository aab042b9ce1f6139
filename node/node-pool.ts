/** The mempool as the node drives it: what peers send is judged, what clients send is spread. */
import type { Bytes } from './base/bytes.ts';
import { BitscaleError } from './base/errors.ts';
import { MAX_GOSSIP_TX_BYTES } from './base/limits.ts';
import { TX_DECODE, UNAUTHORIZED } from './base/sdk-errors.ts';
import type { CheckTxResult, TxResult } from './app/abci.ts';
import { Mempool } from './mempool/mempool.ts';
import type { Verdict } from './network/tx-inbox.ts';
import type { Pool } from './node.ts';

export class NodePool implements Pool {
  readonly mempool: Mempool;

  constructor(deps: ConstructorParameters<typeof Mempool>[0]) {
    this.mempool = new Mempool(deps);
  }

  reap(maxBytes: number, maxGas: bigint, maxTxs: number): readonly Bytes[] {
    return this.mempool.reap(maxBytes, maxGas, maxTxs);
  }

  update(height: number, txs: readonly Bytes[], results: readonly TxResult[]): void {
    this.mempool.update(height, txs, results);
  }

  recount(): boolean {
    return this.mempool.recount();
  }

  has(tx: Bytes): boolean {
    return this.mempool.has(tx);
  }

  /**
   * Passed on when it brought something new and nothing in it is bad whoever looks at it. Nobody honest passes
   * such a thing on, so the sender is blamed; the rest of what it sent is not looked at.
   */
  receive(peerId: string, txs: readonly Bytes[]): Verdict {
    let accepted = 0;
    for (const tx of txs) {
      try {
        const result = this.mempool.add(tx, peerId);
        if (result.code === 0) accepted += 1;
        else if (isProvablyBad(result)) return 'reject';
      } catch (error) {
        // Known already, too large, or no room: nobody's fault.
        if (!(error instanceof BitscaleError)) throw error;
      }
    }
    return accepted > 0 ? 'accept' : 'ignore';
  }

  onLocal(listener: (tx: Bytes) => void): void {
    this.mempool.onAdded((tx, from) => {
      // What does not fit gossip goes from node to node, and each must hand it on.
      if (from === undefined || tx.length > MAX_GOSSIP_TX_BYTES) listener(tx);
    });
  }
}

/** Unreadable, or signed by somebody else: no state of the chain makes it good. */
function isProvablyBad({ code, codespace }: CheckTxResult): boolean {
  return [TX_DECODE, UNAUTHORIZED].some((kind) => {
    return kind.code === code && kind.codespace === codespace;
  });
}
