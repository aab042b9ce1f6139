/** Transactions as they were recorded, good and bad. */
import { readFileSync } from 'node:fs';
import { fromHex, type Bytes } from '../../node/base/bytes.ts';

interface Recording {
  readonly chain_id: string;
  readonly genesis: Record<string, unknown>;
  readonly txs: readonly { readonly tx_raw: string }[];
  readonly blocks: readonly Pick<Recording, 'txs'>[];
}

function read(name: string): Recording {
  const file = new URL(`../vectors/tx/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

/** The chain on which they were recorded. */
export function recordedChain(): {
  readonly chainId: string;
  readonly state: Record<string, unknown>;
} {
  const { chain_id: chainId, genesis } = read('results.json');
  const { auth, bank } = genesis;
  return { chainId, state: { auth, bank } };
}

export function recordedTxs(): readonly Bytes[] {
  const all = [read('signed.json'), ...read('results.json').blocks].flatMap(({ txs }) => txs);
  return all.map(({ tx_raw: hex }) => fromHex(hex)).filter(({ length }) => length > 0);
}
