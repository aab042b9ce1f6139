/** The few raw calls that the local network makes to its L1. */
import { pause } from './waiting.ts';

let nextId = 1;

/** One JSON-RPC call; throws when the answer is an error or nobody answers. */
export async function callL1(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: nextId++, method, params });
  const headers = { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(5_000);
  const reply = await fetch(url, { method: 'POST', headers, body, signal });
  const { result, error } = (await reply.json()) as {
    result?: unknown;
    error?: { message: string };
  };
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** Waits until L1 answers. */
export async function waitForL1(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await callL1(url, 'eth_chainId');
      return;
    } catch {
      await pause(100, signal);
    }
  }
}

/** From now on one block every `seconds`, whether there are transactions or not. */
export async function mineEvery(url: string, seconds: number): Promise<void> {
  await callL1(url, 'evm_setIntervalMining', seconds);
}

export async function setBalance(url: string, address: string, wei: bigint): Promise<void> {
  await callL1(url, 'anvil_setBalance', address, `0x${wei.toString(16)}`);
}
