/** What the transaction rules need from the modules that keep accounts and coins. */
import type { Bytes } from '../base/bytes.ts';
import type { Coin } from '../base/coin.ts';
import type { Context } from './context.ts';
import type { PublicKey } from './public-key.ts';
import type { TxMessage } from './tx.ts';

export interface Account {
  readonly address: Bytes;
  /** Absent until the account signs for the first time. */
  readonly pubKey?: PublicKey;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

export interface TxParams {
  readonly maxMemoCharacters: bigint;
  readonly txSigLimit: bigint;
  readonly txSizeCostPerByte: bigint;
  readonly sigVerifyCostEd25519: bigint;
  readonly sigVerifyCostSecp256k1: bigint;
}

/** Unordered transactions, remembered until they have timed out. */
export interface UnorderedNonces {
  /** `timeout` in nanoseconds since 1970. False when this signer has used it before. */
  add(context: Context, signer: Bytes, timeout: bigint): boolean;
}

export interface AccountKeeper {
  /** Undefined: every transaction has a sequence. */
  readonly nonces?: UnorderedNonces | undefined;
  txParams(context: Context): TxParams;
  account(context: Context, address: Bytes): Account | undefined;
  /** Stores the public key of `account`, just read, which has none yet. */
  setPubKey(context: Context, account: Account, pubKey: PublicKey): void;
  /** Adds one to the sequence of an account that exists. */
  incrementSequence(context: Context, address: Bytes): void;
}

export interface FeeKeeper {
  /** Moves the fee to the fee collector. Throws sdk/5 when the payer has too little. */
  payFee(context: Context, payer: Bytes, fee: readonly Coin[]): void;
}

export interface FeeUse {
  /** Pays. */
  readonly granter: Bytes;
  /** Would pay otherwise, and has signed. */
  readonly grantee: Bytes;
  /** Each amount as written in the transaction. */
  readonly fee: readonly Coin[];
  readonly msgs: readonly TxMessage[];
}

/** Who lets whom spend how much on fees. */
export interface FeeAllowances {
  /** Counts the fee against what the granter allows; moves nothing. Throws BitscaleError when it may not be. */
  use(context: Context, use: FeeUse): void;
}
