/**
 * Waits for a receipt by asking for it. ethers' own wait() listens for the block after the one it has
 * seen, and never returns on an L1 that mines only when there is a transaction, if that is just mined.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Provider, TransactionReceipt } from 'ethers';

const POLL_MS = 25;

/** The receipt of a transaction that was sent, whatever its status. */
export async function mined(provider: Provider, hash: string): Promise<TransactionReceipt> {
  for (;;) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) return receipt;
    await delay(POLL_MS);
  }
}
