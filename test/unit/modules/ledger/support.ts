/** Random ledger histories, driven by a printed seed. */
import * as intents from '../../../../modules/ledger/intent.ts';
import { publicKey, secretFromSeed, type PublicKey } from '../../../../modules/ledger/schnorr.ts';
import type { Leaf } from '../../../../modules/ledger/tree.ts';
import * as transition from '../../../../modules/ledger/transition.ts';

export const DOMAIN = 0x1234567890abcdefn;

/** A small deterministic generator (mulberry32): the same seed gives the same history. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

export interface Wallet {
  readonly secret: bigint;
  readonly key: PublicKey;
}

export function wallet(n: number): Wallet {
  const secret = secretFromSeed(Uint8Array.of(n));
  return { secret, key: publicKey(secret) };
}

export class MemoryLeaves implements transition.LeafStore {
  readonly map = new Map<number, Leaf>();
  get(index: number): Leaf | undefined {
    return this.map.get(index);
  }
  set(index: number, leaf: Leaf): void {
    this.map.set(index, leaf);
  }
  total(token: bigint): bigint {
    let sum = 0n;
    for (const leaf of this.map.values()) if (leaf.token === token) sum += leaf.balance;
    return sum;
  }
}

export function intentFields(part: Partial<intents.IntentFields>): intents.IntentFields {
  return {
    op: intents.OP_TRANSFER,
    sIdx: 0n,
    rIdx: 0n,
    token: 1n,
    tokenOut: 0n,
    amount: 0n,
    amountOut: 0n,
    fee: 0n,
    nonce: 0n,
    expiry: 10_000n,
    memo: 0n,
    ...part,
  };
}

export function signed(owner: Wallet, part: Partial<intents.IntentFields>): transition.Operation {
  const intent = intents.signIntent(DOMAIN, owner.secret, owner.key, intentFields(part));
  const { quoteId: _, ...fields } = intent;
  return { ...fields, quoteIdx: 0n };
}

export function offer(
  owner: Wallet,
  part: Partial<intents.QuoteFields>,
): { id: string; quote: intents.Quote } {
  const fields = {
    inIdx: 0n,
    outIdx: 0n,
    tokenIn: 1n,
    tokenOut: 2n,
    nonce: 0n,
    uses: 100n,
    expiry: 10_000n,
    num: 1n,
    den: 1n,
    max: 1_000_000n,
    ...part,
  };
  const quote = intents.signQuote(DOMAIN, owner.secret, owner.key, fields);
  return { id: intents.hashId(intents.quoteHash(DOMAIN, quote)), quote };
}
