/** What the user may choose about the local network. */

export interface LocalOptions {
  readonly validators: number;
  readonly accounts: number;
  /** Least time between blocks; 0 is as fast as consensus goes. */
  readonly blockTimeMs: number;
  readonly l1: boolean;
  readonly provers: number;
  /** Words of the proving program, with {zkey} {wtns} {proof} {public}; undefined for snarkjs. */
  readonly proverCommand?: readonly string[];
}

export const MAX_LOCAL_VALIDATORS = 31;
export const MAX_LOCAL_ACCOUNTS = 10_000;
