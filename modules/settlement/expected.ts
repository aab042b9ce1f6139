/** What settlement needs from other modules; chain.ts passes the implementations. */
import type { Context } from '../../node/app/context.ts';
import type { Bytes } from '../../node/base/bytes.ts';

/** Who stands behind an attestation, and with how much. Any staking module can answer this. */
export interface StakeSource {
  /** Voting power of the bonded validator with this operator address (bytes); 0 when there is none. */
  powerOf(context: Context, operator: Bytes): bigint;
  totalPower(context: Context): bigint;
  /** Bonded tokens in uscale. */
  totalStake(context: Context): bigint;
}

/** The ledger whose batches are settled. */
export interface SettledLedger {
  deposit(
    context: Context,
    owner: { readonly ax: bigint; readonly ay: bigint },
    token: number,
    amount: bigint,
  ): number;
  /** Root after the newest sealed batch, and its number; 0 before the first. */
  root(context: Context): bigint;
  lastBatch(context: Context): bigint;
  sealIfOld(context: Context, maxAgeSeconds: bigint): void;
  openBatch(context: Context): { readonly operations: readonly unknown[] } | undefined;
}

/** A batch as the ledger hands it over in the moment it is sealed. */
export interface SealedBatch {
  readonly number: bigint;
  readonly time: bigint;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  readonly publicWords: readonly bigint[];
  /** keccak256 chain over the headers up to this batch, given the one before. */
  rollingHash(before: Bytes): Bytes;
  readonly operations: number;
  /** Sum of the amounts moved, micro-units. */
  readonly value: bigint;
  /** Encoded BatchContent: what a prover needs. */
  readonly content: Bytes;
}
