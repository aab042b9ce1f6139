/** What the rollup parts need from the rest of the node; the composition root passes it in. */
import type { Bytes } from '../base/bytes.ts';

/** The node's own mempool. */
export interface TxPool {
  /** Throws when the pool refuses; a code other than 0 is the application's refusal. */
  add(tx: Bytes): { readonly code: number; readonly log: string };
}

export interface OperatorAccount {
  /** The committed account; undefined when the chain does not know it. */
  read(address: string): Promise<{ accountNumber: bigint; sequence: bigint } | undefined>;
}

/** Holds the validator's L1 attestation key. */
export interface AttestationSigner {
  /** r, s, v: 65 bytes over the attestation digest of a batch. */
  sign(l1: { chainId: bigint; rollup: Bytes }, batch: bigint, rollingHash: Bytes): Bytes;
}
